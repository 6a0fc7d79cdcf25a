/**
 * The SQL parser of the page. All editors share it.
 *
 * It runs in a worker, because SQL from a saved dashboard or a link can take long to parse. A job that misses its
 * deadline is ended together with its worker. If no worker can start, the page itself parses SQL, but only SQL that is
 * certain to be fast.
 *
 * The parser is WebAssembly. A content security policy may block it. Then there are no diagnostics, and the builder
 * cannot read edited SQL. Everything else must work without the parser. The same holds while the files of the parser
 * cannot be loaded, for example without a connection. Each job then tries to load them again.
 */
import { parserReads } from '../../../contract/sql/parser-input';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { type BrowserJobResults, type BrowserParserJob, runJob } from './parser-jobs';
import { type PageMessage, type BrowserWorkerMessage } from './parser-worker';

/** Maximum milliseconds for a job in the worker. Most jobs take less than 20 ms. */
export const BROWSER_JOB_MS = 2000;
/** Maximum milliseconds for the start of a worker, whose file may have to be loaded. */
export const START_MS = 10_000;
/** Maximum cost of SQL that the page parses itself, in the unit of `parserReads`. Such SQL takes a few milliseconds. */
const MAX_READS_ON_PAGE = 4000;
/** Maximum number of UTF-16 units of SQL that the page parses itself. */
const MAX_CHARACTERS_ON_PAGE = 20_000;

/** The part of a `Worker` that is used here. */
export interface BrowserWorker {
  onmessage: ((event: MessageEvent<BrowserWorkerMessage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: PageMessage): void;
  terminate(): void;
}

/** Functions that parse in a worker or on the page. Available after the files of the parser were loaded. */
export interface ParserParts {
  /** Starts a worker, which sends `ready`. @throws {unknown} If the browser allows no worker. */
  startWorker: () => BrowserWorker;
  /** Parses without a worker. */
  parseOnPage: ParseStatements;
}

/**
 * Why there is no result. `unavailable`: WebAssembly is blocked, a file cannot be loaded, or the parser has crashed.
 * `slow`: the SQL takes too long.
 */
export type NoResult = 'unavailable' | 'slow';

export type BrowserJobEnd<Value> = { kind: 'done'; value: Value } | { kind: 'none'; reason: NoResult };

/** The parser, as editors use it. Jobs run one after the other. */
export interface BrowserSqlParser {
  run<Job extends BrowserParserJob>(job: Job): Promise<BrowserJobEnd<BrowserJobResults[Job['kind']]>>;
}

/** The next message of a worker. `slow` if no message arrived in time. */
function nextMessage(worker: BrowserWorker, timeoutMs: number): Promise<BrowserWorkerMessage | { kind: 'slow' }> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ kind: 'slow' }), timeoutMs);
    const end = (message: BrowserWorkerMessage) => {
      clearTimeout(timer);
      resolve(message);
    };
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = ({ message }) => end({ kind: 'failed', message });
  });
}

/** Each page has one parser. `run` never rejects: if there is no result, it returns the reason. */
export class BrowserParser implements BrowserSqlParser {
  readonly #load: () => Promise<ParserParts>;
  #parts: Promise<ParserParts | undefined> | undefined;
  #worker: BrowserWorker | undefined;
  /** False after the start of a worker has failed. After that, no worker is started. */
  #hasWorkers = true;
  /** Resolves when the last job ends. Then the next job runs. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param load Loads the files of the parser. Called with the first job. */
  constructor(load: () => Promise<ParserParts>) {
    this.#load = load;
  }

  run<Job extends BrowserParserJob>(job: Job): Promise<BrowserJobEnd<BrowserJobResults[Job['kind']]>> {
    const end = this.#last.then(() => this.#run(job)) as Promise<BrowserJobEnd<BrowserJobResults[Job['kind']]>>;
    this.#last = end;
    return end;
  }

  /** Never rejects. */
  async #run(job: BrowserParserJob): Promise<BrowserJobEnd<BrowserJobResults[BrowserParserJob['kind']]>> {
    const parts = await this.#loaded();
    if (parts === undefined) {
      return { kind: 'none', reason: 'unavailable' };
    }
    const worker = await this.#readyWorker(parts);
    if (worker === undefined) {
      return this.#runOnPage(job, parts.parseOnPage);
    }
    const message = nextMessage(worker, BROWSER_JOB_MS);
    worker.postMessage({ kind: 'job', job });
    const end = await message;
    if (end.kind === 'done') {
      return end;
    }
    // WebAssembly that has crashed has an undefined state.
    worker.terminate();
    this.#worker = undefined;
    return { kind: 'none', reason: end.kind === 'slow' ? 'slow' : 'unavailable' };
  }

  /** The loaded files. Undefined if they could not be loaded, or if WebAssembly is blocked. */
  async #loaded(): Promise<ParserParts | undefined> {
    this.#parts ??= this.#load();
    try {
      return await this.#parts;
    } catch (reason) {
      // A browser that blocks WebAssembly also blocks it for the next job. Other failures may be temporary.
      this.#parts = reason instanceof WebAssembly.CompileError ? Promise.resolve(undefined) : undefined;
      return undefined;
    }
  }

  /** The worker, which is started if there is none. Undefined if no worker can start. */
  async #readyWorker({ startWorker }: ParserParts): Promise<BrowserWorker | undefined> {
    if (this.#worker !== undefined || !this.#hasWorkers) {
      return this.#worker;
    }
    try {
      const worker = startWorker();
      const { kind } = await nextMessage(worker, START_MS);
      if (kind === 'ready') {
        this.#worker = worker;
        return worker;
      }
      worker.terminate();
    } catch {
      // A content security policy can block workers.
    }
    this.#hasWorkers = false;
    return undefined;
  }

  #runOnPage(
    job: BrowserParserJob,
    parse: ParseStatements
  ): BrowserJobEnd<BrowserJobResults[BrowserParserJob['kind']]> {
    if (job.sql.length > MAX_CHARACTERS_ON_PAGE || parserReads(job.sql) > MAX_READS_ON_PAGE) {
      return { kind: 'none', reason: 'slow' };
    }
    try {
      return { kind: 'done', value: runJob(job, parse) };
    } catch {
      this.#parts = Promise.resolve(undefined);
      return { kind: 'none', reason: 'unavailable' };
    }
  }
}
