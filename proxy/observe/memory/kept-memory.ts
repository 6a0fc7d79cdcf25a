/**
 * The share of the memory budget for results that are kept after their query.
 *
 * A query never waits for this memory: when the budget is full, the holders drop what they keep. While memory is short,
 * nothing more is kept.
 */

/** The interface of the budget for kept memory. */
export interface KeptBudget {
  /** Bytes for all holders together. */
  totalBytes: number;
  /** True if the budget has room for more bytes now. */
  hasRoom(bytes: number): boolean;
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

  /** Takes memory if there is room. @returns False if there is none. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#budget.totalBytes || !this.#budget.hasRoom(bytes)) {
      return false;
    }
    this.#heldBytes += bytes;
    this.#budget.count(bytes);
    return true;
  }

  free(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#budget.count(-bytes);
  }

  /** Drops all that is kept and not read at present. Called by the budget when a query or a file needs memory. */
  dropAll(): void {
    this.#holders.forEach((dropAll) => dropAll());
  }
}
