/**
 * How much memory the answers of all queries in flight may hold together.
 *
 * A query holds what it has received and what was made of it, until its answer has gone out to Grafana or is dropped.
 * While the budget is full nobody receives: a query that does not pull holds its server back, by the flow control of
 * HTTP/2, and costs nothing meanwhile. What becomes free goes to the oldest query first.
 *
 * Three rules keep that from standing still. No query may hold more than half of the budget: it is cut there, so one
 * careless query cannot hold up the others for ever. What one of those that receive may still need of its half is kept
 * free of the others, so it comes to its end, and after it the oldest of the others. And when all that hold something wait
 * for more nevertheless, since queries of one call leave together, the youngest of them is refused: what it held lets the
 * others end.
 *
 * Queries of one call to Grafana leave together. So one that has ended counts as waiting while another of its call does.
 */
import { ProxyError } from '../errors/proxy-error';

/** Told what there is to measure. */
export interface MemoryObserver {
  /** Bytes held, and queries that wait for some. */
  memoryChanged(heldBytes: number, waiting: number): void;
  /** A query was refused, since others hold the memory. */
  memoryRefused(): void;
}

export interface MemoryBudgetOptions {
  /** Bytes for all queries together. */
  totalBytes: number;
  /** How much of that may be JavaScript objects, whose space has a limit of its own. Missing: all of it. */
  heapBytes?: number;
  /** What a server may send ahead to a query that does not ask: held for each that receives. Missing: nothing. */
  aheadBytes?: number;
  observer?: MemoryObserver;
  /** Milliseconds since 1970. Missing: the system's clock. */
  now?: () => number;
}

/** The share of the budget that one query may hold. */
const QUERY_SHARE = 0.5;

/** Timers count in 32 bits; beyond that they go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class MemoryBudget {
  readonly totalBytes: number;
  /** Bytes that one query may hold. */
  readonly queryBytes: number;
  /** Bytes that a query holds ahead, at most a quarter of what it may. */
  readonly aheadBytes: number;
  /** Bytes of the budget that one byte of JavaScript objects costs. */
  readonly heapWeight: number;
  readonly #observer: MemoryObserver | undefined;
  readonly #now: () => number;
  readonly #calls = new Set<CallMemory>();
  /** Oldest query first. */
  readonly #waiting: Waiter[] = [];
  #held = 0;
  #opened = 0;
  /** The query that comes to its end next: what it may still need is kept free of the others. */
  #favoured: QueryMemory | undefined;

  constructor({ totalBytes, heapBytes = totalBytes, aheadBytes = 0, observer, now = Date.now }: MemoryBudgetOptions) {
    this.totalBytes = totalBytes;
    this.queryBytes = Math.floor(totalBytes * QUERY_SHARE);
    this.aheadBytes = Math.min(aheadBytes, Math.floor(this.queryBytes / 4));
    this.heapWeight = Math.max(1, totalBytes / heapBytes);
    this.#observer = observer;
    this.#now = now;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Queries that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The memory of one call from Grafana. */
  openCall(): CallMemory {
    const call = new CallMemory({
      budget: this,
      nextNumber: () => this.#opened++,
      changed: (bytes) => this.#changed(bytes),
      wait: (query, limits) => this.#wait(query, limits),
      closed: () => {
        this.#calls.delete(call);
        this.#look();
      },
    });
    this.#calls.add(call);
    return call;
  }

  #changed(bytes: number): void {
    this.#held += bytes;
    this.#observer?.memoryChanged(this.#held, this.#waiting.length);
    this.#look();
  }

  #fits(query: QueryMemory): boolean {
    return this.#held + query.neededBytes + this.#reservedBytes(query) <= this.totalBytes;
  }

  /** What must stay free for another query than this one. */
  #reservedBytes(query: QueryMemory): number {
    if (this.#favoured?.isReceiving !== true) {
      this.#favoured = this.#oldest((other) => other.isReceiving);
    }
    // One whose server says nothing yet keeps nobody waiting, but too many are not to begin beside it.
    const begins = query.neededBytes > 0;
    const favoured = this.#favoured ?? (begins ? this.#oldest((other) => other.isRunning) : undefined);
    return favoured === undefined || favoured === query ? 0 : Math.max(0, this.queryBytes - favoured.heldBytes);
  }

  #oldest(which: (query: QueryMemory) => boolean): QueryMemory | undefined {
    for (const call of this.#calls) {
      const found = call.oldest(which);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #wait(query: QueryMemory, { signal, deadlineMs }: WaitLimits): Promise<void> | undefined {
    const oldest = this.#waiting[0]?.query;
    if ((oldest === undefined || query.number < oldest.number) && this.#fits(query)) {
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancelled);
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        query.isWaiting = false;
        this.#observer?.memoryChanged(this.#held, this.#waiting.length);
      };
      const waiter: Waiter = {
        query,
        go: () => {
          end();
          resolve();
        },
        refuse: (detail) => {
          end();
          this.#observer?.memoryRefused();
          reject(new ProxyError('memory_busy', { detail }));
        },
      };
      const cancelled = () => {
        end();
        reject(new ProxyError('query_cancelled'));
      };
      const timer = setTimeout(
        () => waiter.refuse('It waited for memory until its timeout.'),
        Math.min(Math.max(0, deadlineMs - this.#now()), LONGEST_TIMER_MS)
      ).unref();
      signal.addEventListener('abort', cancelled, { once: true });
      const behind = this.#waiting.findIndex((other) => other.query.number > query.number);
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, waiter);
      query.isWaiting = true;
      if (signal.aborted) {
        cancelled();
        return;
      }
      this.#observer?.memoryChanged(this.#held, this.#waiting.length);
      this.#look();
    });
  }

  /** Lets the oldest go on as far as there is room, and the youngest go when nobody can. */
  #look(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.query); next = this.#waiting[0]) {
      // Out of the list first: what it holds from now on has this look at the list again.
      next.go();
      next.query.admit();
    }
    if (this.#waiting.length > 0 && this.#isStuck()) {
      // Who holds nothing frees nothing, unless others of its call have ended and only wait for it.
      const holders = this.#waiting.filter(({ query }) => query.heldBytes > 0);
      const youngest = holders.at(-1) ?? this.#waiting.filter(({ query }) => query.call.heldBytes > 0).at(-1);
      youngest?.refuse('Queries that began before it hold the memory.');
    }
  }

  /** True when nothing will become free by itself. */
  #isStuck(): boolean {
    return [...this.#calls].every((call) => call.isStuck);
  }
}

