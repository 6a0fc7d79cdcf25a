/**
 * The result of one statement that several callers read.
 *
 * One caller of each user waits for a slot. The caller that gets a slot first (the first caller) sends the statement,
 * and gets each message when it arrives. The messages are kept, up to a limit. The other callers wait for the whole
 * result, so they can still send a statement of their own if the result outgrows the limit. In that case, the first
 * caller reads on alone, at its own speed.
 *
 * The statement ends when its last caller leaves. If the rest of its result is short (`endsSoon`), the rest is still
 * read.
 */
import { type KeptParts, type SharedFrom } from '../../../contract/resources/query-costs';
import { untilAborted } from '../../base/async/with-limits';
import { StringSet } from '../../../contract/string-map';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount, type ReceivingMemory } from '../../observe/memory/memory-account';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { KeptMessages, type MessageShelf } from './kept-messages';

/**
 * How the statement ended for the callers who joined it.
 *
 * - `complete`: all messages are kept.
 * - `outgrown`: the result is too large to keep, or no memory is free.
 * - `unsent`: all callers that had a slot or waited for one left before the statement was sent.
 * - `failed`: `reason` is the error of the statement.
 */
export type RecordingEnd =
  { kind: 'complete' } | { kind: 'outgrown' } | { kind: 'unsent' } | { kind: 'failed'; reason: unknown };

/** The values that identify the records of a statement in the server's audit log. */
export interface SentAs {
  session?: string | undefined;
  /** Start of the query, in milliseconds since 1970. */
  startedMs: number;
}

/** A result that was read for another caller. */
export interface SharedResult {
  from: SharedFrom;
  /** Milliseconds since the statement was sent. */
  ageMs: number;
  /** The session and the start of the statement. Undefined if different users share the result. */
  sentAs: SentAs | undefined;
  /** The parts of the result that the other caller took from memory. */
  kept: KeptParts | undefined;
}

/** The interface of the object that keeps recordings. */
export interface RecordingShelf extends MessageShelf {
  /** Milliseconds of a monotonic clock. */
  elapsedMs(): number;
  /** Called at the end of the statement. @returns True if the result is kept until `drop` is called. */
  ended(recording: Recording, end: RecordingEnd): boolean;
}

/** The memory and the signal of the statement. The first caller has its own, because it may leave earlier. */
export interface RecordedResources {
  memory: ReceivingMemory;
  signal: AbortSignal;
}

/** The properties of the first caller that the statement depends on. */
export interface LeadOptions {
  /** The account of the first caller. */
  memory: MemoryAccount;
  /** Aborts when the first caller is cancelled. */
  signal: AbortSignal;
  /**
   * True if the server returns few rows beyond those that the first caller reads. If this caller stops reading and
   * `signal` has not aborted, the rest is still read for later callers.
   */
  endsSoon: boolean;
}

/** One statement with its kept messages, and the callers who read them. */
export class Recording {
  readonly key: string;
  /** The user who sends the statement. The result is dropped when a call of this user is rejected. */
  owner: string;
  /** Milliseconds for which the result may be read again, counted from the start of the statement. */
  lifetimeMs: number;
  /** See `KeptMemory.nextUse`. */
  lastUse = 0;
  /**
   * Undefined if different users may share the result, because the audit records belong only to the user who sent the
   * statement.
   */
  sentAs: SentAs | undefined;
  /** The parts of the result that the first caller took from memory. */
  kept: KeptParts | undefined;
  readonly #shelf: RecordingShelf;
  readonly #messages: KeptMessages;
  readonly #joined = Promise.withResolvers<RecordingEnd>();
  readonly #stop = new AbortController();
  #callers = 0;
  /** The users who have a caller that waits for a slot. */
  readonly #waiting = new StringSet();
  readonly #claimed = Promise.withResolvers<void>();
  #isClaimed = false;
  #startedMs: number | undefined;
  /** True while the first caller reads. */
  #isLed = false;
  #end: RecordingEnd | undefined;
  #isKept = false;
  /** True while the rest of the result is read without a caller. */
  #readsRest = false;
  /** Wakes the first caller while it waits for the next message. */
  #wake: (() => void) | undefined;

