/** The window of a query, and the time before the window for comparison. */
import { AROUND_MS, type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { type ViewContext } from '../view-context';

const MINUTE_MS = 60_000;
/** Length of the time before the window, in milliseconds. */
export const BEFORE_MS = 60 * MINUTE_MS;

/** Times in milliseconds since 1970, rounded to full minutes, because `log_stats` counts lines by minute. */
export interface ChangeWindow {
  /** `BEFORE_MS` before the window. */
  beforeMs: number;
  fromMs: number;
  toMs: number;
}

/**
 * The window of a request: at least one minute. A longer window does not end after the current minute, because minutes
 * in the future would lower its rates.
 */
export function windowOf({ atMs }: WhatChangedRequest, { range, nowMs }: ViewContext): ChangeWindow {
  const at = Number(atMs || Number.NaN);
  const { fromMs, toMs } = Number.isNaN(at) ? range : { fromMs: at - AROUND_MS, toMs: at + AROUND_MS };
  const firstMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
  const lastMs = Math.ceil(Math.min(toMs, nowMs) / MINUTE_MS) * MINUTE_MS;
  return { beforeMs: firstMs - BEFORE_MS, fromMs: firstMs, toMs: Math.max(lastMs, firstMs + MINUTE_MS) };
}
