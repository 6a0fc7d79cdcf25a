/**
 * The result of one statement that several callers read.
 *
 * One caller of each user waits for a slot. The first one who has it leads: it sends the statement, and gets each
 * message when it arrives. The messages are kept, up to a limit. The other callers wait for the whole result, so they
 * can still send a statement of their own if the result outgrows the limit. Then the first caller reads on alone, at
 * its own speed.
 *
 * Each caller gets copies in memory of its own, because frames refer to the bytes until they are sent. So the kept
 * buffers can be reused, which costs less than new ones.
 *
 * The statement ends when its last caller leaves.
 */
import { untilAborted } from '../../base/async/with-limits';
import { StringSet } from '../../../contract/string-map';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount, type ReceivingMemory } from '../../observe/memory/memory-account';
import { type FlightMessage } from '../flight-sql/flight-sql-client';

/** Largest result that is kept, in bytes. */
export const MAX_KEPT_RESULT_BYTES = 8 * 1024 * 1024;

/** A shorter message is copied without waiting for memory, as it would be received. */
const SMALL_BYTES = 1024 * 1024;

/** Arrow reads a body without a copy if it is aligned to this many bytes. */
const ALIGNMENT = 8;

/**
 * How the statement ended for those who joined it.
 *
 * - `complete`: all messages are kept.
 * - `outgrown`: the result is too large to keep, or no memory is free.
 * - `unsent`: all callers with a slot, or who waited for one, left before they sent the statement.
 * - `failed`: `reason` is the error of the statement.
 */
export type RecordingEnd =
  { kind: 'complete' } | { kind: 'outgrown' } | { kind: 'unsent' } | { kind: 'failed'; reason: unknown };

/** How the records of a statement are found in the server's audit log. */
export interface SentAs {
  session?: string | undefined;
  /** Start of the query, in milliseconds since 1970. */
  startedMs: number;
}

/** What the recording needs of those that keep recordings. */
export interface RecordingShelf {
  /** Milliseconds of a monotonic clock. */
  elapsedMs(): number;
  /** Takes memory. @returns Undefined if there is none. */
  take(bytes: number): Uint8Array | undefined;
  /** @param isInUse True: views of the memory are still read. */
  free(taken: Uint8Array, isInUse: boolean): void;
  /** Called at the end. @returns True if the result is kept until `drop` is called. */
  ended(recording: Recording, end: RecordingEnd): boolean;
}

/** The parts of a call that belong to the statement, not to its first caller. */
export interface RecordedCall {
  memory: ReceivingMemory;
  signal: AbortSignal;
}

export interface LeadOptions {
  /** The account of the first caller. */
  memory: MemoryAccount;
  /** Aborts when the first caller leaves. */
  signal: AbortSignal;
  /**
   * True if the server returns few rows beyond those that the first caller reads. Then the rest is read for later
   * callers too.
   */
  endsSoon: boolean;
}

export class Recording {
  readonly key: string;
  /** The user who sends the statement: a rejected call of that user drops the result. */
  owner: string;
  /** Milliseconds for which the result may be read again, from the start of the statement on. */
  lifetimeMs: number;
  /** See `KeptMemory.nextUse`. */
  lastUse = 0;
  /** Undefined if the callers are different users: the records belong to the first one. */
  sentAs: SentAs | undefined;
  readonly #shelf: RecordingShelf;
  readonly #messages: FlightMessage[] = [];
  readonly #joined = Promise.withResolvers<RecordingEnd>();
  readonly #stop = new AbortController();
  readonly #kept = new Map<ArrayBufferLike, Uint8Array>();
  #keptBytes = 0;
  #callers = 0;
  /** Users in whose turn a caller waits for a slot. */
  readonly #waiting = new StringSet();
  readonly #claimed = Promise.withResolvers<void>();
  #isClaimed = false;
  #startedMs: number | undefined;
  /** True while the first caller reads. */
  #isLed = false;
  /** True once the result has outgrown its memory. That of the first caller is used from then on. */
  #isFull = false;
  #isTooLarge = false;
  #end: RecordingEnd | undefined;
  #isKept = false;
  /** True while the rest of the result is read without a caller. */
  #readsRest = false;
  /** Continues the first caller, which waits for the next message. */
  #wake: (() => void) | undefined;