interface WaitLimits {
  signal: AbortSignal;
  /** Milliseconds since 1970. */
  deadlineMs: number;
}

interface Waiter {
  query: QueryMemory;
  go(): void;
  refuse(detail: string): void;
}

/** What calls and queries need of the budget that they belong to. */
interface Account {
  budget: MemoryBudget;
  nextNumber(): number;
  changed(bytes: number): void;
  wait(query: QueryMemory, limits: WaitLimits): Promise<void> | undefined;
  closed(): void;
}

/** What the queries of one call from Grafana hold together. */
export class CallMemory {
  readonly #account: Account;
  readonly #queries: QueryMemory[] = [];
  #isClosed = false;

  /** For the budget itself. */
  constructor(account: Account) {
    this.#account = account;
  }

  get heldBytes(): number {
    return this.#queries.reduce((sum, query) => sum + query.heldBytes, 0);
  }

  /** True when it holds something and nothing of it goes on: a query waits, and the others have ended or wait too. */
  get isStuck(): boolean {
    return this.#queries.some((query) => query.isWaiting) && this.#queries.every((query) => !query.isActive);
  }

  /** The first of its queries that is so. */
  oldest(which: (query: QueryMemory) => boolean): QueryMemory | undefined {
    return this.#queries.find(which);
  }

  /** The memory of one of its queries. Open those of all before the first one runs; one that begins anew gets a new one. */
  openQuery(): QueryMemory {
    const query = new QueryMemory(this, this.#account);
    this.#queries.push(query);
    return query;
  }

  /** The answer has gone out, or nobody wants it: everything is free. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#queries.forEach((query) => query.release());
      this.#account.closed();
    }
  }
}

/** What one query holds. */
export class QueryMemory {
  /** In the order of their beginning. */
  readonly number: number;
  readonly #account: Account;
  isWaiting = false;
  #isAdmitted = false;
  #hasEnded = false;
  #held = 0;
  /** Part of that for what the server may send ahead. */
  #ahead = 0;

  /** For the call that it belongs to. */
  constructor(
    readonly call: CallMemory,
    account: Account
  ) {
    this.#account = account;
    this.number = account.nextNumber();
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Bytes that one query may hold. */
  get limitBytes(): number {
    return this.#account.budget.queryBytes;
  }

  /** True when it holds more than one query may. */
  get isBeyondLimit(): boolean {
    return this.#held > this.limitBytes;
  }

  /** True when so many bytes more are within what one query may hold. */
  canHold(bytes: number, heapBytes = 0): boolean {
    return this.#held + bytes + heapBytes * this.#account.budget.heapWeight <= this.limitBytes;
  }

  /** Bytes that it needs to go on. */
  get neededBytes(): number {
    return this.#isAdmitted ? 0 : this.#account.budget.aheadBytes;
  }

  /** True from when it was let in to its last message. */
  get isRunning(): boolean {
    return this.#isAdmitted && !this.#hasEnded;
  }

  /** True from its first message to its last. */
  get isReceiving(): boolean {
    return !this.#hasEnded && this.#held > this.#ahead;
  }

  /** True while it may end, or be given up, without anything becoming free first. */
  get isActive(): boolean {
    return !this.isWaiting && !this.#hasEnded;
  }

  /**
   * To be asked before the first message and after each: undefined means go on.
   *
   * @throws {ProxyError} `memory_busy` when others keep the memory, `query_cancelled`.
   */
  room(limits: WaitLimits): Promise<void> | undefined {
    const wait = this.#account.wait(this, limits);
    if (wait === undefined) {
      this.admit();
    }
    return wait;
  }

  /** From now on what the server may send ahead counts. */
  admit(): void {
    if (!this.#isAdmitted && !this.#hasEnded) {
      this.#isAdmitted = true;
      this.#ahead = this.#account.budget.aheadBytes;
      this.#change(this.#ahead);
    }
  }

  /** What it has received and made that is still there: bytes outside of JavaScript's heap, and those of objects in it. */
  holds(bytes: number, heapBytes = 0): void {
    if (!this.#hasEnded) {
      const whole = Math.ceil(bytes + heapBytes * this.#account.budget.heapWeight);
      this.#change(this.#ahead + whole - this.#held);
    }
  }

  /** It receives no more, and holds so many bytes from now on: those of its answer. */
  end(answerBytes: number): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#change(answerBytes - this.#held);
    }
  }

  /** It holds nothing any more. */
  release(): void {
    this.#hasEnded = true;
    this.#change(-this.#held);
  }

  #change(bytes: number): void {
    this.#held += bytes;
    this.#account.changed(bytes);
  }
}
