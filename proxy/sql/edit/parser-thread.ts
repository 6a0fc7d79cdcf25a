/**
 * The SQL parser of the process, in a separate thread. The parser is synchronous and its run time is unpredictable. So
 * a job that misses its deadline is ended together with its thread, and the event loop of the backend never waits. The
 * thread starts with the first job.
 *
 * Jobs of different users take turns. A long job is stopped when other users wait. For a minute after that, all jobs of
 * its user come last, including the stopped job. So slow SQL of many users does not delay the filters of another user.
 */
import { StringSet } from '../../../contract/string-map';
import { Worker } from 'node:worker_threads';
import { ProxyError } from '../../base/errors/proxy-error';
import { FairQueue } from '../../base/fair-queue';
import { type ParserFiles } from './parser-files';
import { type JobResults, type ParserJob, type SqlParser } from './parser-jobs';
import { type WorkerStart } from './parser-worker';
import { NoParserResultError, type ParserWorker, RunningThread, type Waiting } from './running-thread';

/** After a job was stopped for another user, all jobs of its user come last for this number of milliseconds. */
export const LAST_MS = 60_000;
/** Maximum number of users whose jobs come last at the same time. */
const MAX_LAST_USERS = 1000;
/**
 * Maximum time in milliseconds that a job waits for the thread, by its kind. Some kinds wait less, because the query
 * also runs without the result of the job: `shape` is needed only for filter buttons, `data` only for a notice, and
 * `time-order` and `incremental` only make a query cheaper.
 */
const WAIT_MS: Readonly<Record<ParserJob['kind'], number>> = {
  shape: 1000,
  data: 1000,
  'time-order': 1000,
  sources: 5000,
  insert: 5000,
  group: 5000,
  count: 5000,
  tail: 5000,
  page: 5000,
  order: 5000,
  incremental: 1000,
};
/** Maximum number of waiting jobs of a queue, in total and per user. */
const MAX_WAITING = 500;
const MAX_WAITING_OF_USER = 100;
/**
 * Memory limits of the thread. They do not include the memory of the parser's WebAssembly. The syntax tree of a query
 * at the limits takes about 10 MB.
 */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/** Runs jobs in the parser thread. A process has one instance. */
export class ParserThread implements SqlParser {
  readonly #start: () => Promise<ParserWorker>;
  readonly #queue = new FairQueue<Waiting>(MAX_WAITING, MAX_WAITING_OF_USER);
  /** The waiting jobs of users whose jobs come last. */
  readonly #lastQueue = new FairQueue<Waiting>(MAX_WAITING, MAX_WAITING_OF_USER);
  readonly #lastUsers = new StringSet();
  /** The current thread. Messages of earlier threads are ignored. */
  #thread: RunningThread | undefined;

  constructor(start: () => Promise<ParserWorker>) {
    this.#start = start;
  }

  /** See `SqlParser`. */
  run<Job extends ParserJob>(job: Job, user: string): Promise<JobResults[Job['kind']]> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        clearTimeout(timer);
        this.#remove(waiting);
      };
      const waiting: Waiting = {
        job,
        user,
        isOverdue: false,
        done(end) {
          stopWaiting();
          switch (end.kind) {
            case 'done':
              return resolve(end.value as JobResults[Job['kind']]);
            case 'rejected':
              return reject(new ProxyError(end.code, end.messages));
            case 'crashed':
              return reject(new NoParserResultError('crashed', new Error(end.message)));
          }
        },
        failed(reason) {
          stopWaiting();
          reject(reason);
        },
      };
      const timer = setTimeout(() => {
        waiting.isOverdue = true;
        if (this.#remove(waiting)) {
          reject(new NoParserResultError('busy'));
        }
      }, WAIT_MS[job.kind]).unref();
      if (!this.#add(waiting)) {
        waiting.failed(new NoParserResultError('busy'));
        return;
      }
      this.#next();
    });
  }

  /** Ends the thread, and fails all jobs. */
  close(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.end(new NoParserResultError('no-thread'));
    this.#failAll(new NoParserResultError('no-thread'));
  }

  /** Adds a job to its queue. Returns false if the queue is full, or if the user has too many waiting jobs. */
  #add(waiting: Waiting): boolean {
    const queue = this.#lastUsers.has(waiting.user) ? this.#lastQueue : this.#queue;
    return queue.add(waiting.user, waiting);
  }

  /** Removes a waiting job. Returns false if the job does not wait. */
  #remove(waiting: Waiting): boolean {
    return this.#queue.remove(waiting.user, waiting) || this.#lastQueue.remove(waiting.user, waiting);
  }

  #take(): Waiting | undefined {
    return this.#queue.take() ?? this.#lastQueue.take();
  }

  /**
   * Gives the next waiting job to the thread if the thread is idle. Starts a thread if there is none. Stops a long job
   * if `#queue` has a job of another user.
   */
  #next(): void {
    if (this.#queue.isEmpty && this.#lastQueue.isEmpty) {
      return;
    }
    this.#thread ??= new RunningThread(this.#start, {
      idle: () => this.#next(),
      late: () => this.#next(),
      ended: (thread, startFailure) => {
        if (this.#thread === thread) {
          this.#thread = undefined;
          // If the thread did not start, the waiting jobs fail too, because the next thread would probably not start
          // either.
          if (startFailure !== undefined) {
            this.#failAll(startFailure);
          }
          this.#next();
        }
      },
    });
    if (this.#thread.isIdle) {
      const waiting = this.#take();
      if (waiting !== undefined) {
        this.#thread.run(waiting);
      }
    } else if (this.#isInTheWay(this.#thread)) {
      this.#stop(this.#thread);
    }
  }

  /** True if the running job is long and `#queue` has a job of another user. */
  #isInTheWay({ isLate, user }: RunningThread): boolean {
    return isLate && user !== undefined && this.#queue.hasOther(user);
  }

  /** Stops the long job. The job waits again. If its maximum waiting time is over, it fails. */
  #stop(thread: RunningThread): void {
    const waiting = thread.giveUp();
    if (waiting === undefined) {
      return;
    }
    this.#comesLast(waiting.user);
    // The reason is not `slow`: the job might end within its time limit if no other users wait.
    const stopped = new NoParserResultError('busy');
    if (waiting.isOverdue || !this.#add(waiting)) {
      waiting.failed(stopped);
    }
    thread.end(stopped);
  }

  #comesLast(user: string): void {
    if (!this.#lastUsers.has(user) && this.#lastUsers.size < MAX_LAST_USERS) {
      this.#lastUsers.add(user);
      for (const waiting of this.#queue.removeAll(user)) {
        if (!this.#lastQueue.add(user, waiting)) {
          waiting.failed(new NoParserResultError('busy'));
        }
      }
      setTimeout(() => this.#lastUsers.delete(user), LAST_MS).unref();
    }
  }

  #failAll(reason: NoParserResultError): void {
    for (let waiting = this.#take(); waiting !== undefined; waiting = this.#take()) {
      waiting.failed(reason);
    }
  }
}

/** The parser in the files of the build. */
export function parserOfBuild(files: ParserFiles): ParserThread {
  return new ParserThread(async () => {
    const { script, compiled } = await files.load();
    return startWorker(script, { compiled });
  });
}

/** Starts the worker from the source of its script. */
function startWorker(script: string, start: WorkerStart): Worker {
  return new Worker(script, {
    eval: true,
    workerData: start,
    resourceLimits: RESOURCE_LIMITS,
    // The thread needs no environment of the process. Standard output is reserved for the handshake.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
}
