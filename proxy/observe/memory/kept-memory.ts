/**
 * The share of the memory budget for results that are kept after their query.
 *
 * A query never waits for this memory: when the budget is full, the holders drop what they keep. While memory is short,
 * nothing more is kept.
 */
import { type BufferPool, MIN_POOLED_BYTES } from './buffer-pool';

/** Bytes of the JavaScript objects of a buffer and of its message. */
const OBJECT_BYTES = 512;

/** The interface of the budget for kept memory. */
export interface KeptBudget {
  /** Bytes for all holders together. */
  totalBytes: number;
  /** True if the budget has room for more bytes now. */
  hasRoom(bytes: number): boolean;
  pool: Pick<BufferPool, 'take' | 'give' | 'sizeOf'>;
  /** Counts bytes. A negative number frees bytes. */
  count(bytes: number): void;
}

export class KeptMemory {
  readonly #budget: KeptBudget;
  /** Each frees what it keeps and nobody reads. */
  readonly #holders = new Set<() => void>();
  #heldBytes = 0;

  /** Called by the budget only. */
  constructor(budget: KeptBudget) {
    this.#budget = budget;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * @param dropAll Called when queries need the memory. Frees what is kept and not read at present.
   * @returns A function that ends the calls. Call it when the holder has freed its memory.
   */
  register(dropAll: () => void): () => void {
    this.#holders.add(dropAll);
    return () => this.#holders.delete(dropAll);
  }

  /** Counts memory that is allocated elsewhere, if there is room. @returns False if there is none. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#budget.totalBytes || !this.#budget.hasRoom(bytes)) {
      return false;
    }
    this.#heldBytes += bytes;
    this.#budget.count(bytes);
    return true;
  }

  /** Counts less. */
  free(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#budget.count(-bytes);
  }

  /** What a buffer of this length counts. */
  sizeOf(bytes: number): number {
    return OBJECT_BYTES + (bytes < MIN_POOLED_BYTES ? bytes : this.#budget.pool.sizeOf(bytes));
  }

  /** Allocates a buffer with arbitrary content, aligned to 8 bytes. @returns Undefined if there is no room. */
  takeBuffer(bytes: number): Uint8Array | undefined {
    if (!this.take(this.sizeOf(bytes))) {
      return undefined;
    }
    return bytes < MIN_POOLED_BYTES
      ? Buffer.allocUnsafeSlow(bytes)
      : new Uint8Array(this.#budget.pool.take(bytes), 0, bytes);
  }

  /**
   * Frees a buffer.
   *
   * @param isInUse True: its views stay valid. Otherwise those of a large buffer become empty.
   */
  freeBuffer(taken: Uint8Array, isInUse: boolean): void {
    const { length } = taken;
    if (length >= MIN_POOLED_BYTES && !isInUse) {
      this.#budget.pool.give([taken.buffer as ArrayBuffer]);
    }
    this.free(this.sizeOf(length));
  }

  /** Drops all that is kept and not read at present. Called by the budget when a query or a file needs memory. */
  dropAll(): void {
    this.#holders.forEach((dropAll) => dropAll());
  }
}
