/** Refreshes in parts that take about as long as a statement over the whole range, or fall back to it. */
import { NO_ROWS } from './collect-rows';
import { type KeptResult } from './kept-results';

/** After this number of consecutive slow refreshes, the whole range is read until `KeptResult.wholeAt` is too old. */
const MAX_SLOW_REFRESHES = 2;

/** True if the whole range must be read, because refreshes in parts are slow. */
export function isSlow({ slowRefreshes }: KeptResult): boolean {
  return slowRefreshes >= MAX_SLOW_REFRESHES;
}

/**
 * Drops the rows if refreshes in parts are slow. The whole range is then read until `wholeAt` is too old, so the rows
 * are not needed.
 */
export function withoutRowsIfSlow(result: KeptResult): KeptResult {
  return isSlow(result) ? { ...result, rows: NO_ROWS, bins: [] } : result;
}
