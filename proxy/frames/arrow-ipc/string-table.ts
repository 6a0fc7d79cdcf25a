import { randomInt } from 'node:crypto';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { growInt32, takeInt32, zeroInt32 } from '../../observe/memory/typed-arrays';
import { ByteSink } from './byte-sink';
import { type HashKey, keyedHash, randomHashKey } from './keyed-hash';
import { bytesOf } from './vector';

/** Number of bytes, and of strings, for which memory is allocated at first. */
const FIRST_BYTES = 4096;
const FIRST_STRINGS = 64;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Random for each process, so that values that collide in one process do not collide in another. */
const PROCESS_SEED = randomInt(2 ** 32);

/** A lookup with more probes is treated as an attack. At a load factor of 1/2, random values need fewer. */
const MAX_PROBES = 128;

/**
 * A lookup compares all values that have the same hash. More than this number of other values with the same hash are
 * treated as an attack.
 */
const MAX_EQUAL_HASHES = 4;

/**
 * A hash like FNV-1a of the bytes from `start` (inclusive) to `end` (exclusive), as an int32. With the default seed, a
 * string has the same hash in every process.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed = FNV_OFFSET): number {
  let hash = seed;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ bytes[at], FNV_PRIME);
  }
  return hash ^ (hash >>> 15);
}

/**
 * Distinct byte strings, numbered from 0 in the order of their first appearance.
 *
 * A hash table with open addressing, in typed arrays. Each distinct string is stored once. A string that equals the
 * previous string is found by comparison, without a hash. A sender may choose values that collide in the fast hash, so
 * the probes of a lookup are limited. Beyond the limit, the table switches to a keyed hash for the rest of its life. So
 * the time is linear for any values.
 */
export class StringTable {
  readonly #memory: MemoryAccount;
  readonly #seed: number;
  readonly #store: ByteSink;
  #ends: Int32Array;
  #hashes: Int32Array;
  /** For each slot, the number of its string plus 1; 0 if the slot is free. At least half of the slots are free. */
  #slots: Int32Array;
  #count = 0;
  #last = -1;
  #key: HashKey | undefined;

  /**
   * @param memory Account of the query.
   * @param seed   Seed of the fast hash, for tests.
   */
  constructor(memory: MemoryAccount, seed = PROCESS_SEED) {
    this.#memory = memory;
    this.#seed = seed;
    this.#store = new ByteSink(memory, FIRST_BYTES);
    this.#ends = takeInt32(memory, FIRST_STRINGS);
    this.#hashes = takeInt32(memory, FIRST_STRINGS);
    this.#slots = zeroInt32(memory, FIRST_STRINGS * 2);
  }

  /** Number of distinct byte strings. */
  get size(): number {
    return this.#count;
  }

  /** True after too many values collided in the fast hash. */
  get isKeyed(): boolean {
    return this.#key !== undefined;
  }

  /** Number of the byte string from `start` (inclusive) to `end` (exclusive). A new string gets the next number. */
  add(source: Uint8Array, start: number, end: number): number {
    if (this.#last >= 0 && this.#equals(this.#last, source, start, end)) {
      return this.#last;
    }
    let hash = this.#hash(source, start, end);
    let slot = this.#find(hash, source, start, end);
    if (slot < 0) {
      this.#switchToKeyedHash();
      hash = this.#hash(source, start, end);
      slot = this.#find(hash, source, start, end);
    }
    const known = this.#slots[slot] - 1;
    if (known >= 0) {
      this.#last = known;
      return known;
    }
    if (this.#count === this.#ends.length) {
      this.#grow();
      slot = this.#freeSlot(hash);
    }
    const id = this.#count++;
    this.#store.copy(source, start, end);
    this.#ends[id] = this.#store.length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#last = id;
    return id;
  }

  /** Sum of the lengths of all distinct strings. */
  get byteLength(): number {
    return this.#store.length;
  }

  /** Frees the memory. The table must not be used afterwards. */
  free(): void {
    this.#store.free();
    [this.#ends, this.#hashes, this.#slots].forEach((numbers) => this.#memory.free(bytesOf(numbers)));
  }

  /** The byte string with this number. The view is valid until the next `add`. */
  bytes(id: number): Uint8Array {
    return this.#store.written.subarray(this.#startOf(id), this.#ends[id]);
  }

  #startOf(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1];
  }

  #hash(source: Uint8Array, start: number, end: number): number {
    return this.#key === undefined
      ? hashBytes(source, start, end, this.#seed)
      : keyedHash(this.#key, source, start, end);
  }

  /** The slot that has the bytes, else a free slot for them. -1 if the lookup exceeds the limits of the fast hash. */
  #find(hash: number, source: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    const maxProbes = this.#key === undefined ? MAX_PROBES : this.#slots.length;
    let equalHashes = 0;
    for (let probe = 0, slot = hash & mask; probe < maxProbes; probe++, slot = (slot + 1) & mask) {
      const id = this.#slots[slot] - 1;
      if (id < 0) {
        return slot;
      }
      if (this.#hashes[id] === hash) {
        if (this.#equals(id, source, start, end)) {
          return slot;
        }
        if (++equalHashes > MAX_EQUAL_HASHES && this.#key === undefined) {
          return -1;
        }
      }
    }
    return -1;
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#startOf(id);
    const size = end - start;
    if (this.#ends[id] - from !== size) {
      return false;
    }
    const stored = this.#store.written;
    for (let index = 0; index < size; index++) {
      if (stored[from + index] !== source[start + index]) {
        return false;
      }
    }
    return true;
  }

  #switchToKeyedHash(): void {
    this.#key = randomHashKey();
    for (let id = 0; id < this.#count; id++) {
      this.#hashes[id] = keyedHash(this.#key, this.#store.written, this.#startOf(id), this.#ends[id]);
    }
    this.#fillSlots(this.#slots.length);
  }

  #grow(): void {
    const size = this.#ends.length * 2;
    this.#ends = growInt32(this.#memory, this.#ends, size);
    this.#hashes = growInt32(this.#memory, this.#hashes, size);
    this.#fillSlots(size * 2);
  }

  #fillSlots(size: number): void {
    this.#memory.free(bytesOf(this.#slots));
    this.#slots = zeroInt32(this.#memory, size);
    for (let id = 0; id < this.#count; id++) {
      this.#slots[this.#freeSlot(this.#hashes[id])] = id + 1;
    }
  }
}
