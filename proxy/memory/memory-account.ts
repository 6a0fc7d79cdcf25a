/**
 * The memory of one query, of one call, or of one request: the only way to a large buffer.
 *
 * Every byte that is handed out counts against the budget of the process from that moment until it is freed. There are
 * three kinds of bytes:
 *
 * - taken: buffers of received messages and of answers. They live until `end` frees those that the answer does not use, and
 *   `close` frees the rest. Large ones come from a pool and return to it.
 * - scratch: buffers of one step of the work, such as the conversion of a batch. `settle` ends the step.
 * - noted: what is made elsewhere, such as JavaScript objects and hash tables, as an estimate.
 *
 * `reserve` counts bytes before they are taken, and waits until the budget has room for them. What is taken afterwards uses
 * the reservation up; `settle` gives the rest of it back.
 */
import { ProxyError } from '../errors/proxy-error';
import { MIN_POOLED_BYTES, type BufferPool } from './buffer-pool';

/** How long an account may wait for memory. */
export interface WaitLimits {
  signal: AbortSignal;
  /** Milliseconds since 1970. */
  deadlineMs: number;
}

export interface AccountOptions extends Partial<WaitLimits> {
  /** Large buffers come from the pool and return to it. Requires that `close` is called only when no buffer is in use. */
  pooled?: boolean;
}

/** What an account needs of its budget. */
export interface Ledger {
  /** Bytes that one account may hold: what lies beyond ends the answer. */
  readonly accountBytes: number;
  /** Bytes that one account may hold while it finishes its answer. */
  readonly finishingBytes: number;
  /** Bytes that an account can never go beyond. */
  readonly mostBytes: number;
  /** Bytes that a server may send ahead of the reader. */
  readonly aheadBytes: number;
  /** Bytes of the budget that one byte of JavaScript objects costs. */
  readonly heapWeight: number;
  readonly pool: BufferPool;
  nextNumber(): number;
  /** Counts bytes that are held from now on (or no longer, where negative). @throws {ProxyError} where there is no room. */
  count(bytes: number): void;
  /** Undefined: there is room for so many bytes now, and they are counted. */
  wait(account: MemoryAccount, bytes: number, limits: WaitLimits): Promise<void> | undefined;
  /** An account may go on no longer, or frees nothing any more. */
  changed(): void;
  closed(account: MemoryAccount): void;
}

const NEVER: WaitLimits = { signal: new AbortController().signal, deadlineMs: Infinity };

export class MemoryAccount {
  readonly #parent?: MemoryAccount;
  /** In the order of opening. */
  readonly number: number;
  /** Waits that are in progress. */
  waits = 0;
  readonly #ledger: Ledger;
  readonly #limits: WaitLimits;
  readonly #isPooled: boolean;
  readonly #children: MemoryAccount[] = [];
  #buffers: ArrayBuffer[] = [];
  #ahead = 0;
  #taken = 0;
  #scratch = 0;
  #noted = 0;
  #reserved = 0;
  #isAdmitted = false;
  #hasEnded = false;
  #isClosed = false;

  /** For the budget and for `open`. */
  constructor(
    ledger: Ledger,
    { signal = NEVER.signal, deadlineMs = NEVER.deadlineMs, pooled = false }: AccountOptions = {},
    parent?: MemoryAccount
  ) {
    this.#parent = parent;
    this.#ledger = ledger;
    this.#limits = { signal, deadlineMs };
    this.#isPooled = pooled;
    this.number = ledger.nextNumber();
  }

