/**
 * Caches results of the SQL parser. Steps of a live tail and refreshes of a panel repeat the same jobs, because their
 * SQL has macros instead of the time range.
 */
import { Cache } from '../../../contract/cache';
import { digestOf } from '../../base/digest';
import { type JobResults, OPTIONAL_JOBS, type ParserJob, type SqlParser } from './parser-jobs';
import { NoParserResultError } from './running-thread';

/** Maximum total size of all results as JSON, in UTF-16 units. */
export const MAX_REMEMBERED_CHARACTERS = 4 * 1024 * 1024;
/** Maximum size of one result. Larger results are not cached. */
const MAX_RESULT_CHARACTERS = 64 * 1024;
/** Size of an entry beside its result. */
const ENTRY_CHARACTERS = 100;
/** Milliseconds until an optional job that failed is tried again. The machine may have been busy. */
const FAILURE_KEPT_MS = 10 * 60_000;

type Result = { value: JobResults[ParserJob['kind']] } | { failure: NoParserResultError };

/**
 * The cache of the process, in front of the parser. Callers do not share a running job, so that a user whose jobs come
 * last does not delay other users.
 */
export class ParserCache implements SqlParser {
  readonly #parser: SqlParser;
  readonly #results: Cache<Result>;

  /** @param now Milliseconds of a monotonic clock. Default: the clock of the process. */
  constructor(parser: SqlParser, now?: () => number) {
    this.#parser = parser;
    this.#results = new Cache({
      maxSize: MAX_REMEMBERED_CHARACTERS,
      sizeOf: (result) => ('value' in result ? charactersOf(result.value) : ENTRY_CHARACTERS),
      ageMs: (result) => ('value' in result ? Infinity : FAILURE_KEPT_MS),
      now,
    });
  }

  /**
   * See `SqlParser`. If an optional job is slow or crashes the parser, it fails without the parser for ten minutes.
   * Other failures are not cached.
   */
  async run<Job extends ParserJob>(job: Job, user: string): Promise<JobResults[Job['kind']]> {
    const key = digestOf(JSON.stringify(job));
    const known = this.#results.get(key);
    if (known !== undefined) {
      if ('failure' in known) {
        throw known.failure;
      }
      return known.value as JobResults[Job['kind']];
    }
    try {
      const value = await this.#parser.run(job, user);
      this.#results.set(key, { value });
      return value;
    } catch (reason) {
      if (OPTIONAL_JOBS.has(job.kind) && reason instanceof NoParserResultError && reason.repeats) {
        this.#results.set(key, { failure: reason });
      }
      throw reason;
    }
  }
}

/** The size of a result. Infinity for a result that is not cached. */
function charactersOf(value: unknown): number {
  const characters = JSON.stringify(value)?.length ?? 0;
  return characters > MAX_RESULT_CHARACTERS ? Infinity : characters + ENTRY_CHARACTERS;
}
