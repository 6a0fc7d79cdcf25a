/**
 * The SQL parser of the process, in a thread of its own. The parser is synchronous and its time cannot be foreseen, so a job
 * that misses its deadline is ended together with its thread, and the event loop of the proxy never waits.
 * The thread starts with the first job.
 */
import { Worker } from 'node:worker_threads';
import { ProxyError } from '../errors/proxy-error';
import { FairQueue } from './fair-queue';
import { type ParserFiles } from './parser-files';
import { type JobEnd, type JobResults, type ParserJob } from './parser-jobs';
import { type WorkerMessage, type WorkerStart } from './parser-worker';

/** Milliseconds of a job in the thread. A query at the limits of the parser takes up to 0.6 s in a new thread on a busy machine. */
export const JOB_MS = 1000;
/**
 * Milliseconds that a job waits for the thread at most. Only filter buttons depend on the shape of a query, and only a notice on
 * its data.
 */
const WAIT_MS: Readonly<Record<ParserJob['kind'], number>> = {
  shape: 1000,
  data: 1000,
  sources: 5000,
  insert: 5000,
  count: 5000,
  tail: 5000,
  page: 5000,
};
/** Milliseconds for the start of the thread. It usually takes 0.1 s. */
const START_MS = 10_000;
/** Jobs that wait, in total and of one user. */
const MAX_WAITING = 500;
const MAX_WAITING_OF_USER = 100;
/** A thread whose parser has more memory is replaced. A query of the maximum length needs about 10 MB. */
const MAX_PARSER_BYTES = 32 * 1024 * 1024;

/** Memory of the thread without that of the parser itself. The syntax tree of a query at the limits takes about 10 MB. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

export type NoResultReason =
  /** It missed its deadline. */
  | 'slow'
  /** The parser failed. */
  | 'crashed'
  /** Too many jobs wait for the thread. */
  | 'busy'
  /** The thread cannot be started, or is closed. The cause may be a ProxyError. */
  | 'no-thread';

/** The parser has no answer for a job. This says nothing about the SQL. */
export class NoParserResult extends Error {
  readonly reason: NoResultReason;

  constructor(reason: NoResultReason, cause?: unknown) {
    super(`The SQL parser has no result (${reason}).`, { cause });
    this.reason = reason;
  }
}

/** The part of a `Worker` that is used here. */
export type ParserWorker = Pick<Worker, 'on' | 'postMessage' | 'terminate' | 'unref'>;

/** A job that waits or runs. Exactly one of its functions is called, once. */
interface Waiting {
  job: ParserJob;
  done(end: JobEnd): void;
  failed(reason: NoParserResult): void;
}

export class ParserThread {
  readonly #start: () => Promise<ParserWorker>;
  readonly #queue = new FairQueue<Waiting>(MAX_WAITING, MAX_WAITING_OF_USER);
  /** The current thread. A thread that was given up is not the current one, and its messages are ignored. */
  #thread: RunningThread | undefined;

  constructor(start: () => Promise<ParserWorker>) {
    this.#start = start;
  }

  /**
   * Runs a job.
   *
   * @param user Jobs of different users take turns.
   * @throws {ProxyError} Of the job: 'filter_invalid', 'filter_not_applicable', 'volume_not_countable',
   *   'tail_not_possible'
   * @throws {NoParserResult}
   */
  run<Job extends ParserJob>(job: Job, user: string): Promise<JobResults[Job['kind']]> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        clearTimeout(timer);
        this.#queue.remove(user, waiting);
      };
      const waiting: Waiting = {
        job,
        done(end) {
          stopWaiting();
          switch (end.kind) {
            case 'done':
              return resolve(end.value as JobResults[Job['kind']]);
            case 'refused':
              return reject(new ProxyError(end.code, end.texts));
            case 'crashed':
              return reject(new NoParserResult('crashed', new Error(end.message)));
          }
        },
        failed(reason) {
          stopWaiting();
          reject(reason);
        },
      };
      const timer = setTimeout(() => {
        if (this.#queue.remove(user, waiting)) {
          reject(new NoParserResult('busy'));
        }
      }, WAIT_MS[job.kind]).unref();
      if (!this.#queue.add(user, waiting)) {
        waiting.failed(new NoParserResult('busy'));
        return;
      }
      this.#next();
    });
  }

  /** Ends the thread, and all jobs. */
  close(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.end(new NoParserResult('no-thread'));
    this.#failAll(new NoParserResult('no-thread'));
  }

  #next(): void {
    if (this.#queue.isEmpty) {
      return;
    }
    this.#thread ??= new RunningThread(this.#start, {
      idle: () => this.#next(),
      ended: (thread, startFailure) => {
        if (this.#thread === thread) {
          this.#thread = undefined;
          // A thread that cannot start would fail again for each job.
          if (startFailure !== undefined) {
            this.#failAll(startFailure);
          }
          this.#next();
        }
      },
    });
    if (this.#thread.isIdle) {
      const waiting = this.#queue.take();
      if (waiting !== undefined) {
        this.#thread.run(waiting);
      }
    }
  }

  #failAll(reason: NoParserResult): void {
    for (let waiting = this.#queue.take(); waiting !== undefined; waiting = this.#queue.take()) {
      waiting.failed(reason);
    }
  }
}

