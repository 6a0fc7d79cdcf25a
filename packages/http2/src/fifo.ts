/** Minimum number of consumed items before they are removed from the front of the array. */
const MIN_COMPACTED = 1024;

/**
 * A first-in, first-out queue. `push` and `shift` take amortized constant time. `Array.shift` takes linear time for an
 * array with tens of thousands of items, because it moves all other items.
 */
export class Fifo<T> {
  #items: Array<T | undefined> = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item that `shift` returns next; undefined when the queue is empty. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) {
      return undefined;
    }
    const item = this.#items[this.#head];
    // The queue keeps no reference to a consumed item.
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.clear();
    } else if (this.#head >= MIN_COMPACTED && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops the items for which `isKept` returns false. Takes linear time. */
  retain(isKept: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter((item) => item !== undefined && isKept(item));
    this.#head = 0;
  }

  forEach(visit: (item: T) => void): void {
    this.#items.forEach((item) => item !== undefined && visit(item));
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
