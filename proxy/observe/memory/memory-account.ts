/**
 * The memory of one query, of one call, of one request or of one file.
 *
 * Each byte counts against the budget of the process until it is freed. There are three kinds of memory:
 *
 * - taken: buffers of received messages and of results. `end` frees the buffers that the result does not use, and
 *   `close` frees the other buffers. With `pooled`, large buffers come from a pool and return to the pool.
 * - scratch: buffers of one step of the work, such as the conversion of a batch. `settle` ends the step.
 * - noted: an estimate of memory that is allocated elsewhere, such as JavaScript objects.
 *
 * `reserve` counts bytes before they are taken, and waits until the budget has room for these bytes. `take` reduces the
 * reservation, and `settle` frees what is left of it.
 */
import { ProxyError } from '../../base/errors/proxy-error';
import { type QueryStages } from '../telemetry/query-stages';
import { MIN_POOLED_BYTES, type BufferPool } from './buffer-pool';

/** Limits for the time that an account or a file waits for memory. */
export interface WaitLimits {
  signal: AbortSignal;
  /** Milliseconds from the opening of the account, or from the call, until the waits end. */
  limitMs: number;
}

/**
 * Options for the waits of an account and for the source of its buffers. By default, an account waits without a time
 * limit.
 */
export interface AccountOptions extends Partial<WaitLimits> {
  /** True to take large buffers from the pool. In this case, `close` must be called only when no buffer is in use. */
  pooled?: boolean;
  /** Measures the waits for memory. */
  stages?: Pick<QueryStages, 'begin'>;
}

/** A request for memory that may wait. */
export interface MemoryRequest {
  account: MemoryAccount;
  bytes: number;
  /** True for the memory of an arriving message. During the wait, the query may work on earlier messages. */
  isForMessage: boolean;
  signal: AbortSignal;
  /** Milliseconds of the budget's clock. */
  deadlineMs: number;
}

/** What an account needs of its budget. */
export interface Ledger {
  /** Bytes that one account may hold. A larger result is truncated. */
  readonly accountBytes: number;
  /** Bytes that one account may hold while it finishes its result. */
  readonly finishingBytes: number;
  /** Bytes that an account can never exceed. */
  readonly mostBytes: number;
  /** Bytes that a server may send before they are requested. */
  readonly aheadBytes: number;
  /** Factor for bytes of JavaScript objects. */
  readonly heapWeight: number;
  readonly pool: BufferPool;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  nextNumber(): number;
  /** Counts bytes. A negative number frees bytes. @throws {ProxyError} if there is no room. */
  count(bytes: number): void;
  /** Reserves bytes. Returns undefined if there is room now, else a promise. */
  wait(request: MemoryRequest): Promise<void> | undefined;
  /** Called when an account has ended. */
  changed(): void;
  closed(account: MemoryAccount): void;
}

const NEVER = new AbortController().signal;

async function measured(waiting: Promise<void>, stages: Pick<QueryStages, 'begin'>): Promise<void> {
  const admitted = stages.begin('memory');
  try {
    await waiting;
  } finally {
    admitted();
  }
}

/** What the receiver of messages needs of an account. */
export type ReceivingMemory = Pick<MemoryAccount, 'take' | 'free' | 'reserveMessage' | 'noteUnread' | 'limitBytes'>;

/** One account. It must be closed, else its bytes count against the budget forever. */
export class MemoryAccount {
  readonly #parent?: MemoryAccount;
  /** Sequence number in the order of opening. */
  readonly number: number;
  /** True while the query works on a message that it has read. */
  isConverting = false;
  readonly #ledger: Ledger;
  readonly #limits: Pick<MemoryRequest, 'signal' | 'deadlineMs'>;
  readonly #isPooled: boolean;
  readonly #stages: AccountOptions['stages'];
  readonly #children: MemoryAccount[] = [];
  /**
   * The buffers from the pool. They are in a set, because a result may have thousands of buffers, and each may be freed
   * early.
   */
  readonly #buffers = new Set<ArrayBuffer>();
  /** Number of waits in progress, and number of these waits that are for arriving messages. */
  #waits = 0;
  #messageWaits = 0;
  #ahead = 0;
  #unread = 0;
  #taken = 0;
  #scratch = 0;
  #noted = 0;
  #reserved = 0;
  #isAdmitted = false;
  #hasEnded = false;
  #isClosed = false;

  /** Called by the budget and by `open` only. */
  constructor(
    ledger: Ledger,
    { signal = NEVER, limitMs = Infinity, pooled = false, stages }: AccountOptions = {},
    parent?: MemoryAccount
  ) {
    this.#parent = parent;
    this.#ledger = ledger;
    this.#limits = { signal, deadlineMs: ledger.now() + limitMs };
    this.#isPooled = pooled;
    this.#stages = stages;
    this.number = ledger.nextNumber();
  }