  constructor(key: string, owner: string, lifetimeMs: number, shelf: RecordingShelf) {
    this.key = key;
    this.owner = owner;
    this.lifetimeMs = lifetimeMs;
    this.#shelf = shelf;
  }

  /** Settles when a caller has a slot for the statement. */
  get claimed(): Promise<void> {
    return this.#claimed.promise;
  }

  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** True while a caller waits for a slot. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** True when the statement was sent. */
  get isSent(): boolean {
    return this.#startedMs !== undefined;
  }

  /** True if the result is larger than one that is kept, however much memory is free. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Milliseconds since the statement was sent. */
  get ageMs(): number {
    const nowMs = this.#shelf.elapsedMs();
    return Math.max(0, nowMs - (this.#startedMs ?? nowMs));
  }

  get isComplete(): boolean {
    return this.#end?.kind === 'complete';
  }

  /** Adds a caller. @returns A function to call when the caller reads no more. Further calls have no effect. */
  enter(): () => void {
    this.#callers++;
    let isHere = true;
    return () => {
      if (isHere) {
        isHere = false;
        this.#callers--;
        this.#changed();
      }
    };
  }

  /**
   * A caller begins to wait for a slot, in the turn of its user. Then call `claim`, or `endWait` without a slot.
   *
   * @returns False if there is no need: the statement has its slot, or another caller of the user waits.
   */
  wait(user: string): boolean {
    const begins = !this.#isClaimed && this.#end === undefined && !this.#waiting.has(user);
    if (begins) {
      this.#waiting.add(user);
    }
    return begins;
  }

  /** A caller waits no more, and has no slot. */
  endWait(user: string): void {
    this.#waiting.delete(user);
    if (!this.#isClaimed && !this.isWaiting) {
      this.unsent();
    }
  }

  /** A caller of the user has a slot. @returns True if that caller sends the statement, with `lead`. */
  claim(owner: string): boolean {
    if (this.#isClaimed || this.#end !== undefined) {
      return false;
    }
    this.#isClaimed = true;
    this.owner = owner;
    this.#claimed.resolve();
    return true;
  }

  /** The result is no longer kept for later callers. */
  drop(): void {
    this.#isKept = false;
    this.#changed();
  }

  /** No caller sends the statement. */
  unsent(): void {
    if (!this.isSent && this.#end === undefined) {
      this.#ended({ kind: 'unsent' });
    }
  }

  /**
   * Waits for the end of the statement.
   *
   * @throws {ProxyError} 'query_cancelled', or the reason of `signal`, when that aborts.
   */
  join(signal: AbortSignal): Promise<RecordingEnd> {
    return untilAborted(this.#joined.promise, signal);
  }

  /** The messages of a complete result. @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`. */
  async *messages(memory: MemoryAccount): AsyncGenerator<FlightMessage> {
    for (const message of this.#messages) {
      yield await copyOf(message, memory);
    }
  }

  /**
   * Sends the statement for the first caller, and yields its messages.
   *
   * @throws Errors of the statement; 'query_cancelled', or the reason of `signal`, when that aborts.
   */
  async *lead(
    start: (call: RecordedCall) => AsyncIterable<FlightMessage>,
    options: LeadOptions
  ): AsyncGenerator<FlightMessage> {
    const statement = this.#start(start, options.memory);
    this.#isLed = true;
    void this.#record(statement);
    try {
      yield* this.#recorded(options);
      if (this.#end?.kind === 'outgrown') {
        yield* this.#rest(statement, options);
      }
    } finally {
      this.#isLed = false;
      this.#readsRest = options.endsSoon && !options.signal.aborted && this.lifetimeMs > 0;
      if (this.#isFull) {
        this.#stop.abort();
        await statement.return?.();
      }
    }
  }

  #start(
    start: (call: RecordedCall) => AsyncIterable<FlightMessage>,
    memory: MemoryAccount
  ): AsyncIterator<FlightMessage> {
    try {
      const call = { memory: this.#receiving(memory), signal: this.#stop.signal };
      const statement = start(call)[Symbol.asyncIterator]();
      this.#startedMs = this.#shelf.elapsedMs();
      return statement;
    } catch (reason) {
      this.#ended({ kind: 'failed', reason });
      throw reason;
    }
  }

  /** Reads the statement until its end, or until the result is too large. Never rejects. */
  async #record(statement: AsyncIterator<FlightMessage>): Promise<void> {
    try {
      for (let next = await statement.next(); next.done !== true; next = await statement.next()) {
        this.#messages.push(next.value);
        if (this.#isFull) {
          this.#ended({ kind: 'outgrown' });
          return;
        }
        this.#wake?.();
      }
      this.#ended(this.#isFull ? { kind: 'outgrown' } : { kind: 'complete' });
    } catch (reason) {
      this.#ended({ kind: 'failed', reason });
    }
  }

  /** The recorded messages, as they arrive. */
  async *#recorded({ memory, signal }: LeadOptions): AsyncGenerator<FlightMessage> {
    for (let position = 0; ;) {
      while (position < this.#messages.length) {
        const message = this.#messages[position++];
        yield this.#isRecorded(message) ? await copyOf(message, memory) : message;
      }
      if (this.#end?.kind === 'failed') {
        throw this.#end.reason;
      }
      if (this.#end !== undefined) {
        return;
      }
      await untilAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
    }
  }

  /** False for the message that did not fit, which is in the memory of the first caller already. */
  #isRecorded({ header, body }: FlightMessage): boolean {
    return this.#kept.has(header.buffer) || this.#kept.has(body.buffer);
  }

