/**
 * The neighbours of a log line, as the browser requests them in the query model. The proxy writes the SQL.
 *
 * Lines are ordered by time, then by arrival (`insert_time`). Lines that are equal in both are ordered by process, block, target,
 * level, text and properties, so that every line is the requested line, before it, or after it.
 */
import { isObject } from '../is-object';
import { isInstanceId } from '../resources/lookups';

/** Which lines are neighbours: those of the process, those of the process with the same target, or those of the computer. */
export const CONTEXT_SCOPES = ['process', 'target', 'computer'] as const;

export type ContextScope = (typeof CONTEXT_SCOPES)[number];

export const CONTEXT_DIRECTIONS = ['before', 'after'] as const;

export type ContextDirection = (typeof CONTEXT_DIRECTIONS)[number];

/** What is known about a line besides process and time. It distinguishes the line from others of the same nanosecond. */
export interface LineMarks {
  /** Nanoseconds since 1970. */
  insertTime?: string;
  blockId?: string;
  target?: string;
  /** 1 (fatal) to 6 (trace). */
  level?: number;
  /** The text, or its first `MAX_LINE_CHARACTERS`. */
  text?: string;
  /**
   * Which of several lines that differ in their properties only, or not at all: 2 is the second one, -2 the second from the end.
   * Missing: the first.
   */
  repetition?: number;
}

export interface LogContextRequest {
  processId: string;
  /** Nanoseconds since 1970, as digits, because JSON numbers are not exact. */
  time: string;
  marks: LineMarks;
  direction: ContextDirection;
  scope: ContextScope;
  /** Number of lines: those next to the line. */
  limit: number;
  /**
   * Only lines within this many milliseconds of the line. Missing: all lines of the process. The proxy never reads more than
   * `MAX_COMPUTER_WINDOW_MS` of the lines of a computer.
   */
  windowMs?: number;
}

export const MAX_CONTEXT_LINES = 1000;
/** UTF-16 units of a text, target or id. A longer text is compared by its start. */
export const MAX_LINE_CHARACTERS = 20_000;
export const MAX_COMPUTER_WINDOW_MS = 24 * 3_600_000;
/** Ten years. */
const MAX_WINDOW_MS = 3_660 * 24 * 3_600_000;
const MAX_NANOSECONDS = 2n ** 63n - 1n;
const MAX_REPETITION = 1_000_000_000;

/** True for nanoseconds since 1970 that a column of the server can contain. */
export function isNanoseconds(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,19}$/.test(value) && BigInt(value) <= MAX_NANOSECONDS;
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_LINE_CHARACTERS;
}

function isIntegerIn(value: unknown, least: number, greatest: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest;
}

function isMissingOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

function isLineMarks(value: unknown): boolean {
  if (!isObject(value)) {
    return false;
  }
  const { insertTime, blockId, target, level, text, repetition } = value;
  return (
    isMissingOr(insertTime, isNanoseconds) &&
    [blockId, target, text].every((each) => isMissingOr(each, isShortText)) &&
    isMissingOr(level, (each) => isIntegerIn(each, 1, 6)) &&
    isMissingOr(repetition, (each) => each !== 0 && isIntegerIn(each, -MAX_REPETITION, MAX_REPETITION))
  );
}

const SCOPES: readonly unknown[] = CONTEXT_SCOPES;
const DIRECTIONS: readonly unknown[] = CONTEXT_DIRECTIONS;

/** True for a request whose fields are all within their bounds. */
export function isLogContextRequest(value: unknown): value is LogContextRequest {
  if (!isObject(value)) {
    return false;
  }
  const { processId, time, marks, direction, scope, limit, windowMs } = value;
  return (
    typeof processId === 'string' &&
    isInstanceId(processId) &&
    isNanoseconds(time) &&
    isLineMarks(marks) &&
    DIRECTIONS.includes(direction) &&
    SCOPES.includes(scope) &&
    isIntegerIn(limit, 1, MAX_CONTEXT_LINES) &&
    isMissingOr(windowMs, (each) => isIntegerIn(each, 1, MAX_WINDOW_MS))
  );
}
