/** The window of a query, and the time before the window for comparison. */
import { type WhatChangedRequest, windowAround } from '../../../contract/query-types/what-changed';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';

const MINUTE_MS = 60_000;
/** Minimum length of the time before the window, in milliseconds. */
export const MIN_BEFORE_MS = 60 * MINUTE_MS;

/** Times in milliseconds since 1970, rounded to full minutes, because `log_stats` counts lines by minute. */
export interface ChangeWindow {
  /** Start of the time before the window, which ends at `fromMs`. */
  beforeMs: number;
  fromMs: number;
  toMs: number;
  /** The moment of the request, not rounded. Undefined: the window is the range of the query. */
  atMs: number | undefined;
}

/**
 * The window of a request: at least one minute. A longer window does not end after the current minute, because minutes
 * in the future would lower its rates.
 *
 * A window is compared with the hour before. A window that is longer than an hour is compared with a time of the same
 * length, so that what happens once a day is not new each day. If the data source has a longest range, that time is
 * shorter: window and time before exceed the longest range only if the time before is an hour.
 */
export function windowOf(
  request: WhatChangedRequest,
  { range, nowMs, maxRangeMs = Infinity }: Pick<ViewContext, 'range' | 'nowMs' | 'maxRangeMs'>
): ChangeWindow {
  const around = windowAround(request);
  const { fromMs, toMs } = around ?? range;
  const firstMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
  const lastMs = Math.ceil(Math.min(toMs, nowMs) / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.max(lastMs, firstMs + MINUTE_MS);
  const lengthMs = endMs - firstMs;
  const comparableMs = Math.floor(Math.min(lengthMs, maxRangeMs - lengthMs) / MINUTE_MS) * MINUTE_MS;
  return {
    beforeMs: firstMs - Math.max(MIN_BEFORE_MS, comparableMs),
    fromMs: firstMs,
    toMs: endMs,
    atMs: around && Number(request.atMs),
  };
}

/** The range whose length the longest range of the data source limits. `range`: the range of the query. */
export function limitedRange(request: WhatChangedRequest, range: TimeRangeMs): TimeRangeMs {
  // The default window is short, and links to it also exist in data sources with a short limit.
  return (request.lookBack && windowAround(request)) || range;
}

/** The number by which counts of the time before are multiplied, to compare them with counts of the window. */
export function shareOf({ beforeMs, fromMs, toMs }: ChangeWindow): number {
  return (toMs - fromMs) / (fromMs - beforeMs);
}
