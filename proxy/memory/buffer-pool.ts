/**
 * Memory for the large parts of answers, used again once an answer has gone out.
 *
 * Buffers that are left to the garbage collector cost twice: V8 collects everything for every few dozen megabytes of
 * them, and the system hands out and clears the same pages again and again.
 *
 * What comes back is moved into a new `ArrayBuffer`. Whatever view of it should still be about then has no bytes any
 * more: one answer never shows those of another.
 */

/** Smaller ones are left to the garbage collector. */
const MIN_BYTES = 32 * 1024;

/** Sizes between two powers of two: batches of one table differ by little, and are to find each other's memory. */
const SIZE_STEPS = 8;

/** Milliseconds without an answer after which nothing is kept ready. */
const KEPT_MS = 30_000;

/** Gives memory with arbitrary content, at an address that is a multiple of 8. */
export interface Buffers {
  take(bytes: number): Uint8Array;
}

export class BufferPool {
  readonly #ready = new Map<number, ArrayBuffer[]>();
  #readyBytes = 0;
  readonly #clearing: NodeJS.Timeout;

  /** @param maxReadyBytes Bytes that are kept ready at most. */
  constructor(private readonly maxReadyBytes: number) {
    this.#clearing = setTimeout(() => this.clear(), KEPT_MS).unref();
  }

  /** Bytes that wait to be used. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** The memory of one answer. */
  open(): AnswerBuffers {
    return new AnswerBuffers(this);
  }

  /** @returns A buffer of at least so many bytes. */
  take(bytes: number): ArrayBuffer {
    const size = roundedUp(bytes);
    const ready = this.#ready.get(size)?.pop();
    if (ready === undefined) {
      return Buffer.allocUnsafeSlow(size).buffer;
    }
    this.#readyBytes -= size;
    return ready;
  }

  /** Takes buffers back. All views of them are empty from now on. */
  give(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      this.#keep(buffer);
    }
    this.#clearing.refresh();
  }

  /** Gives everything that is ready back to the system. */
  clear(): void {
    this.#ready.clear();
    this.#readyBytes = 0;
  }

  #keep(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    if (this.#readyBytes + size > this.maxReadyBytes) {
      buffer.transfer(0);
      return;
    }
    const moved = buffer.transfer();
    const sameSize = this.#ready.get(size);
    if (sameSize === undefined) {
      this.#ready.set(size, [moved]);
    } else {
      sameSize.push(moved);
    }
    this.#readyBytes += size;
  }
}

/** What one answer uses. Never released it is garbage like any other memory. */
export class AnswerBuffers implements Buffers {
  #taken: ArrayBuffer[] = [];

  constructor(private readonly pool: BufferPool) {}

  take(bytes: number): Uint8Array {
    if (bytes < MIN_BYTES) {
      return Buffer.allocUnsafe(bytes);
    }
    const buffer = this.pool.take(bytes);
    this.#taken.push(buffer);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** To be called once nobody uses any of it, the system included. */
  release(): void {
    this.pool.give(this.#taken);
    this.#taken = [];
  }
}

function roundedUp(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / SIZE_STEPS;
  return Math.ceil(bytes / step) * step;
}
