/**
 * Optional jobs of the SQL parser, which make a query cheaper. The query also runs without their results. SQL that is
 * slow to parse or crashes the parser is remembered, so that it is not parsed again at each refresh of a panel.
 */
import { StringMap } from '../../contract/string-map';
import { type Deadline } from '../base/async/deadline';
import { untilAborted } from '../base/async/with-limits';
import { digestOf } from '../base/digest';
import { keepNewest } from '../base/keep-newest';
import { type JobResults, type ParserJob, type SqlParser } from '../sql/edit/parser-jobs';
import { NoParserResultError } from '../sql/edit/running-thread';

/** Maximum number of remembered jobs. */
const MAX_UNREADABLE = 200;

/** Milliseconds until a job is tried again. The parser may have been slow because the machine was busy. */
const REMEMBERED_MS = 10 * 60_000;

type OptionalJob = Extract<ParserJob, { kind: 'time-order' | 'incremental' }>;

/** The fields of a running query that an optional job needs. */
export interface OptionalJobRun {
  /** Name of the user in the queue of the parser. */
  user: string;
  deadline: Deadline;
  deps: { parser: SqlParser; unreadable: UnreadableSql };
}

/**
 * Remembers, for ten minutes each, the last 200 jobs that failed and would fail again. All queries share this object.
 */
export class UnreadableSql {
  readonly #failedMs = new StringMap<number>();
  readonly #elapsedMs: () => number;

  /** @param elapsedMs Milliseconds of a monotonic clock. Default: the clock of the process. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
  }

  has(key: string): boolean {
    const failedMs = this.#failedMs.get(key);
    return failedMs !== undefined && this.#elapsedMs() - failedMs < REMEMBERED_MS;
  }

  note(key: string): void {
    keepNewest(this.#failedMs, key, this.#elapsedMs(), MAX_UNREADABLE);
  }
}

/**
 * Runs an optional job of the parser.
 *
 * @returns The result of the job. Undefined if the parser has no result.
 * @throws {ProxyError} 'query_timeout', 'query_cancelled'
 */
export async function runOptionalJob<Job extends OptionalJob>(
  job: Job,
  { user, deadline, deps: { parser, unreadable } }: OptionalJobRun
): Promise<JobResults[Job['kind']] | undefined> {
  const key = digestOf(`${job.kind} ${job.sql}`);
  if (unreadable.has(key)) {
    return undefined;
  }
  return untilAborted(parser.run(job, user), deadline.signal).catch((reason: unknown) => {
    deadline.check();
    if (reason instanceof NoParserResultError && reason.repeats) {
      unreadable.note(key);
    }
    return undefined;
  });
}
