/** Counts the memory of the JavaScript objects that are built from rows. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';

/** Bytes between two checks of the account. */
const STEP_BYTES = 1024 * 1024;

/**
 * Counts the JavaScript objects of one part of a result. Call `add` for each row, not for each batch, because one
 * dictionary value can become a large object in each row. Several parts may share one account.
 */
export class HeapCount {
  readonly #memory: MemoryAccount;
  #bytes = 0;
  #notedBytes = 0;

  /** @param memory Account of the result. */
  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** @throws {ProxyError} 'result_too_large' */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes - this.#notedBytes > STEP_BYTES) {
      this.note();
    }
  }

  /** Replaces the sum. @throws {ProxyError} 'result_too_large' */
  set(bytes: number): void {
    this.#bytes = bytes;
    this.note();
  }

  /**
   * Reports to the account the bytes that were added since the last call. Call this after the last row.
   *
   * @throws {ProxyError} 'result_too_large'
   */
  note(): void {
    this.#memory.noteMore(this.#bytes - this.#notedBytes);
    this.#notedBytes = this.#bytes;
    if (this.#memory.isBeyondLimit) {
      throw new ProxyError('result_too_large');
    }
  }
}

/** An estimate of the memory of JavaScript strings, in bytes. Strings may have two bytes per character. */
export function stringBytes(...strings: ReadonlyArray<string | undefined>): number {
  return strings.reduce((sum, string) => sum + (string?.length ?? 0) * 2, 0);
}
