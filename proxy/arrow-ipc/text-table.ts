import { ByteSink } from './byte-sink';

/** FNV-1a over the bytes from `start` to before `end`, as an int32. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}

/**
 * Distinct byte strings, numbered from 0 in the order of their first appearance.
 *
 * Open addressing over typed arrays: each distinct string is hashed and stored once, one that repeats the string before it
 * is found by comparing.
 */
export class TextTable {
  private readonly store = new ByteSink(4096);
  private ends = new Int32Array(64);
  private hashes = new Int32Array(64);
  private slots = new Int32Array(128);
  private count = 0;
  private last = -1;

  /** Byte strings seen so far. */
  get size(): number {
    return this.count;
  }

  /** The number of the bytes from `start` to before `end`, a new one if they were not seen before. */
  add(source: Uint8Array, start: number, end: number): number {
    if (this.last >= 0 && this.equals(this.last, source, start, end)) {
      return this.last;
    }
    const hash = hashBytes(source, start, end);
    let slot = this.find(hash, source, start, end);
    const known = (this.slots[slot] ?? 0) - 1;
    if (known >= 0) {
      this.last = known;
      return known;
    }
    if (this.count === this.ends.length) {
      this.grow();
      slot = this.find(hash, source, start, end);
    }
    const id = this.count++;
    this.store.copy(source, start, end);
    this.ends[id] = this.store.length;
    this.hashes[id] = hash;
    this.slots[slot] = id + 1;
    this.last = id;
    return id;
  }

  /** The bytes of a number, valid until the next `add`. */
  bytes(id: number): Uint8Array {
    return this.store.written.subarray(this.startOf(id), this.ends[id]);
  }

  private startOf(id: number): number {
    return id === 0 ? 0 : (this.ends[id - 1] ?? 0);
  }

  private find(hash: number, source: Uint8Array, start: number, end: number): number {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = (this.slots[slot] ?? 0) - 1;
      if (id < 0 || (this.hashes[id] === hash && this.equals(id, source, start, end))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.startOf(id);
    const size = end - start;
    if ((this.ends[id] ?? 0) - from !== size) {
      return false;
    }
    const stored = this.store.written;
    for (let index = 0; index < size; index++) {
      if (stored[from + index] !== source[start + index]) {
        return false;
      }
    }
    return true;
  }

  private grow(): void {
    const size = this.ends.length * 2;
    const { ends, hashes } = this;
    this.ends = new Int32Array(size);
    this.ends.set(ends);
    this.hashes = new Int32Array(size);
    this.hashes.set(hashes);
    this.slots = new Int32Array(size * 2);
    for (let id = 0; id < this.count; id++) {
      let slot = (hashes[id] ?? 0) & (size * 2 - 1);
      while (this.slots[slot] !== 0) {
        slot = (slot + 1) & (size * 2 - 1);
      }
      this.slots[slot] = id + 1;
    }
  }
}