  constructor(key: string, owner: string, lifetimeMs: number, shelf: RecordingShelf) {
    this.key = key;
    this.owner = owner;
    this.lifetimeMs = lifetimeMs;
    this.#shelf = shelf;
    this.#messages = new KeptMessages(shelf, () => this.#outgrown());
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

  /** True if the result is larger than `MAX_KEPT_RESULT_BYTES`. Then it is not kept, even if memory is free. */
  get isTooLarge(): boolean {
    return this.#messages.isTooLarge;
  }

  /** Milliseconds since the statement was sent. */
  get ageMs(): number {
    const nowMs = this.#shelf.elapsedMs();
    return Math.max(0, nowMs - (this.#startedMs ?? nowMs));
  }

  get isComplete(): boolean {
    return this.#end?.kind === 'complete';
  }

  /** Adds a caller. @returns A function to call when the caller stops reading. Further calls have no effect. */
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
   * Records that a caller of the user waits for a slot. Afterwards, call `claim` with a slot or `endWait` without one.
   *
   * @returns False if the caller need not wait for a slot: the statement has its slot or has ended, or another caller
   *   of the user already waits.
   */
  wait(user: string): boolean {
    const begins = !this.#isClaimed && this.#end === undefined && !this.#waiting.has(user);
    if (begins) {
      this.#waiting.add(user);
    }
    return begins;
  }

  /** Call this when a caller has got no slot and stops waiting. */
  endWait(user: string): void {
    this.#waiting.delete(user);
    if (!this.#isClaimed && !this.isWaiting) {
      this.unsent();
    }
  }

  /** Records that a caller of the user has a slot. @returns True if that caller must send the statement with `lead`. */
  claim(owner: string): boolean {
    if (this.#isClaimed || this.#end !== undefined) {
      return false;
    }
    this.#isClaimed = true;
    this.owner = owner;
    this.#claimed.resolve();
    return true;
  }

  /** Stops keeping the result for later callers. */
  drop(): void {
    this.#isKept = false;
    this.#changed();
  }

  /** Ends the recording because no caller sends the statement. */
  unsent(): void {
    if (!this.isSent && this.#end === undefined) {
      this.#ended({ kind: 'unsent' });
    }
  }

  /**
   * Waits until the statement ends, or its result outgrows its memory.
   *
   * @throws {ProxyError} When `signal` aborts: its reason if that is a ProxyError, or else `query_cancelled`.
   */
  join(signal: AbortSignal): Promise<RecordingEnd> {
    return untilAborted(this.#joined.promise, signal);
  }

  /** The messages of a complete result. @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`. */
  async *messages(memory: MemoryAccount): AsyncGenerator<FlightMessage> {
    for (let position = 0; position < this.#messages.length; position++) {
      yield await this.#messages.copy(position, memory);
    }
  }

  /**
   * Sends the statement for the first caller, and yields its messages.
   *
   * @throws Errors of the statement. When `signal` aborts: its reason if that is a ProxyError, or else
   *   `query_cancelled`.
   */
  async *lead(
    send: (resources: RecordedResources) => AsyncIterable<FlightMessage>,
    options: LeadOptions
  ): AsyncGenerator<FlightMessage> {
    const statement = this.#start(send, options.memory);
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
      if (this.#messages.isFull) {
        this.#stop.abort();
        await statement.return?.();
      }
    }
  }

  #start(
    send: (resources: RecordedResources) => AsyncIterable<FlightMessage>,
    memory: MemoryAccount
  ): AsyncIterator<FlightMessage> {
    try {
      const resources = { memory: this.#messages.receiving(memory), signal: this.#stop.signal };
      const statement = send(resources)[Symbol.asyncIterator]();
      this.#startedMs = this.#shelf.elapsedMs();
      return statement;
    } catch (reason) {
      this.#ended({ kind: 'failed', reason });
      throw reason;
    }
  }

  /** Reads the statement until its end, or until its result outgrows its memory. Never rejects. */
  async #record(statement: AsyncIterator<FlightMessage>): Promise<void> {
    try {
      for (let next = await statement.next(); next.done !== true; next = await statement.next()) {
        this.#messages.add(next.value);
        if (this.#messages.isFull) {
          // The first caller reads the rest, and ends the statement. If this caller has left, the statement is ended
          // here.
          if (!this.#isLed) {
            await statement.return?.();
          }
          this.#ended({ kind: 'outgrown' });
          return;
        }
        this.#wake?.();
      }
      this.#ended(this.#messages.isFull ? { kind: 'outgrown' } : { kind: 'complete' });
    } catch (reason) {
      this.#ended({ kind: 'failed', reason });
    }
  }

  /** The recorded messages, as they arrive. */
  async *#recorded({ memory, signal }: LeadOptions): AsyncGenerator<FlightMessage> {
    for (let position = 0; ;) {
      while (position < this.#messages.length) {
        yield await this.#messages.read(position++, memory);
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

  /** The messages after the recorded ones, in the memory of the first caller. */
  async *#rest(statement: AsyncIterator<FlightMessage>, { signal }: LeadOptions): AsyncGenerator<FlightMessage> {
    this.#messages.free();
    for (;;) {
      const next = await untilAborted(statement.next(), signal);
      if (next.done === true) {
        return;
      }
      yield next.value;
    }
  }

  /**
   * Called when the next message does not fit. Ends the wait of the joined callers at once, before that message
   * arrives.
   */
  #outgrown(): void {
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

  /** Without callers, ends the statement, or frees the messages of a result that is not kept. */
  #changed(): void {
    if (this.#callers > 0) {
      return;
    }
    if (this.#end === undefined && !this.#readsRest) {
      this.#stop.abort(new ProxyError('query_cancelled'));
    } else if (this.#end !== undefined && !this.#isKept) {
      this.#messages.free();
    }
  }
}
