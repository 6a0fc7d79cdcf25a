/**
 * Large buffers, used again once an answer has been sent. Only memory accounts use it.
 *
 * Buffers that are left to the garbage collector cost twice: V8 collects everything for every few dozen megabytes of
 * them, and the system allocates and clears the same pages again and again.
 *
 * A buffer that comes back is moved into a new `ArrayBuffer`. A view of the old one has no bytes from then on, so one
 * answer never shows the bytes of another.
 */

/** Smaller buffers are left to the garbage collector. */
export const MIN_POOLED_BYTES = 32 * 1024;

/** Sizes between two powers of two: batches of one table differ by little, and are to find each other's memory. */
const SIZE_STEPS = 16;

/** Milliseconds without an answer after which nothing is kept ready. */
const KEPT_MS = 30_000;

export class BufferPool {
  readonly #maxReadyBytes: number;
  /** By size; the size that was used last comes last. */
  readonly #ready = new Map<number, ArrayBuffer[]>();
  #readyBytes = 0;
  readonly #clearing: NodeJS.Timeout;

  /** @param maxReadyBytes Bytes that are kept ready at most. */
  constructor(maxReadyBytes: number) {
    this.#maxReadyBytes = maxReadyBytes;
    this.#clearing = setTimeout(() => this.clear(), KEPT_MS).unref();
  }

  /** Bytes that wait to be used. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Bytes of the buffer that `take` gives for so many bytes. */
  sizeOf(bytes: number): number {
    return roundedUp(bytes);
  }

  /** @returns A buffer of at least so many bytes. */
  take(bytes: number): ArrayBuffer {
    const size = roundedUp(bytes);
    const sameSize = this.#ready.get(size);
    const ready = sameSize?.pop();
    if (sameSize === undefined || ready === undefined) {
      return Buffer.allocUnsafeSlow(size).buffer;
    }
    this.#usedNow(size, sameSize);
    this.#readyBytes -= size;
    return ready;
  }

  /** Takes buffers back. All views of them are empty from now on. */
  give(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      this.#keep(buffer);
    }
    if (buffers.length > 0) {
      this.#clearing.refresh();
    }
  }

  /** Gives everything that is ready back to the system. */
  clear(): void {
    this.#ready.clear();
    this.#readyBytes = 0;
  }

  #keep(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    this.#dropOthers(size);
    if (this.#readyBytes + size > this.#maxReadyBytes) {
      buffer.transfer(0);
      return;
    }
    const sameSize = this.#ready.get(size) ?? [];
    sameSize.push(buffer.transfer());
    this.#usedNow(size, sameSize);
    this.#readyBytes += size;
  }

  /** Makes room for a buffer of this size at the cost of sizes that nobody has used for longest. */
  #dropOthers(size: number): void {
    for (const [other, buffers] of this.#ready) {
      while (other !== size && buffers.length > 0 && this.#readyBytes + size > this.#maxReadyBytes) {
        buffers.pop()?.transfer(0);
        this.#readyBytes -= other;
      }
      if (buffers.length === 0) {
        this.#ready.delete(other);
      }
    }
  }

  #usedNow(size: number, buffers: ArrayBuffer[]): void {
    this.#ready.delete(size);
    this.#ready.set(size, buffers);
  }
}

function roundedUp(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / SIZE_STEPS;
  return Math.ceil(bytes / step) * step;
}
