/**
 * Memory for the large parts of answers, used again once an answer has gone out.
 *
 * Buffers that are left to the garbage collector cost twice: V8 collects everything for every few dozen megabytes of
 * them, and the system hands out and clears the same pages again and again.
 *
 * What comes back is moved into a new `ArrayBuffer`. Whatever view of it should still be about then has no bytes any
 * more: one answer never shows those of another.
 */

import { type Allocate } from './allocate';

/** Smaller ones are left to the garbage collector. */
const MIN_BYTES = 32 * 1024;

/** Sizes between two powers of two: batches of one table differ by little, and are to find each other's memory. */
const SIZE_STEPS = 16;

/** Milliseconds without an answer after which nothing is kept ready. */
const KEPT_MS = 30_000;

export class BufferPool {
  /** By size; the size that was used last comes last. */
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
    if (this.#readyBytes + size > this.maxReadyBytes) {
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
      while (other !== size && buffers.length > 0 && this.#readyBytes + size > this.maxReadyBytes) {
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

/** What one answer uses. Never released it is garbage like any other memory. */
export class AnswerBuffers {
  #taken: ArrayBuffer[] = [];
  #takenBytes = 0;

  constructor(private readonly pool: BufferPool) {}

  /** Bytes that are kept until the release, whoever still refers to them. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** See `Allocate`. */
  readonly take: Allocate = (bytes) => {
    if (bytes < MIN_BYTES) {
      return Buffer.allocUnsafe(bytes);
    }
    const buffer = this.pool.take(bytes);
    this.#taken.push(buffer);
    this.#takenBytes += buffer.byteLength;
    return new Uint8Array(buffer, 0, bytes);
  };

  /** To be called once nobody uses any of it, the system included. */
  release(): void {
    this.pool.give(this.#taken);
    this.#taken = [];
    this.#takenBytes = 0;
  }
}

function roundedUp(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes)) / SIZE_STEPS;
  return Math.ceil(bytes / step) * step;
}
