import { bytesOf, type HashKey, keyedPairHash, randomHashKey } from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { growInt32, takeInt32, zeroInt32 } from '../../observe/memory/typed-arrays';

/** Number of pairs for which memory is allocated at first. */
const FIRST_PAIRS = 64;

/** A lookup with more probes is treated as an attack. At a load factor of 1/2, random pairs need fewer. */
const MAX_PROBES = 128;

/**
 * Assigns numbers to distinct pairs of 32-bit integers, in the order of their first appearance: 0, 1, 2, ...
 *
 * A hash table with open addressing, in typed arrays. A `Map` would allocate a key for each row, and a result may have
 * hundreds of thousands of rows.
 *
 * Telemetry is not trusted: a sender may choose pairs that collide in the fast hash. So the probes of a lookup are
 * limited. Beyond the limit, the index switches to a keyed hash for the rest of its life. This keeps the time linear
 * for any pairs.
 */
export class PairIndex {
  readonly #memory: MemoryAccount;
  #firsts: Int32Array;
  #seconds: Int32Array;
  /** For each slot, the number of its pair plus 1; 0 if the slot is free. At least half of the slots are free. */
  #slots: Int32Array;
  #count = 0;
  #key: HashKey | undefined;

  /** @param memory Account of the query. */
  constructor(memory: MemoryAccount) {
    this.#memory = memory;
    this.#firsts = takeInt32(memory, FIRST_PAIRS);
    this.#seconds = takeInt32(memory, FIRST_PAIRS);
    this.#slots = zeroInt32(memory, FIRST_PAIRS * 2);
  }

  /** Number of distinct pairs. */
  get size(): number {
    return this.#count;
  }

  /** True after too many pairs collided in the fast hash. */
  get isKeyed(): boolean {
    return this.#key !== undefined;
  }

  first(id: number): number {
    return this.#firsts[id];
  }

  second(id: number): number {
    return this.#seconds[id];
  }

  /** The number of a pair of int32, or -1 for a new pair. */
  find(first: number, second: number): number {
    return this.#slots[this.#slotOf(first, second)] - 1;
  }

  /** The number of a pair of int32. A new pair gets the next number. */
  add(first: number, second: number): number {
    let slot = this.#slotOf(first, second);
    const known = this.#slots[slot];
    if (known !== 0) {
      return known - 1;
    }
    if (this.#count === this.#firsts.length) {
      this.#grow();
      slot = this.#freeSlot(first, second);
    }
    const id = this.#count++;
    this.#firsts[id] = first;
    this.#seconds[id] = second;
    this.#slots[slot] = id + 1;
    return id;
  }

  /** The slot that has the pair, else a free slot for it. Switches to the keyed hash if necessary. */
  #slotOf(first: number, second: number): number {
    const slot = this.#find(first, second);
    if (slot >= 0) {
      return slot;
    }
    this.#key = randomHashKey();
    this.#fillSlots(this.#slots.length);
    return this.#find(first, second);
  }

  #hash(first: number, second: number): number {
    return this.#key === undefined ? fastPairHash(first, second) : keyedPairHash(this.#key, first, second);
  }

  /** The slot that has the pair, else a free slot for it. -1 if the lookup exceeds the limit of the fast hash. */
  #find(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    const maxProbes = this.#key === undefined ? MAX_PROBES : this.#slots.length;
    let slot = this.#hash(first, second) & mask;
    for (let probe = 0; probe < maxProbes; probe++) {
      const id = this.#slots[slot] - 1;
      if (id < 0 || (this.#firsts[id] === first && this.#seconds[id] === second)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  #freeSlot(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(first, second) & mask;
    while (this.#slots[slot] !== 0) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const size = this.#firsts.length * 2;
    this.#firsts = growInt32(this.#memory, this.#firsts, size);
    this.#seconds = growInt32(this.#memory, this.#seconds, size);
    this.#fillSlots(size * 2);
  }

  #fillSlots(size: number): void {
    this.#memory.free(bytesOf(this.#slots));
    this.#slots = zeroInt32(this.#memory, size);
    for (let id = 0; id < this.#count; id++) {
      this.#slots[this.#freeSlot(this.#firsts[id], this.#seconds[id])] = id + 1;
    }
  }
}

/** A fast hash of two int32, without a key. */
export function fastPairHash(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  const hash = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

/**
 * Assigns numbers to distinct tuples of codes. A tuple has one code per column. For example, a set of labels is a
 * tuple.
 */
export class CodeTuples {
  readonly #width: number;
  readonly #memory: MemoryAccount;
  readonly #pairs: PairIndex[];

  /**
   * @param width  Number of codes in a tuple.
   * @param memory Account of the query.
   */
  constructor(width: number, memory: MemoryAccount) {
    this.#width = width;
    this.#memory = memory;
    this.#pairs = Array.from({ length: width }, () => new PairIndex(memory));
  }

  /** Number of distinct tuples. If there are no columns: 1, for the empty tuple. */
  get size(): number {
    return this.#pairs.at(-1)?.size ?? 1;
  }

  /** Returns the number of each row's tuple. The codes of the first column are overwritten. */
  add(codes: readonly Int32Array[], rows: number): Int32Array {
    const [ids = zeroInt32(this.#memory, rows)] = codes;
    codes.forEach((column, position) => {
      const pairs = this.#pairs[position];
      for (let row = 0; row < rows; row++) {
        ids[row] = pairs.add(position === 0 ? 0 : ids[row], column[row]);
      }
    });
    return ids;
  }

  /** The codes of a tuple. */
  codes(id: number): number[] {
    const codes: number[] = [];
    let at = id;
    for (let position = this.#width - 1; position >= 0; position--) {
      codes[position] = this.#pairs[position].second(at);
      at = this.#pairs[position].first(at);
    }
    return codes;
  }
}