  /** An account that closes with this one. Accounts of one call to Grafana leave together. */
  open(options: AccountOptions = {}): MemoryAccount {
    const child = new MemoryAccount(this.#ledger, options, this);
    this.#children.push(child);
    return child;
  }

  /**
   * Memory with arbitrary content, at an address that is a multiple of 8. The taker fills every byte.
   *
   * @throws {ProxyError} 'result_too_large' beyond what an account can hold, 'query_cancelled' when the account is closed.
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
    this.#buffers.push(buffer);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Zeroed memory for this step of the work only. @throws as `take`. */
  scratch(bytes: number): Uint8Array {
    this.#count(bytes);
    this.#scratch += bytes;
    return new Uint8Array(bytes);
  }

  /** Counts a buffer that somebody else makes, such as a library: to be called before it is made. @throws as `take`. */
  adopt(bytes: number): void {
    this.#count(bytes);
    this.#taken += bytes;
  }

  /** Frees one buffer that was taken, and that nobody uses: views of it are empty from now on where it came from the pool. */
  free(taken: Uint8Array): void {
    if (this.#hasEnded) {
      return;
    }
    const index = this.#buffers.lastIndexOf(taken.buffer as ArrayBuffer);
    const size = index < 0 ? taken.length : taken.buffer.byteLength;
    if (index >= 0) {
      this.#ledger.pool.give(this.#buffers.splice(index, 1));
    }
    this.#untake(size);
  }

  /** A larger buffer that begins with the first `used` bytes of `taken`, which is freed. @throws as `take`. */
  grow(taken: Uint8Array, used: number, bytes: number): Uint8Array {
    const grown = this.take(bytes);
    grown.set(used === taken.length ? taken : taken.subarray(0, used));
    this.free(taken);
    return grown;
  }

  /**
   * Counts bytes before they are taken. With 0: asks to go on, as is to be done before the first message and after each.
   *
   * @returns Undefined where there is room. Else a promise that resolves when there is.
   * @throws {ProxyError} 'result_too_large' for more than the account may hold. The promise rejects with 'memory_busy' when
   *   others keep the memory, and with 'query_cancelled'.
   */
  reserve(bytes: number): Promise<void> | undefined {
    if (bytes > 0 && !this.canHold(bytes)) {
      throw new ProxyError('result_too_large');
    }
    return this.#ledger.wait(this, bytes, this.#limits);
  }

  /** The step of the work is done: what was scratch is garbage, and what was reserved and not taken is free. */
  settle(): void {
    const bytes = this.#scratch + this.#reserved;
    if (bytes > 0) {
      this.#scratch = 0;
      this.#reserved = 0;
      this.#ledger.count(-bytes);
    }
  }

  /** Replaces the estimate of what was made elsewhere: bytes outside of JavaScript's heap, and those of objects in it. */
  note(bytes: number, heapBytes = 0): void {
    if (!this.#hasEnded) {
      const whole = Math.ceil(bytes + heapBytes * this.#ledger.heapWeight);
      const more = whole - this.#noted;
      this.#noted = whole;
      this.#ledger.count(more);
    }
  }

  /**
   * What was taken so far has been sent and is garbage, but for so many bytes. For answers that are sent in parts, whose
   * memory is not pooled.
   */
  sent(keptBytes: number): void {
    this.#untake(this.#taken - keptBytes);
  }

  /** The work is done, and this is the answer: what it does not refer to is freed. */
  end(answer: Iterable<Uint8Array>): void {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    const used = new Set<ArrayBufferLike>();
    const pooled = new Set<ArrayBufferLike>(this.#buffers);
    let bytes = 0;
    for (const piece of answer) {
      used.add(piece.buffer);
      bytes += pooled.has(piece.buffer) ? 0 : piece.length;
    }
    const before = this.heldBytes;
    this.#ledger.pool.give(this.#buffers.filter((buffer) => !used.has(buffer)));
    this.#buffers = this.#buffers.filter((buffer) => used.has(buffer));
    this.#ahead = this.#scratch = this.#noted = this.#reserved = 0;
    this.#taken = this.#buffers.reduce((sum, { byteLength }) => sum + byteLength, bytes);
    this.#ledger.count(this.#taken - before);
    this.#ledger.changed();
  }

  /** Frees everything, and closes the accounts that were opened from this one. Nobody may use any buffer any more. */
  close(): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#children.forEach((child) => child.close());
    this.end([]);
    this.#ledger.pool.give(this.#buffers);
    this.#buffers = [];
    this.#ledger.count(-this.#taken);
    this.#taken = 0;
    this.#ledger.closed(this);
  }

  get heldBytes(): number {
    return this.#ahead + this.#taken + this.#scratch + this.#noted + this.#reserved;
  }

  /** With the accounts that were opened from this one. */
  get totalBytes(): number {
    return this.#children.reduce((sum, child) => sum + child.heldBytes, this.heldBytes);
  }

  /** Bytes that it may hold. */
  get limitBytes(): number {
    return this.#ledger.accountBytes;
  }

  /** Bytes that it may hold while it finishes its answer. */
  get finishingBytes(): number {
    return this.#ledger.finishingBytes;
  }

  /** True when it holds more than it may: the answer ends here. */
  get isBeyondLimit(): boolean {
    return this.heldBytes > this.limitBytes;
  }

  /** True when so many bytes more are within what it may hold. */
  canHold(bytes: number): boolean {
    return this.heldBytes + bytes <= this.limitBytes;
  }

  // What follows is for the budget.

  get root(): MemoryAccount {
    return this.#parent ?? this;
  }

  /** The accounts that do work: this one where none was opened from it. */
  get workers(): readonly MemoryAccount[] {
    return this.#children.length > 0 ? this.#children : [this];
  }

  /** Bytes that it needs to go on. */
  get neededBytes(): number {
    return this.#isAdmitted || this.#hasEnded ? 0 : this.#ledger.aheadBytes;
  }

  /** True from when it was admitted to its end. */
  get isRunning(): boolean {
    return this.#isAdmitted && !this.#hasEnded;
  }

  /** True from the first message to the end. */
  get isReceiving(): boolean {
    return !this.#hasEnded && this.heldBytes > this.#ahead;
  }

  /** True while it may end, or be given up, without anything becoming free first. */
  get isActive(): boolean {
    return this.waits === 0 && !this.#hasEnded;
  }

  /** There is room: from now on what the server may send ahead counts, and so does the reservation. */
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

  /** What was counted before `sent` may be freed after it. */
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
        detail: 'It needs more memory than the data source may use for all.',
      });
    }
    this.#ledger.count(more);
    this.#reserved -= reserved;
  }
}
