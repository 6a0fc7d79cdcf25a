/**
 * Numbers pairs of 32-bit integers in the order of their first appearance: 0, 1, 2, ...
 *
 * Open addressing over typed arrays, because rows by the hundred thousand are looked up: a Map would box every key. Times
 * are pairs (two halves), and so are tuples of codes (what came before, next code).
 */
export class PairIndex {
  private firsts = new Int32Array(64);
  private seconds = new Int32Array(64);
  /** Number + 1 of the pair in each slot; 0 = free. Twice as many slots as pairs at least. */
  private slots = new Int32Array(128);
  private count = 0;

  /** Pairs seen so far. */
  get size(): number {
    return this.count;
  }

  first(id: number): number {
    return this.firsts[id] ?? 0;
  }

  second(id: number): number {
    return this.seconds[id] ?? 0;
  }

  /** The number of a pair, a new one if it was not seen before. Both halves are int32. */
  add(first: number, second: number): number {
    let slot = this.slotOf(first, second);
    const known = this.slots[slot] ?? 0;
    if (known !== 0) {
      return known - 1;
    }
    if (this.count === this.firsts.length) {
      this.grow();
      slot = this.slotOf(first, second);
    }
    const id = this.count++;
    this.firsts[id] = first;
    this.seconds[id] = second;
    this.slots[slot] = id + 1;
    return id;
  }

  private slotOf(first: number, second: number): number {
    const mask = this.slots.length - 1;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const id = (this.slots[slot] ?? 0) - 1;
      if (id < 0 || (this.firsts[id] === first && this.seconds[id] === second)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const size = this.firsts.length * 2;
    const { firsts, seconds } = this;
    this.firsts = new Int32Array(size);
    this.firsts.set(firsts);
    this.seconds = new Int32Array(size);
    this.seconds.set(seconds);
    this.slots = new Int32Array(size * 2);
    for (let id = 0; id < this.count; id++) {
      this.slots[this.slotOf(firsts[id] ?? 0, seconds[id] ?? 0)] = id + 1;
    }
  }
}
