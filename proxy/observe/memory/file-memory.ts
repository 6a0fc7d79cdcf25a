/**
 * The share of the memory budget for files: images and Perfetto traces, which are sent as fast as the caller reads
 * them.
 *
 * The bytes of a file are reserved before the file is read, and count against the budget until the file has ended. The
 * share leaves room for the favoured query (see `memory-budget.ts`), so a caller that stops reading a file can block
 * other files, but never the favoured query. Files that wait hold no memory.
 */
import { startSystemTimer } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Ledger, MemoryAccount, type WaitLimits } from './memory-account';

/** What `FileMemory` needs of the budget. */
export interface FileBudget {
  /** Bytes for all files together. */
  totalBytes: number;
  /** Bytes that may arrive from a server before the backend reads them. */
  aheadBytes: number;
  ledger: Pick<Ledger, 'heapWeight' | 'pool' | 'now' | 'nextNumber'>;
  /** True if the budget has room for more bytes now. */
  hasRoom(bytes: number): boolean;
  /** Counts bytes. A negative number frees bytes. */
  count(bytes: number): void;
}

interface Waiter {
  bytes: number;
  admit(): void;
}

/** The memory of all files. Each budget has one such object, `MemoryBudget.files`. */
export class FileMemory {
  /** Bytes that all files together may reserve. */
  readonly totalBytes: number;
  readonly #budget: FileBudget;
  readonly #waiting: Waiter[] = [];
  #reserved = 0;

  /** Called by the budget only. */
  constructor(budget: FileBudget) {
    this.totalBytes = budget.totalBytes;
    this.#budget = budget;
  }

  /** Bytes that all files have reserved. */
  get reservedBytes(): number {
    return this.#reserved;
  }

  /** Number of waiting files. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Reserves memory for one file, and waits until there is room.
   *
   * @param bytes Maximum bytes that the file may hold. A number above the share is reduced to the share.
   * @throws {ProxyError} 'memory_busy' at the limit, 'query_cancelled' when the signal aborts.
   */
  async reserve(bytes: number, limits: WaitLimits): Promise<ReservedMemory> {
    const size = Math.min(bytes, this.totalBytes);
    if (limits.signal.aborted) {
      throw new ProxyError('query_cancelled');
    }
    if (this.#waiting.length > 0 || !this.#fits(size)) {
      await this.#wait(size, limits);
    } else {
      this.#count(size);
    }
    const memory = new ReservedMemory(size, this.#budget, (change) => this.#count(change));
    // The signal can abort between the admission and this line.
    if (limits.signal.aborted) {
      memory.close();
      throw new ProxyError('query_cancelled');
    }
    return memory;
  }

  /** Admits waiting files in their order while there is room. Called by the budget when memory was freed. */
  admitWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      next.admit();
    }
  }

  #fits(bytes: number): boolean {
    return this.#reserved + bytes <= this.totalBytes && this.#budget.hasRoom(bytes);
  }

  #count(change: number): void {
    this.#reserved += change;
    this.#budget.count(change);
  }

  #wait(bytes: number, { signal, limitMs }: WaitLimits): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = () => {
      cancelTimer();
      signal.removeEventListener('abort', cancelled);
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    };
    const fail = (reason: ProxyError) => {
      end();
      reject(reason);
      this.admitWaiting();
    };
    const waiter: Waiter = {
      bytes,
      admit: () => {
        end();
        this.#count(bytes);
        resolve();
      },
    };
    const cancelled = () => fail(new ProxyError('query_cancelled'));
    const detail = 'Other files and queries held the memory until the time limit of the file.';
    const cancelTimer = startSystemTimer(() => fail(new ProxyError('memory_busy', { detail })), limitMs);
    signal.addEventListener('abort', cancelled, { once: true });
    this.#waiting.push(waiter);
    return promise;
  }
}

/** The memory that one file has reserved. */
export class ReservedMemory {
  /** Takes memory from the reservation. @throws {ProxyError} 'result_too_large' if the reservation is used up. */
  readonly account: MemoryAccount;
  readonly #count: (change: number) => void;
  #reserved: number;

  /** Called by `FileMemory` only. */
  constructor(bytes: number, { ledger, aheadBytes }: FileBudget, count: (change: number) => void) {
    this.#reserved = bytes;
    this.#count = count;
    this.account = new MemoryAccount({
      heapWeight: ledger.heapWeight,
      pool: ledger.pool,
      now: () => ledger.now(),
      nextNumber: () => ledger.nextNumber(),
      accountBytes: bytes,
      finishingBytes: bytes,
      mostBytes: bytes,
      aheadBytes: Math.min(aheadBytes, Math.floor(bytes / 2)),
      // The budget already counts the whole reservation.
      count: () => undefined,
      wait: ({ account, bytes: wanted }) => {
        account.admit(wanted);
        return undefined;
      },
      changed: () => undefined,
      closed: () => undefined,
    });
  }

  /** Frees the memory that the account does not hold. Call this when the account has stopped taking memory. */
  trim(): void {
    this.#shrink(this.account.totalBytes);
  }

  /** Frees all memory. No buffer may be in use. */
  close(): void {
    this.account.close();
    this.#shrink(0);
  }

  #shrink(bytes: number): void {
    const freed = this.#reserved - bytes;
    if (freed > 0) {
      this.#reserved = bytes;
      this.#count(-freed);
    }
  }
}