  /** The messages after the recorded ones, in the memory of the first caller. */
  async *#rest(statement: AsyncIterator<FlightMessage>, { signal }: LeadOptions): AsyncGenerator<FlightMessage> {
    this.#free();
    for (;;) {
      const next = await untilAborted(statement.next(), signal);
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  }

  #receiving(memory: MemoryAccount): ReceivingMemory {
    return {
      take: (bytes) => this.#keep(bytes) ?? memory.take(bytes),
      // Only long messages are freed, which are not kept.
      free: (taken) => memory.free(taken),
      reserve: (bytes) => (this.#fits(bytes) ? undefined : memory.reserve(bytes)),
      limitBytes: memory.limitBytes,
    };
  }

  #keep(bytes: number): Uint8Array | undefined {
    const taken = this.#fits(bytes) ? this.#shelf.take(bytes) : undefined;
    if (taken === undefined) {
      this.#outgrow();
    } else {
      this.#kept.set(taken.buffer, taken);
      this.#keptBytes += bytes;
    }
    return taken;
  }

  #fits(bytes: number): boolean {
    if (!this.#isFull && this.#keptBytes + bytes > MAX_KEPT_RESULT_BYTES) {
      this.#isTooLarge = true;
      this.#outgrow();
    }
    return !this.#isFull;
  }

  /** Those who joined need not wait for the message that does not fit. */
  #outgrow(): void {
    this.#isFull = true;
    this.#joined.resolve({ kind: 'outgrown' });
    if (!this.#isLed) {
      this.#stop.abort();
    }
  }

  #ended(end: RecordingEnd): void {
    this.#end = end;
    this.#isKept = this.#shelf.ended(this, end);
    this.#joined.resolve(end);
    this.#wake?.();
    this.#changed();
  }

  /** Ends what nobody reads. */
  #changed(): void {
    if (this.#callers > 0) {
      return;
    }
    if (this.#end === undefined && !this.#readsRest) {
      this.#stop.abort(new ProxyError('query_cancelled'));
    } else if (this.#end !== undefined && !this.#isKept) {
      this.#free();
    }
  }

  #free(): void {
    // For the first caller of a large result, the client goes on. It compares other schemas with that of the first
    // message, and may have received messages ahead.
    const [, ...others] = this.#messages;
    const read = new Set<ArrayBufferLike>(others.flatMap(({ header, body }) => [header.buffer, body.buffer]));
    this.#kept.forEach((taken) => this.#shelf.free(taken, this.#isFull && !read.has(taken.buffer)));
    this.#messages.length = 0;
    this.#kept.clear();
  }
}

/** Copies a message. @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`. */
async function copyOf({ header, body }: FlightMessage, memory: MemoryAccount): Promise<FlightMessage> {
  const bodyStart = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const bytes = bodyStart + body.length;
  if (bytes > SMALL_BYTES) {
    await memory.reserve(bytes);
  }
  const copy = memory.take(bytes);
  copy.set(header);
  copy.set(body, bodyStart);
  return { header: copy.subarray(0, header.length), body: copy.subarray(bodyStart) };
}
