/**
 * The neighbours of a log line, as the browser requests them in the query model. The backend writes the SQL.
 *
 * Lines are ordered by time, then by arrival (`insert_time`). If two lines have the same times, their process, block,
 * target, level, message and properties decide, so that the order is total.
 */
import { check, type InferOutput, is, notValue, optional, picklist, pipe, string } from 'valibot';
import { isInstanceId } from '../resources/lookups';
import { integerIn, objectOf, stringOf } from '../schemas';

/**
 * The lines that count as neighbours: all lines of the process, the lines of the process that have the same target, or
 * all lines of the computer.
 */
const CONTEXT_SCOPES = ['process', 'target', 'computer'] as const;

export type ContextScope = (typeof CONTEXT_SCOPES)[number];

const CONTEXT_DIRECTIONS = ['before', 'after'] as const;

export type ContextDirection = (typeof CONTEXT_DIRECTIONS)[number];

/** Maximum number of lines that one request returns. */
export const MAX_CONTEXT_LINES = 1000;
/** Maximum number of UTF-16 units of a message, target or id. If a message is longer, only its start is compared. */
export const MAX_LINE_CHARACTERS = 20_000;
/** Maximum of `windowMs` for the scope `computer`: a day. */
export const MAX_COMPUTER_WINDOW_MS = 24 * 3_600_000;
/** Maximum of `windowMs`: ten years. */
const MAX_WINDOW_MS = 3_660 * 24 * 3_600_000;
export const MAX_NANOSECONDS = 2n ** 63n - 1n;
/** Maximum of `repetition`. The minimum is the negative of this number. */
const MAX_REPETITION = 1_000_000_000;

/** A valid timestamp of the server: nanoseconds since 1970 as digits, because JSON numbers are not exact. */
export const nanoseconds = pipe(
  string(),
  check((digits) => /^\d{1,19}$/.test(digits) && BigInt(digits) <= MAX_NANOSECONDS)
);

/** True for a valid timestamp of the server: nanoseconds since 1970 as digits. */
export function isNanoseconds(value: unknown): value is string {
  return is(nanoseconds, value);
}

const lineString = stringOf(MAX_LINE_CHARACTERS);

const lineMarks = objectOf({
  /** Nanoseconds since 1970. */
  insertTime: optional(nanoseconds),
  blockId: optional(lineString),
  target: optional(lineString),
  /** 1 (fatal) to 6 (trace). */
  level: optional(integerIn(1, 6)),
  /** The message, or its first `MAX_LINE_CHARACTERS`. */
  text: optional(lineString),
  /**
   * Position of the line among lines that differ only in their properties: 2 is the second line, -2 the second line
   * from the end. Default: 1, the first line.
   */
  repetition: optional(pipe(integerIn(-MAX_REPETITION, MAX_REPETITION), notValue(0))),
});

/** The values that distinguish a line from other lines of the same process and nanosecond. */
export type LineMarks = InferOutput<typeof lineMarks>;

const logContextRequest = objectOf({
  processId: pipe(string(), check(isInstanceId)),
  /** Nanoseconds since 1970. */
  time: nanoseconds,
  marks: lineMarks,
  direction: picklist(CONTEXT_DIRECTIONS),
  scope: picklist(CONTEXT_SCOPES),
  /** Maximum number of neighbours. The neighbours closest to the log line are returned. */
  limit: integerIn(1, MAX_CONTEXT_LINES),
  /**
   * Returns only neighbours within this many milliseconds before or after the log line. Default: no limit. For the
   * scope `computer`, the backend limits the time to `MAX_COMPUTER_WINDOW_MS`.
   */
  windowMs: optional(integerIn(1, MAX_WINDOW_MS)),
});

export type LogContextRequest = InferOutput<typeof logContextRequest>;

/** True for a request whose fields are all within their bounds. */
export function isLogContextRequest(value: unknown): value is LogContextRequest {
  return is(logContextRequest, value);
}
