/**
 * Limits the memory of all queries in flight together, and of the requests from Grafana.
 *
 * A query holds received and converted bytes until its result has been sent to Grafana or is dropped. While the budget
 * is full, no query reads from its server. HTTP/2 flow control applies backpressure to the servers, so waiting costs
 * nothing. Freed memory goes to the oldest query first.
 *
 * Three rules prevent a deadlock:
 *
 * 1. A query that holds half of the budget receives no more rows: its result is truncated.
 * 2. One of the receiving queries is favoured: the memory that it may still need is kept free until it ends, and it
 *    does not wait behind older queries. When it has ended, the oldest receiving query is favoured.
 * 3. The results of one call are returned together, so a finished query holds memory while other queries of its call
 *    wait. If no query can continue, the youngest waiting query that holds memory is rejected.
 *
 * Requests that exceed their share are rejected and do not wait, because a request must be read before its query is
 * known. Files and kept results have shares of their own, see `FileMemory` and `KeptMemory`.
 */
import { startSystemTimer } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { BufferPool } from './buffer-pool';
import { FileMemory } from './file-memory';
import { KeptMemory } from './kept-memory';
import { type AccountOptions, type Ledger, MemoryAccount, type MemoryRequest } from './memory-account';

interface MemoryBudgetOptions {
  /** Bytes for all queries, requests, files and kept results together. */
  totalBytes: number;
  /** The part of the budget that JavaScript objects may take. Default: all. */
  heapBytes?: number;
  /** Bytes that a server may send before they are requested, counted for each admitted query. Default: 0. */
  aheadBytes?: number;
  /** Called when a query is rejected because other queries hold the memory. */
  onRejected?: () => void;
  /** Called at the end of each wait, whether it succeeded or failed, with its milliseconds. */
  onWaited?: (durationMs: number) => void;
  /** Milliseconds of a monotonic clock. Default: `performance.now`. */
  now?: () => number;
}

/** Share of the budget for one query. */
const QUERY_SHARE = 0.5;

/** Limit for one query with a budget of any size: larger frames do not fit into a gRPC message in Go. */
const MAX_QUERY_BYTES = 2 ** 31;

/**
 * While a query finishes its result, its limit grows by this share. Receiving stops when the estimated size of the
 * finished result reaches the limit, and the estimate may be too low.
 */
const FINISHING_SHARE = 1 / 8;

/** Share of the budget for all requests, each from its first byte to the end of its call. */
const REQUEST_SHARE = 1 / 8;

/** Share of the budget for all files, over all data sources. */
const FILE_SHARE = 1 / 4;

/** Share of the budget for results that are kept after their query, over all data sources. */
const KEPT_SHARE = 1 / 4;

/** Limit for one request, compressed or uncompressed. Queries are small, and resource calls have almost no body. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Limits for the free buffers of the pool: a share of the budget, and bytes that suffice for a few results. */
const READY_SHARE = 1 / 8;
const MAX_READY_BYTES = 64 * 1024 * 1024;

/** One per process. */
export class MemoryBudget {
  readonly totalBytes: number;
  /** Limit for one query. */
  readonly queryBytes: number;
  /** Limit for all requests together. */
  readonly requestBytes: number;
  /** Memory of files that are sent as fast as the caller reads them. */
  readonly files: FileMemory;
  /** Memory of results that are kept after their query. */
  readonly kept: KeptMemory;
  /** Limit for one query while it finishes its result. */
  readonly #finishingBytes: number;
  readonly #queries: Ledger;
  readonly #requests: Ledger;
  readonly #onRejected: () => void;
  readonly #onWaited: (durationMs: number) => void;
  readonly #now: () => number;
  /** The account of each call, oldest first. */
  readonly #roots = new Set<MemoryAccount>();
  /** Waiting queries, the oldest first. */
  readonly #waiting: Waiter[] = [];
  #held = 0;
  #heldByRequests = 0;
  #opened = 0;
  /** The query that was favoured last. */
  #lastFavoured: MemoryAccount | undefined;
  #willCheckDeadlock = false;

