/**
 * One step of a live tail, which shows log lines soon after they arrive. The browser requests each step in the query
 * model. The backend adds what the step needs to the author's SQL.
 *
 * Lines become visible in a different order than they arrive (`insert_time`). So each step reads recent lines again. To
 * keep the response small, the browser sends, for each second of arrival, the number of lines that it already has. The
 * response has only the lines of those seconds for which the server has a different number.
 */
import { custom, type InferOutput, is, literal, optional, union } from 'valibot';
import { integerIn, objectOf } from '../schemas';

/** The purpose of the calls of a live tail: the field `entrypoint` in the server's audit log. */
export const TAIL_PURPOSE = 'live-tail';

/**
 * HTTP status of an error that ends a tail: the query itself is wrong, so each further step would fail, too. If an
 * error has another status, the tail continues. In the backend's catalogue of errors, 'tail_not_possible' and other
 * errors of the author have this status.
 */
export const TAIL_ENDING_STATUS = 400;

/** Maximum of `ageSeconds`, and of the number of seconds in `known`. */
export const MAX_TAIL_SECONDS = 3600;
/** Maximum number of lines that one step may request. */
export const MAX_TAIL_LINES = 10_000;
/** Maximum number of lines of one second. */
const MAX_COUNT = 1_000_000_000;
/** Maximum second since 1970: in the year 2286. */
const MAX_SECOND = 9_999_999_999;

const ageSeconds = integerIn(1, MAX_TAIL_SECONDS);

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT;
}

/**
 * One check for the whole list: a schema for each count takes 15 times as long, and a tail sends thousands of counts
 * each second.
 */
const counts = custom<readonly number[]>(
  (value) => Array.isArray(value) && value.length <= MAX_TAIL_SECONDS && value.every(isCount)
);

const knownCounts = objectOf({
  /** The second that the first entry of `lines` belongs to, in seconds since 1970. */
  firstSecond: integerIn(0, MAX_SECOND),
  lines: counts,
});

/** For consecutive seconds: the number of lines that arrived in each second. */
export type KnownCounts = InferOutput<typeof knownCounts>;

const tailLinesRequest = objectOf({
  kind: literal('lines'),
  /**
   * Maximum age of a line in seconds, since its arrival, by the clock of the server. The oldest second is read
   * completely.
   */
  ageSeconds,
  /** Seconds that are not listed have no known lines. Default: no lines are known. */
  known: optional(knownCounts),
  /**
   * Maximum number of lines: the newest by arrival. The response may have more lines: if the number of lines of a
   * second differs from the known number, the response has at least one line of this second.
   */
  limit: integerIn(1, MAX_TAIL_LINES),
});

/** Requests lines that arrived recently. */
export type TailLinesRequest = InferOutput<typeof tailLinesRequest>;

const tailCountsRequest = objectOf({ kind: literal('counts'), ageSeconds });

/** Requests the number of lines of each second of arrival. */
export type TailCountsRequest = InferOutput<typeof tailCountsRequest>;

const tailRequest = union([tailLinesRequest, tailCountsRequest]);

export type TailRequest = InferOutput<typeof tailRequest>;

/** True for a request whose fields are all within their bounds. */
export function isTailRequest(value: unknown): value is TailRequest {
  return is(tailRequest, value);
}

/**
 * Columns that the backend adds to the lines. Their values are numbers. The browser removes these columns before it
 * shows the lines.
 */
export const TAIL_COLUMNS = {
  /** Time of arrival: whole seconds since 1970 in this column, and the remaining nanoseconds in the next column. */
  second: '__tail_second',
  nanos: '__tail_nanos',
  /** Number of lines that arrived in the same second. */
  lines: '__tail_lines',
  /** Current time of the server, in seconds since 1970, with a fraction. */
  now: '__tail_now',
  /**
   * Position of the line by its arrival. The newest line has position 1. `rank` is the position among the lines of all
   * returned seconds, `nth` the position among the lines of the same second. The browser does not use these columns.
   */
  rank: '__tail_rank',
  nth: '__tail_nth',
} as const;

/** Columns of the result of a `TailCountsRequest`. */
export const TAIL_COUNT_COLUMNS = { second: 'second', lines: 'lines', now: 'now' } as const;

/** Prefix of a column of `LINE_COLUMNS` in the result, if the author's query has another column of the same name. */
export const LINE_COLUMN_PREFIX = '__line_';

/**
 * Columns that identify a line together with the line's time, message and level. The backend adds missing columns to
 * the author's query.
 */
export const LINE_COLUMNS = ['process_id', 'block_id', 'target'] as const;
