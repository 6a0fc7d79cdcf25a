/**
 * Queries of the type `what-changed`: log lines and processes that are new in a window, or more frequent than before
 * the window. The backend writes the SQL.
 */
import { check, type InferOutput, picklist, pipe, regex, string } from 'valibot';
import { isFilled, boundedList, missingOr, objectOf, shortString } from '../schemas';
import { type QueryType } from './query-type';

/** Maximum number of entries of `processIds`. */
export const MAX_CHANGED_PROCESSES = 50;

const MINUTE_MS = 60_000;

/** Links from a time to log lines or flame graphs open the range from this many milliseconds before to after it. */
export const AROUND_MS = 5 * MINUTE_MS;

/**
 * The choices of how far the window extends before `atMs`, with their lengths in milliseconds. The window begins long
 * before the moment, because a cause is often earlier than its first visible effect.
 */
export const LOOK_BACKS = {
  '30m': 30 * MINUTE_MS,
  '2h': 120 * MINUTE_MS,
  '24h': 1440 * MINUTE_MS,
} as const;
export type LookBack = keyof typeof LOOK_BACKS;
export const DEFAULT_LOOK_BACK: LookBack = '30m';

/** The window extends this many milliseconds beyond `atMs`. */
export const LOOK_AHEAD_MS = 5 * MINUTE_MS;

/**
 * What a query compares beside the processes or the program that it names. `callers-and-callees`: also the processes
 * that call them, or that they call, by their traces. `lakehouse`: all processes, whatever the query names.
 */
export const CHANGE_SCOPES = ['callers-and-callees', 'lakehouse'] as const;
export type ChangeScope = (typeof CHANGE_SCOPES)[number];

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
  /** Default: only the named processes, or the processes of the program. */
  scope: missingOr(picklist(CHANGE_SCOPES)),
  /**
   * A moment at which something was noticed, in milliseconds since 1970, possibly with a fraction. The window begins
   * `lookBack` before this time, and ends `LOOK_AHEAD_MS` after it. Default: the window is the range of the query.
   */
  atMs: missingOr(milliseconds),
  /** Ignored without `atMs`. Default: `DEFAULT_LOOK_BACK`. */
  lookBack: missingOr(picklist(['30m', '2h', '24h'])),
});

export type WhatChangedRequest = InferOutput<typeof whatChangedRequest>;

/** A request needs a process or a program, unless it is for the whole lakehouse. */
export const WHAT_CHANGED: QueryType<WhatChangedRequest> = {
  label: 'What changed',
  schema: whatChangedRequest,
  required: [],
  hasInput: ({ processIds, exe, scope }) => scope === 'lakehouse' || (processIds ?? []).some(isFilled) || isFilled(exe),
};

/** The window around `atMs`, in milliseconds since 1970. Undefined if the request has no `atMs`. */
export function windowAround({
  atMs,
  lookBack,
}: Pick<WhatChangedRequest, 'atMs' | 'lookBack'>): { fromMs: number; toMs: number } | undefined {
  const at = Number(atMs || Number.NaN);
  return Number.isNaN(at)
    ? undefined
    : { fromMs: at - LOOK_BACKS[lookBack || DEFAULT_LOOK_BACK], toMs: at + LOOK_AHEAD_MS };
}
