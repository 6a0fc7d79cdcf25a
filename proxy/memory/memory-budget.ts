/**
 * How much memory all queries in flight may hold together, and the requests that ask for them.
 *
 * A query holds what it has received and what was made of it, until its answer has been sent to Grafana or is dropped.
 * While the budget is full nobody receives: a query that does not pull applies backpressure to its server, by the flow
 * control of HTTP/2, and costs nothing meanwhile. Memory that becomes free goes to the oldest query first.
 *
 * Three rules keep that from standing still. No query may hold more than half of the budget: its answer is truncated there,
 * so one careless query cannot hold up the others for ever. What one of those that receive may still need of its half is
 * kept free of the others, so it reaches its end, and after it the oldest of the others. And when all that hold something
 * wait for more nevertheless, since queries of one call leave together, the youngest of them is refused: what it held lets
 * the others end.
 *
 * Requests are refused, not held back, where they take more than their share: they come before any query is known.
 */
import { ProxyError } from '../errors/proxy-error';
import { BufferPool } from './buffer-pool';
import { type AccountOptions, type Ledger, MemoryAccount, type WaitLimits } from './memory-account';

export interface MemoryBudgetOptions {
  /** Bytes for all queries together. */
  totalBytes: number;
  /** How much of that may be JavaScript objects, whose space has a limit of its own. Missing: all of it. */
  heapBytes?: number;
  /** What a server may send ahead to a query that does not ask: held for each that receives. Missing: nothing. */
  aheadBytes?: number;
  /** Called when a query is refused, since others hold the memory. */
  onRefused?: () => void;
  /** Milliseconds since 1970. Missing: the system's clock. */
  now?: () => number;
}

/** The share of the budget that one query may hold. */
const QUERY_SHARE = 0.5;

/** More than any frame holds: gRPC and Go count in 32 bits. */
const MAX_QUERY_BYTES = 2 ** 31;

/** What finishing an answer may take beyond that, as a share of it: an estimate says when receiving has to end. */
const FINISHING_SHARE = 1 / 8;

/** The share of the budget that all requests may hold, from their first byte to the end of their call. */
const REQUEST_SHARE = 1 / 8;

/** Longest request, compressed or not. Queries are small; resource calls have no body to speak of. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Memory that is kept ready for the next answers: a part of the budget, and no more than a few answers need. */
const READY_SHARE = 1 / 8;
const MAX_READY_BYTES = 64 * 1024 * 1024;

