/**
 * Queries of the type `what-changed`: log lines and processes that are new in a window, or more frequent than in the
 * hour before the window. The backend writes the SQL.
 */
import { check, type InferOutput, is, pipe, regex, string } from 'valibot';
import { isFilled, boundedList, missingOr, objectOf, shortString } from '../schemas';

/** Maximum number of entries of `processIds`. */
export const MAX_CHANGED_PROCESSES = 50;

/**
 * The window extends this many milliseconds before and after `atMs`. Links from a time to log lines or flame graphs use
 * the same range around that time.
 */
export const AROUND_MS = 5 * 60_000;

const MILLISECONDS = /^\d{1,13}(?:\.\d{1,9})?$/;
/** Limit of `atMs`. If `atMs` were later, the nanoseconds of the window might not fit into 64 bits. */
const LAST_MS = 9e12;

const milliseconds = pipe(
  string(),
  regex(MILLISECONDS),
  check((value) => Number(value) <= LAST_MS)
);

const whatChangedRequest = objectOf({
  /** Ids of processes. Missing or empty: all processes of `exe`. */
  processIds: missingOr(boundedList(shortString, MAX_CHANGED_PROCESSES)),
  /** A program. Ignored if `processIds` is set. */
  exe: missingOr(shortString),
  /**
   * The middle of the window, in milliseconds since 1970, possibly with a fraction. The window extends `AROUND_MS`
   * before and after this time. Default: the window is the range of the query.
   */
  atMs: missingOr(milliseconds),
});

export type WhatChangedRequest = InferOutput<typeof whatChangedRequest>;

/** True for an object whose known fields have valid values. */
export function isWhatChangedRequest(value: unknown): value is WhatChangedRequest {
  return is(whatChangedRequest, value);
}

/** True if the request names a process or a program, so that it can run. */
export function hasWhatChangedInput({ processIds, exe }: WhatChangedRequest): boolean {
  return (processIds ?? []).some(isFilled) || isFilled(exe);
}
