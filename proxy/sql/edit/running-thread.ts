/** One thread of the SQL parser, which runs one job at a time. A job that misses its deadline ends the thread. */
import { type Worker } from 'node:worker_threads';
import { type JobEnd, type ParserJob } from './parser-jobs';
import { type WorkerMessage } from './parser-worker';

/**
 * Time limit of a job in milliseconds. A query at the limits of the parser takes up to 0.6 s in a new thread on a busy
 * machine.
 */
export const JOB_MS = 1000;
/** Time limit of a job in milliseconds while other users wait. Most jobs take less than 10 ms. */
export const TURN_MS = 200;
/** Time limit for the start of the thread, in milliseconds. The start usually takes 0.1 s. */
const START_MS = 10_000;
/**
 * Maximum memory of the parser in bytes. A thread that uses more is replaced. A query of the maximum length needs about
 * 10 MB.
 */
const MAX_PARSER_BYTES = 32 * 1024 * 1024;

export type NoResultReason =
  /** The job missed its deadline. */
  | 'slow'
  /** The parser failed. */
  | 'crashed'
  /**
   * Too many jobs wait for the thread, the job waited too long, or it was stopped for other users and cannot wait
   * again.
   */
  | 'busy'
  /** The thread cannot be started or is closed. The cause may be a ProxyError. */
  | 'no-thread';

/** The parser has no result for a job. The SQL may still be valid. */
export class NoParserResultError extends Error {
  readonly reason: NoResultReason;

  constructor(reason: NoResultReason, cause?: unknown) {
    super(`The SQL parser has no result (${reason}).`, { cause });
    this.reason = reason;
  }

  /**
   * True if the same job will fail again, because it is slow or crashes the parser. Other failures do not depend on the
   * SQL.
   */
  get repeats(): boolean {
    return this.reason === 'slow' || this.reason === 'crashed';
  }
}

/** The methods of `Worker` that are needed here. */
export type ParserWorker = Pick<Worker, 'on' | 'postMessage' | 'terminate' | 'unref'>;

/** A waiting or running job. At most one of its functions is called, and only once. */
export interface Waiting {
  job: ParserJob;
  user: string;
  /** True if the job has waited too long and must not wait again. */
  isOverdue: boolean;
  done(end: JobEnd): void;
  failed(reason: NoParserResultError): void;
}

interface ThreadEvents {
  idle(): void;
  /** Called when the job takes longer than its turn. */
  late(): void;
  /** @param startFailure The reason why the thread did not start. Undefined if it started. */
  ended(thread: RunningThread, startFailure: NoParserResultError | undefined): void;
}

/** The constructor starts the thread. Call `run` only while `isIdle`. */
export class RunningThread {
  readonly #events: ThreadEvents;
  #worker: ParserWorker | undefined;
  #state: 'starting' | 'ready' | 'ended' = 'starting';
  #current: Waiting | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #turn: NodeJS.Timeout | undefined;
  #isLate = false;

  constructor(start: () => Promise<ParserWorker>, events: ThreadEvents) {
    this.#events = events;
    this.#setDeadline(START_MS);
    start().then(
      (worker) => this.#started(worker),
      (cause: unknown) => this.end(new NoParserResultError('no-thread', cause))
    );
  }

  /** True if the thread has started and no job runs. */
  get isIdle(): boolean {
    return this.#state === 'ready' && this.#current === undefined;
  }

  /** The user of the running job. Undefined if no job runs. */
  get user(): string | undefined {
    return this.#current?.user;
  }

  /** True if the job takes longer than its turn. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Starts a job. */
  run(waiting: Waiting): void {
    this.#current = waiting;
    this.#setDeadline(JOB_MS);
    this.#turn = setTimeout(() => {
      this.#isLate = true;
      this.#events.late();
    }, TURN_MS).unref();
    this.#worker?.postMessage(waiting.job);
  }

  /**
   * Takes the running job from the thread, so that the job does not fail when the thread ends. Undefined if no job
   * runs.
   */
  giveUp(): Waiting | undefined {
    const waiting = this.#current;
    this.#current = undefined;
    return waiting;
  }

  #started(worker: ParserWorker): void {
    this.#worker = worker;
    if (this.#state === 'ended') {
      void worker.terminate();
      return;
    }
    worker.unref();
    worker.on('message', (message: WorkerMessage) => this.#received(message));
    const failed = (cause?: unknown) =>
      this.end(new NoParserResultError(this.#state === 'starting' ? 'no-thread' : 'crashed', cause));
    worker.on('error', failed);
    worker.on('exit', () => failed());
  }

  #received(message: WorkerMessage): void {
    if (this.#state === 'ended') {
      return;
    }
    this.#clearTimers();
    if (message.kind === 'ready') {
      this.#state = 'ready';
      this.#events.idle();
      return;
    }
    const waiting = this.#current;
    this.#current = undefined;
    waiting?.done(message.end);
    if (message.end.kind === 'crashed' || message.memoryBytes > MAX_PARSER_BYTES) {
      this.end(new NoParserResultError('crashed'));
    } else {
      this.#events.idle();
    }
  }

  #clearTimers(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#turn);
    this.#isLate = false;
  }

  #setDeadline(ms: number): void {
    this.#deadline = setTimeout(() => {
      // If the event loop was delayed, the result may have arrived, but was not read yet. The event loop reads the
      // result before it runs the callback of `setImmediate`.
      const late = this.#current;
      setImmediate(() => {
        if (this.#current === late && this.#state !== 'ended' && (late !== undefined || this.#state === 'starting')) {
          this.end(new NoParserResultError(late === undefined ? 'no-thread' : 'slow'));
        }
      });
    }, ms).unref();
  }

  /** Ends the thread, and fails its job with this reason. */
  end(reason: NoParserResultError): void {
    if (this.#state === 'ended') {
      return;
    }
    const isStartFailure = this.#state === 'starting';
    this.#state = 'ended';
    this.#clearTimers();
    void this.#worker?.terminate();
    const waiting = this.#current;
    this.#current = undefined;
    waiting?.failed(reason);
    this.#events.ended(this, isStartFailure ? reason : undefined);
  }
}