/** Timers count in 32 bits; beyond that they go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class MemoryBudget {
  readonly totalBytes: number;
  /** Bytes that one query may hold. */
  readonly queryBytes: number;
  /** Bytes that all requests may hold together. */
  readonly requestBytes: number;
  /** Bytes that one query may hold while it finishes its answer. */
  readonly #finishingBytes: number;
  readonly #queries: Ledger;
  readonly #requests: Ledger;
  readonly #onRefused: () => void;
  readonly #now: () => number;
  /** One for each call, oldest first. */
  readonly #roots = new Set<MemoryAccount>();
  /** Oldest query first. */
  readonly #waiting: Waiter[] = [];
  #held = 0;
  #heldByRequests = 0;
  #opened = 0;
  /** The query that comes to its end next: what it may still need is kept free of the others. */
  #favoured: MemoryAccount | undefined;

  constructor(options: MemoryBudgetOptions) {
    const { totalBytes, heapBytes = totalBytes, aheadBytes = 0, onRefused = () => undefined, now = Date.now } = options;
    this.totalBytes = totalBytes;
    this.queryBytes = Math.min(Math.floor(totalBytes * QUERY_SHARE), MAX_QUERY_BYTES);
    this.#finishingBytes = Math.floor(this.queryBytes * (1 + FINISHING_SHARE));
    this.requestBytes = Math.floor(totalBytes * REQUEST_SHARE);
    this.#onRefused = onRefused;
    this.#now = now;
    const ledger = {
      heapWeight: Math.max(1, totalBytes / heapBytes),
      pool: new BufferPool(Math.min(MAX_READY_BYTES, totalBytes * READY_SHARE)),
      nextNumber: () => this.#opened++,
      changed: () => this.#look(),
    };
    this.#queries = {
      ...ledger,
      accountBytes: this.queryBytes,
      finishingBytes: this.#finishingBytes,
      mostBytes: totalBytes,
      aheadBytes: Math.min(aheadBytes, Math.floor(this.queryBytes / 4)),
      count: (bytes) => this.#count(bytes),
      wait: (account, bytes, limits) => this.#wait(account, bytes, limits),
      closed: (account) => {
        this.#roots.delete(account);
        this.#look();
      },
    };
    this.#requests = {
      ...ledger,
      accountBytes: MAX_REQUEST_BYTES,
      finishingBytes: MAX_REQUEST_BYTES,
      mostBytes: this.requestBytes,
      aheadBytes: 0,
      count: (bytes) => this.#countRequest(bytes),
      wait: (account, bytes) => {
        account.admit(bytes);
        return undefined;
      },
      closed: () => undefined,
    };
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The memory of one call from Grafana, or of the one query in it. */
  open(options?: AccountOptions): MemoryAccount {
    const root = new MemoryAccount(this.#queries, options);
    this.#roots.add(root);
    return root;
  }

  /** The memory of one request as it arrives. Where requests hold their share already, taking fails with 'memory_busy'. */
  openRequest(): MemoryAccount {
    return new MemoryAccount(this.#requests);
  }

  #count(bytes: number): void {
    this.#held += bytes;
    if (bytes < 0) {
      this.#look();
    }
  }

  #countRequest(bytes: number): void {
    if (bytes > 0 && this.#heldByRequests + bytes > this.requestBytes) {
      throw new ProxyError('memory_busy', { detail: 'Requests that have not ended hold the memory.' });
    }
    this.#heldByRequests += bytes;
    this.#count(bytes);
  }

  #fits(account: MemoryAccount, bytes: number): boolean {
    return this.#held + bytes + account.neededBytes + this.#keptFree(account) <= this.totalBytes;
  }

  /** What must stay free for another query than this one. */
  #keptFree(account: MemoryAccount): number {
    if (this.#favoured?.isReceiving !== true) {
      this.#favoured = this.#oldest((other) => other.isReceiving);
    }
    // One whose server says nothing yet keeps nobody waiting, but too many are not to begin beside it.
    const begins = account.neededBytes > 0;
    const favoured = this.#favoured ?? (begins ? this.#oldest((other) => other.isRunning) : undefined);
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

  #wait(account: MemoryAccount, bytes: number, limits: WaitLimits): Promise<void> | undefined {
    const oldest = this.#waiting[0]?.account;
    if ((oldest === undefined || account.number <= oldest.number) && this.#fits(account, bytes)) {
      account.admit(bytes);
      return undefined;
    }
    return this.#queue(account, bytes, limits);
  }

  #queue(account: MemoryAccount, bytes: number, { signal, deadlineMs }: WaitLimits): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancelled);
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      account.waits--;
    };
    const waiter: Waiter = {
      account,
      bytes,
      go: () => {
        end();
        account.admit(bytes);
        resolve();
      },
      refuse: (detail) => {
        end();
        this.#onRefused();
        reject(new ProxyError('memory_busy', { detail }));
      },
    };
    const cancelled = () => {
      end();
      reject(new ProxyError('query_cancelled'));
      this.#look();
    };
    const timer = setTimeout(
      () => waiter.refuse('It waited for memory until its timeout.'),
      Math.min(Math.max(0, deadlineMs - this.#now()), LONGEST_TIMER_MS)
    ).unref();
    signal.addEventListener('abort', cancelled, { once: true });
    const behind = this.#waiting.findIndex((other) => other.account.number > account.number);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter);
    account.waits++;
    if (signal.aborted) {
      cancelled();
    } else {
      this.#look();
    }
    return promise;
  }

  /** Lets the oldest go on as far as there is room, and refuses the youngest when nobody can. */
  #look(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.account, next.bytes);) {
      next.go();
      next = this.#waiting[0];
    }
    if (this.#waiting.length > 0 && this.#isStuck()) {
      // Who holds nothing frees nothing, unless others of its call have ended and only wait for it.
      const youngest =
        this.#waiting.findLast(({ account }) => account.heldBytes > 0) ??
        this.#waiting.findLast(({ account }) => account.root.totalBytes > 0);
      youngest?.refuse('Queries that began before it hold the memory.');
    }
  }

  /** True when nothing will become free by itself: each call waits for memory, in one query at least, and does no work. */
  #isStuck(): boolean {
    return [...this.#roots].every(
      ({ workers }) => workers.some(({ waits }) => waits > 0) && workers.every((worker) => !worker.isActive)
    );
  }
}

interface Waiter {
  account: MemoryAccount;
  bytes: number;
  go(): void;
  refuse(detail: string): void;
}