  constructor(options: MemoryBudgetOptions) {
    const { totalBytes, heapBytes = totalBytes, aheadBytes = 0, now = () => performance.now() } = options;
    this.totalBytes = totalBytes;
    this.queryBytes = Math.min(Math.floor(totalBytes * QUERY_SHARE), MAX_QUERY_BYTES);
    this.#finishingBytes = Math.floor(this.queryBytes * (1 + FINISHING_SHARE));
    this.requestBytes = Math.floor(totalBytes * REQUEST_SHARE);
    this.#onRejected = options.onRejected ?? (() => undefined);
    this.#onWaited = options.onWaited ?? (() => undefined);
    this.#now = now;
    const ledger = {
      heapWeight: Math.max(1, totalBytes / heapBytes),
      pool: new BufferPool(Math.min(MAX_READY_BYTES, totalBytes * READY_SHARE)),
      now,
      nextNumber: () => this.#opened++,
      changed: () => this.#update(),
    };
    this.#queries = {
      ...ledger,
      accountBytes: this.queryBytes,
      finishingBytes: this.#finishingBytes,
      mostBytes: totalBytes,
      aheadBytes: Math.min(aheadBytes, Math.floor(this.queryBytes / 4)),
      count: (bytes) => this.#count(bytes),
      wait: (request) => this.#wait(request),
      closed: (account) => {
        this.#roots.delete(account);
        this.#update();
      },
    };
    this.#requests = {
      ...ledger,
      accountBytes: MAX_REQUEST_BYTES,
      finishingBytes: MAX_REQUEST_BYTES,
      mostBytes: this.requestBytes,
      aheadBytes: 0,
      count: (bytes) => this.#countRequest(bytes),
      wait: ({ account, bytes }) => {
        account.admit(bytes);
        return undefined;
      },
      closed: () => undefined,
    };
    this.kept = new KeptMemory({
      totalBytes: Math.floor(totalBytes * KEPT_SHARE),
      pool: ledger.pool,
      hasRoom: (bytes) => this.#waiting.length === 0 && this.#hasRoom(bytes),
      isShort: () => this.#waiting.length > 0,
      count: (bytes) => this.#count(bytes),
    });
    this.files = new FileMemory({
      totalBytes: Math.floor(totalBytes * FILE_SHARE),
      aheadBytes,
      ledger,
      hasRoom: (bytes) => this.#hasRoom(bytes) || (this.#dropKept() && this.#hasRoom(bytes)),
      count: (bytes) => this.#count(bytes),
    });
  }

  /** Bytes of all queries, requests, files and kept results. */
  get heldBytes(): number {
    return this.#held;
  }

  /** Number of waiting queries. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Opens the account of one call from Grafana, or of its only query. */
  open(options?: AccountOptions): MemoryAccount {
    const root = new MemoryAccount(this.#queries, options);
    this.#roots.add(root);
    return root;
  }

  /** Opens the account of one request. Its `take` fails with 'memory_busy' if the requests already hold their share. */
  openRequest(): MemoryAccount {
    return new MemoryAccount(this.#requests);
  }

  #count(bytes: number): void {
    this.#held += bytes;
    if (bytes < 0) {
      this.#update();
    }
  }

  #countRequest(bytes: number): void {
    if (bytes > 0 && this.#heldByRequests + bytes > this.requestBytes) {
      throw new ProxyError('memory_busy', { detail: 'Requests in flight hold the memory.' });
    }
    this.#heldByRequests += bytes;
    this.#count(bytes);
  }

  /** True if there is room for bytes that belong to no query. */
  #hasRoom(bytes: number): boolean {
    return this.#held + bytes + this.#keptFree(undefined) <= this.totalBytes;
  }

  /** Drops kept results. @returns True if this freed memory. */
  #dropKept(): boolean {
    const before = this.kept.heldBytes;
    if (before > 0) {
      this.kept.dropAll();
    }
    return this.kept.heldBytes < before;
  }

  #fits({ account, bytes }: Pick<MemoryRequest, 'account' | 'bytes'>): boolean {
    const needed = this.#held + bytes + account.neededBytes + this.#keptFree(account);
    return (
      needed <= this.totalBytes || (account === this.#favoured() && needed - this.#countedTwice() <= this.totalBytes)
    );
  }

  /**
   * Bytes that are counted twice. The favoured query does not wait because of these bytes. Other queries do, so that
   * the memory of the favoured query is still free when the servers have sent all bytes that they may send.
   */
  #countedTwice(): number {
    let bytes = 0;
    for (const { workers } of this.#roots) {
      bytes += workers.reduce((sum, { bytesCountedTwice }) => sum + bytesCountedTwice, 0);
    }
    return bytes;
  }

  /** The favoured query, see rule 2 above. Undefined while no query receives. */
  #favoured(): MemoryAccount | undefined {
    if (this.#lastFavoured?.isReceiving !== true) {
      this.#lastFavoured = this.#oldest((account) => account.isReceiving);
    }
    return this.#lastFavoured;
  }

  /**
   * Bytes that are kept free for the favoured query. 0 if `account` is the account of that query.
   *
   * @param account Undefined for bytes that belong to no query.
   */
  #keptFree(account: MemoryAccount | undefined): number {
    // If no query receives, memory is kept free for the oldest admitted query. Queries that have begun may take this
    // memory, because the oldest query must not block them. Queries that have not begun, files and kept results must
    // not take it.
    const begins = account === undefined || account.neededBytes > 0;
    const favoured = this.#favoured() ?? (begins ? this.#oldest((other) => other.isRunning) : undefined);
    return favoured === undefined || favoured === account ? 0 : Math.max(0, this.#finishingBytes - favoured.heldBytes);
  }

  #oldest(which: (account: MemoryAccount) => boolean): MemoryAccount | undefined {
    for (const root of this.#roots) {
      const found = root.workers.find(which);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #wait(request: MemoryRequest): Promise<void> | undefined {
    const { account, bytes } = request;
    const oldest = this.#waiting[0]?.account;
    const isNext = oldest === undefined || account.number <= oldest.number || account === this.#favoured();
    if (isNext && (this.#fits(request) || (this.#dropKept() && this.#fits(request)))) {
      account.admit(bytes);
      return undefined;
    }
    return this.#queue(request);
  }

  #queue({ account, bytes, isForMessage, signal, deadlineMs }: MemoryRequest): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const startedMs = this.#now();
    const end = () => {
      this.#onWaited(this.#now() - startedMs);
      cancelTimer();
      signal.removeEventListener('abort', cancelled);
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      account.endWait(isForMessage);
    };
    const waiter: Waiter = {
      account,
      bytes,
      admit: () => {
        end();
        account.admit(bytes);
        resolve();
      },
      fail: (error) => {
        end();
        reject(error);
      },
    };
    const cancelled = () => {
      waiter.fail(new ProxyError('query_cancelled'));
      this.#update();
    };
    const cancelTimer = startSystemTimer(
      () => this.#reject(account, 'The query waited for memory until its timeout.'),
      Math.max(0, deadlineMs - this.#now())
    );
    signal.addEventListener('abort', cancelled, { once: true });
    const position = this.#waiting.findIndex((other) => other.account.number > account.number);
    this.#waiting.splice(position < 0 ? this.#waiting.length : position, 0, waiter);
    account.beginWait(isForMessage);
    if (signal.aborted) {
      cancelled();
    } else {
      this.#update();
    }
    return promise;
  }

  /** Admits waiting queries while there is room. Finds deadlocks. */
  #update(): void {
    for (let next = this.#nextAdmitted(); next !== undefined; next = this.#nextAdmitted()) {
      next.admit();
    }
    this.files.admitWaiting();
    if (!this.#willCheckDeadlock && this.#isDeadlocked()) {
      // The check runs again after this turn of the event loop: a query that gets a message in this turn does not work
      // yet.
      this.#willCheckDeadlock = true;
      setImmediate(() => {
        this.#willCheckDeadlock = false;
        if (this.#isDeadlocked()) {
          this.#rejectYoungest();
        }
      });
    }
  }

  /**
   * The oldest waiting query, if there is room for it. If there is no room, the favoured query, because it must not
   * wait for an older query that has not begun.
   */
  #nextAdmitted(): Waiter | undefined {
    const [oldest] = this.#waiting;
    if (oldest === undefined || this.#fits(oldest)) {
      return oldest;
    }
    const favoured = this.#favoured();
    return favoured !== undefined && favoured.isWaiting
      ? this.#waiting.find((waiter) => waiter.account === favoured && this.#fits(waiter))
      : undefined;
  }

  /**
   * Rejects the youngest waiting query that holds memory. If none holds memory, rejects the youngest waiting query of a
   * call that holds memory. If all other queries of that call have ended, the rejection frees memory: the call can
   * return its results.
   */
  #rejectYoungest(): void {
    const youngest =
      this.#waiting.findLast(({ account }) => account.heldBytes > 0) ??
      this.#waiting.findLast(({ account }) => account.root.totalBytes > 0);
    if (youngest !== undefined) {
      this.#reject(youngest.account, 'Older queries hold the memory.');
    }
  }

  /**
   * Rejects a query with 'memory_busy': all waits of the query fail. A query can wait in two places, in the conversion
   * and in the assembler of the next message, and ends only when both waits have failed.
   */
  #reject(account: MemoryAccount, detail: string): void {
    this.#onRejected();
    for (const waiter of this.#waiting.filter((other) => other.account === account)) {
      waiter.fail(new ProxyError('memory_busy', { detail }));
    }
  }

  /**
   * True in a deadlock: queries wait, no query works, and no call is complete. A query that has not begun counts as not
   * working, because it may wait for the slot or the result of a query that waits for memory.
   */
  #isDeadlocked(): boolean {
    return (
      this.#waiting.length > 0 &&
      [...this.#roots].every(
        ({ workers }) => workers.some(({ hasEnded }) => !hasEnded) && workers.every((worker) => !worker.isActive)
      )
    );
  }
}

interface Waiter extends Pick<MemoryRequest, 'account' | 'bytes'> {
  admit(): void;
  fail(error: ProxyError): void;
}