  /**
   * Opens a child account, which closes together with this account. Each query of a call has a child account, because
   * the results of a call are returned together.
   */
  open(options: AccountOptions = {}): MemoryAccount {
    const child = new MemoryAccount(this.#ledger, options, this);
    this.#children.push(child);
    return child;
  }

  /**
   * Allocates memory with arbitrary content, aligned to 8 bytes. The caller must fill every byte.
   *
   * @throws {ProxyError} 'result_too_large' beyond the limit, 'query_cancelled' if the account has ended.
   */
  take(bytes: number): Uint8Array {
    if (!this.#isPooled || bytes < MIN_POOLED_BYTES) {
      this.#count(bytes);
      this.#taken += bytes;
      return Buffer.allocUnsafe(bytes);
    }
    const size = this.#ledger.pool.sizeOf(bytes);
    this.#count(size);
    this.#taken += size;
    const buffer = this.#ledger.pool.take(bytes);
    this.#buffers.add(buffer);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Allocates zeroed memory for the current step. @throws {ProxyError} For the same reasons as `take`. */
  scratch(bytes: number): Uint8Array {
    this.#count(bytes);
    this.#scratch += bytes;
    return new Uint8Array(bytes);
  }

  /**
   * Counts a buffer that a library allocates. Call this before the allocation.
   *
   * @throws {ProxyError} For the same reasons as `take`.
   */
  adopt(bytes: number): void {
    this.#count(bytes);
    this.#taken += bytes;
  }

  /** Frees one taken buffer. It must not be in use: views of a pooled buffer become empty. */
  free(taken: Uint8Array): void {
    if (this.#hasEnded) {
      return;
    }
    const buffer = taken.buffer as ArrayBuffer;
    const isPooled = this.#buffers.delete(buffer);
    const size = isPooled ? buffer.byteLength : taken.length;
    if (isPooled) {
      this.#ledger.pool.give([buffer]);
    }
    this.#untake(size);
  }

  /**
   * Copies the first `used` bytes of `taken` to a larger buffer and frees `taken`.
   *
   * @throws {ProxyError} For the same reasons as `take`.
   */
  grow(taken: Uint8Array, used: number, bytes: number): Uint8Array {
    const grown = this.take(bytes);
    grown.set(used === taken.length ? taken : taken.subarray(0, used));
    this.free(taken);
    return grown;
  }

  /**
   * Reserves bytes before they are taken. `reserve(0)` only waits until the budget admits the account: call it before
   * the first message and after each message.
   *
   * @returns Undefined if there is room, else a promise that resolves when there is room.
   * @throws {ProxyError} 'result_too_large' for more than the account may hold. The promise rejects with 'memory_busy'
   *   if other queries hold the memory, and with 'query_cancelled' after an abort.
   */
  reserve(bytes: number): Promise<void> | undefined {
    return this.#reserve(bytes, false);
  }

  /** As `reserve`, for the memory of an arriving message. The query may work on earlier messages during the wait. */
  reserveMessage(bytes: number): Promise<void> | undefined {
    return this.#reserve(bytes, true);
  }

  #reserve(bytes: number, isForMessage: boolean): Promise<void> | undefined {
    if (bytes > 0 && !this.canHold(bytes)) {
      throw new ProxyError('result_too_large');
    }
    const waiting = this.#ledger.wait({ account: this, bytes, isForMessage, ...this.#limits });
    return waiting === undefined || this.#stages === undefined ? waiting : measured(waiting, this.#stages);
  }

  /**
   * Counts received bytes that the query has not read yet. Call this in addition to `take`. The number of bytes that
   * the server may still send before they are requested decreases by `moreBytes`.
   *
   * @param moreBytes Negative when the query has read or dropped the bytes.
   */
  noteUnread(moreBytes: number): void {
    this.#unread = Math.max(0, this.#unread + moreBytes);
  }

  /** Ends the current step: frees scratch memory and the unused part of the reservation. */
  settle(): void {
    const bytes = this.#scratch + this.#reserved;
    if (bytes > 0) {
      this.#scratch = 0;
      this.#reserved = 0;
      this.#ledger.count(-bytes);
    }
  }

  /** Replaces the estimate of memory that is allocated elsewhere. @param heapBytes Bytes of JavaScript objects. */
  note(bytes: number, heapBytes = 0): void {
    if (!this.#hasEnded) {
      const whole = Math.ceil(bytes + heapBytes * this.#ledger.heapWeight);
      const more = whole - this.#noted;
      this.#noted = whole;
      this.#ledger.count(more);
    }
  }

  /**
   * Adds to the estimate of memory that is allocated elsewhere.
   *
   * @param heapBytes Bytes of JavaScript objects, negative if they are gone.
   */
  noteMore(heapBytes: number): void {
    if (!this.#hasEnded) {
      const more = Math.ceil(heapBytes * this.#ledger.heapWeight);
      this.#noted += more;
      this.#ledger.count(more);
    }
  }

  /**
   * Frees all taken bytes except for `keptBytes`. Call this when the caller no longer uses the other bytes: after a
   * part of the result was sent, or after the rows of a message were read. Only for accounts without pooled memory.
   */
  sent(keptBytes: number): void {
    this.#untake(this.#taken - keptBytes);
  }

  /** Ends the work. Frees the buffers that the result does not use. */
  end(result: Iterable<Uint8Array>): void {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    const used = new Set<ArrayBufferLike>();
    let bytes = 0;
    for (const piece of result) {
      used.add(piece.buffer);
      bytes += this.#buffers.has(piece.buffer as ArrayBuffer) ? 0 : piece.length;
    }
    const before = this.heldBytes;
    const unused = [...this.#buffers].filter((buffer) => !used.has(buffer));
    unused.forEach((buffer) => this.#buffers.delete(buffer));
    this.#ledger.pool.give(unused);
    this.#ahead = this.#unread = this.#scratch = this.#noted = this.#reserved = 0;
    this.#taken = [...this.#buffers].reduce((sum, { byteLength }) => sum + byteLength, bytes);
    this.#ledger.count(this.#taken - before);
    this.#ledger.changed();
  }

  /** Frees all memory and closes the child accounts. No buffer may be in use. */
  close(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#children.forEach((child) => child.close());
    this.end([]);
    this.#ledger.pool.give([...this.#buffers]);
    this.#buffers.clear();
    this.#ledger.count(-this.#taken);
    this.#taken = 0;
    this.#ledger.closed(this);
  }

  /** Bytes that count against the budget, without the bytes of child accounts. */
  get heldBytes(): number {
    return this.#ahead + this.#taken + this.#scratch + this.#noted + this.#reserved;
  }

  /** Bytes of this account and of its child accounts. */
  get totalBytes(): number {
    return this.#children.reduce((sum, child) => sum + child.heldBytes, this.heldBytes);
  }

  /** Limit for `heldBytes`. */
  get limitBytes(): number {
    return this.#ledger.accountBytes;
  }

  /** Limit for `heldBytes` while the result is finished. */
  get finishingBytes(): number {
    return this.#ledger.finishingBytes;
  }

  /** True when the account exceeds its limit. Then the result must be truncated. */
  get isBeyondLimit(): boolean {
    return this.heldBytes > this.limitBytes;
  }

  /** True if this number of additional bytes is within the limit. */
  canHold(bytes: number): boolean {
    return this.heldBytes + bytes <= this.limitBytes;
  }

  // The following members are for the budget only.

  get root(): MemoryAccount {
    return this.#parent ?? this;
  }

  /** The accounts of the queries: the child accounts, or this account if it has none. */
  get workers(): readonly MemoryAccount[] {
    return this.#children.length > 0 ? this.#children : [this];
  }

  /** Bytes that must be free before the budget admits the account, in addition to the reservation. */
  get neededBytes(): number {
    return this.#isAdmitted || this.#hasEnded ? 0 : this.#ledger.aheadBytes;
  }

  /** Held bytes that are counted twice: as bytes that the server may send, and as bytes that it has sent. */
  get bytesCountedTwice(): number {
    return Math.min(this.#ahead, this.#unread);
  }

  /** True from admission to the end. */
  get isRunning(): boolean {
    return this.#isAdmitted && !this.#hasEnded;
  }

  /**
   * True until the end, if the account holds more than the bytes that the server may send before they are requested.
   */
  get isReceiving(): boolean {
    return !this.#hasEnded && this.heldBytes > this.#ahead;
  }

  /** True while the query can continue without more memory. */
  get isActive(): boolean {
    const hasBegun = this.#isAdmitted || this.heldBytes > 0;
    return hasBegun && !this.#hasEnded && (!this.isWaiting || this.#worksOnEarlierMessages);
  }

  /** True if the query waits only for the memory of a message, and works on earlier messages or can read them. */
  get #worksOnEarlierMessages(): boolean {
    return this.#waits === this.#messageWaits && (this.isConverting || this.#unread > 0);
  }

  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  beginWait(isForMessage: boolean): void {
    this.#waits++;
    this.#messageWaits += isForMessage ? 1 : 0;
  }

  endWait(isForMessage: boolean): void {
    this.#waits--;
    this.#messageWaits -= isForMessage ? 1 : 0;
  }

  /** True when the account needs no more memory. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Admits the account: counts the reservation, and the bytes that the server may send before they are requested. */
  admit(bytes: number): void {
    if (this.#hasEnded) {
      return;
    }
    const ahead = this.neededBytes;
    this.#isAdmitted = true;
    this.#ahead += ahead;
    this.#reserved += bytes;
    this.#ledger.count(ahead + bytes);
  }

  /** Subtracts freed bytes. Bytes that `sent` has already subtracted are ignored. */
  #untake(bytes: number): void {
    const counted = Math.min(Math.max(0, bytes), this.#taken);
    this.#taken -= counted;
    this.#ledger.count(-counted);
  }

  #count(bytes: number): void {
    if (this.#hasEnded) {
      throw new ProxyError('query_cancelled');
    }
    const reserved = Math.min(this.#reserved, bytes);
    const more = bytes - reserved;
    if (this.heldBytes + more > this.#ledger.mostBytes) {
      throw new ProxyError('result_too_large', {
        detail: 'The result needs more memory than the data source may use for all queries.',
      });
    }
    this.#ledger.count(more);
    this.#reserved -= reserved;
  }
}
