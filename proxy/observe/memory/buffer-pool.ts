/**
 * A pool of large buffers, which are reused after a result has been sent. Only memory accounts and `KeptMemory` use the
 * pool.
 *
 * Without a pool, V8 runs a full garbage collection for every few dozen megabytes of buffers. The operating system also
 * allocates and clears the pages of each new buffer.
 *
 * A returned buffer is transferred to a new `ArrayBuffer`. The transfer detaches all views of the old buffer, so a view
 * of an old result never shows bytes of a newer result.
 */

/** Smaller buffers are left to the garbage collector. */
export const MIN_POOLED_BYTES = 32 * 1024;

/** Number of sizes between two powers of two. Batches of one table differ slightly in size and should share buffers. */
const SIZE_STEPS = 16;

/** The pool is cleared if no buffer has been returned to it for this number of milliseconds. */
const KEPT_MS = 30_000;

/** The free buffers of one memory budget. */
export class BufferPool {
  readonly #maxReadyBytes: number;
  /** Free buffers by size, least recently used size first. */
  readonly #ready = new Map<number, ArrayBuffer[]>();
  #readyBytes = 0;
  readonly #clearing: NodeJS.Timeout;

  /** @param maxReadyBytes Limit for the free buffers, in bytes. */
  constructor(maxReadyBytes: number) {
    this.#maxReadyBytes = maxReadyBytes;
    this.#clearing = setTimeout(() => this.clear(), KEPT_MS).unref();
  }

  /** Bytes of the free buffers. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** Size of the buffer that `take` returns for this number of bytes. */
  sizeOf(bytes: number): number {
    return roundedUp(bytes);
  }

  /** @returns A buffer of at least this number of bytes, with arbitrary content. */
  take(bytes: number): ArrayBuffer {
    const size = roundedUp(bytes);
    const sameSize = this.#ready.get(size);
    const ready = sameSize?.pop();
    if (sameSize === undefined || ready === undefined) {
      return Buffer.allocUnsafeSlow(size).buffer;
    }
    this.#markUsed(size, sameSize);
    this.#readyBytes -= size;
    return ready;
  }

  /** Returns buffers to the pool. All views of them become empty. */
  give(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      this.#keep(buffer);
    }
    if (buffers.length > 0) {
      this.#clearing.refresh();
    }
  }

  /** Drops all free buffers. */
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
    this.#markUsed(size, sameSize);
    this.#readyBytes += size;
  }

  /** Drops buffers of the least recently used sizes until a buffer of this size fits. */
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

  #markUsed(size: number, buffers: ArrayBuffer[]): void {
    this.#ready.delete(size);
    this.#ready.set(size, buffers);
  }
}

function roundedUp(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / SIZE_STEPS;
  return Math.ceil(bytes / step) * step;
}
