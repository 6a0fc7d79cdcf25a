/**
 * The share of the memory budget for results that are kept after their query.
 *
 * When a query or a file needs memory, all results that are kept are dropped. While queries wait for memory, no further
 * result is kept. When the share is full, the least recently used results are dropped.
 */
import { type BufferPool, MIN_POOLED_BYTES } from './buffer-pool';

/** Bytes of the JavaScript objects of a buffer and of its message. */
const OBJECT_BYTES = 512;

/** What `KeptMemory` needs of the budget. */
export interface KeptBudget {
  /** Bytes for all holders together. */
  totalBytes: number;
  /** True if the budget has room for more bytes now. */
  hasRoom(bytes: number): boolean;
  /** True while queries wait for memory. */
  isShort(): boolean;
  pool: Pick<BufferPool, 'take' | 'give' | 'sizeOf'>;
  /** Counts bytes. A negative number frees bytes. */
  count(bytes: number): void;
}

/**
 * Keeps results, and drops them when the budget needs memory. The memory of a dropped result is freed when its last
 * reader has ended.
 */
export interface KeptHolder {
  /** Drops all results. */
  dropAll(): void;
  /** Drops the least recently used result. */
  dropOldest(): void;
  /**
   * The number of the last use (`KeptMemory.nextUse`) of the least recently used result. Undefined: no result is kept.
   */
  oldestUse(): number | undefined;
}

/** One per budget, see `MemoryBudget.kept`. */
export class KeptMemory {
  readonly #budget: KeptBudget;
  readonly #holders = new Set<KeptHolder>();
  #heldBytes = 0;
  #uses = 0;

  /** Called by the budget only. */
  constructor(budget: KeptBudget) {
    this.#budget = budget;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** True while queries wait for memory. A result that becomes complete while queries wait is not kept. */
  get isShort(): boolean {
    return this.#budget.isShort();
  }

  /** @returns A function that removes the holder. Call it when the holder has freed its memory. */
  register(holder: KeptHolder): () => void {
    this.#holders.add(holder);
    return () => this.#holders.delete(holder);
  }

  /** Returns the number of a new use of a result: larger than the numbers of all earlier uses. */
  nextUse(): number {
    return this.#uses++;
  }

  /** Counts memory that is allocated elsewhere, if there is room. @returns False if there is no room. */
  take(bytes: number): boolean {
    if (!this.#budget.hasRoom(bytes) || !this.#makeRoom(bytes) || !this.#budget.hasRoom(bytes)) {
      return false;
    }
    this.#heldBytes += bytes;
    this.#budget.count(bytes);
    return true;
  }

  /** Subtracts bytes from the count. */
  free(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#budget.count(-bytes);
  }

  /** Number of bytes that are counted for a buffer of this length. */
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
   * @param isInUse True: views of the buffer stay valid. False: the views of a large buffer become empty.
   */
  freeBuffer(taken: Uint8Array, isInUse: boolean): void {
    const { length } = taken;
    if (length >= MIN_POOLED_BYTES && !isInUse) {
      this.#budget.pool.give([taken.buffer as ArrayBuffer]);
    }
    this.free(this.sizeOf(length));
  }

  /** Makes all holders drop their results. Called by the budget when a query or a file needs memory. */
  dropAll(): void {
    this.#holders.forEach((holder) => holder.dropAll());
  }

  /**
   * Drops results, the least recently used first, until the share has room. @returns False if the share still has no
   * room.
   */
  #makeRoom(bytes: number): boolean {
    const mostBytes = this.#budget.totalBytes - bytes;
    while (mostBytes >= 0 && this.#heldBytes > mostBytes) {
      const holder = this.#leastRecent();
      if (holder === undefined) {
        break;
      }
      holder.dropOldest();
    }
    return this.#heldBytes <= mostBytes;
  }

  #leastRecent(): KeptHolder | undefined {
    let oldest = Infinity;
    let found: KeptHolder | undefined;
    for (const holder of this.#holders) {
      const use = holder.oldestUse() ?? Infinity;
      if (use < oldest) {
        [oldest, found] = [use, holder];
      }
    }
    return found;
  }
}