interface ThreadEvents {
  idle(): void;
  /** @param startFailure If the thread did not start. */
  ended(thread: RunningThread, startFailure: NoParserResult | undefined): void;
}

/** One thread, which runs one job at a time. */
class RunningThread {
  readonly #events: ThreadEvents;
  #worker: ParserWorker | undefined;
  #state: 'starting' | 'ready' | 'ended' = 'starting';
  #current: Waiting | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(start: () => Promise<ParserWorker>, events: ThreadEvents) {
    this.#events = events;
    this.#setDeadline(START_MS);
    start().then(
      (worker) => this.#started(worker),
      (cause: unknown) => this.end(new NoParserResult('no-thread', cause))
    );
  }

  get isIdle(): boolean {
    return this.#state === 'ready' && this.#current === undefined;
  }

  run(waiting: Waiting): void {
    this.#current = waiting;
    this.#setDeadline(JOB_MS);
    this.#worker?.postMessage(waiting.job);
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
      this.end(new NoParserResult(this.#state === 'starting' ? 'no-thread' : 'crashed', cause));
    worker.on('error', failed);
    worker.on('exit', () => failed());
  }

  #received(message: WorkerMessage): void {
    if (this.#state === 'ended') {
      return;
    }
    clearTimeout(this.#deadline);
    if (message.kind === 'ready') {
      this.#state = 'ready';
      this.#events.idle();
      return;
    }
    const waiting = this.#current;
    this.#current = undefined;
    waiting?.done(message.end);
    if (message.end.kind === 'crashed' || message.memoryBytes > MAX_PARSER_BYTES) {
      this.end(new NoParserResult('crashed'));
    } else {
      this.#events.idle();
    }
  }

  #setDeadline(ms: number): void {
    this.#deadline = setTimeout(() => {
      // If the event loop was late, the answer may already be there. It is read before this callback.
      const late = this.#current;
      setImmediate(() => {
        if (this.#current === late && this.#state !== 'ended' && (late !== undefined || this.#state === 'starting')) {
          this.end(new NoParserResult(late === undefined ? 'no-thread' : 'slow'));
        }
      });
    }, ms).unref();
  }

  /** Ends the thread, and its job with this reason. */
  end(reason: NoParserResult): void {
    if (this.#state === 'ended') {
      return;
    }
    const isStartFailure = this.#state === 'starting';
    this.#state = 'ended';
    clearTimeout(this.#deadline);
    void this.#worker?.terminate();
    const waiting = this.#current;
    this.#current = undefined;
    waiting?.failed(reason);
    this.#events.ended(this, isStartFailure ? reason : undefined);
  }
}

/** The parser in the files of the build. */
export function parserOfBuild(files: ParserFiles): ParserThread {
  return new ParserThread(async () => {
    const { script, compiled } = await files.load();
    return startWorker(script, { compiled });
  });
}

/** The only place that knows how the script of the thread is loaded. */
function startWorker(script: string, start: WorkerStart): Worker {
  return new Worker(script, {
    eval: true,
    workerData: start,
    resourceLimits: RESOURCE_LIMITS,
    // The thread needs nothing of the process. Standard output is only for the handshake.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
}
