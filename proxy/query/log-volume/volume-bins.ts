/**
 * The bins of a log volume: their width, and the minutes that `log_stats` can count. All times are milliseconds since
 * 1970.
 */
import { STATISTICS_AGE_MS } from '../../views/processes/line-counts';
import { type TimeRange } from '../../sql/macros/time-bins';

interface BinOptions {
  /** The interval of the panel. Explore sets 1 ms, 1 s, 1 min, 1 h or 1 day. */
  intervalMs: number;
  /** The width of the page in pixels. 0 if it is not known. */
  maxDataPoints: number;
}

/** Maximum number of bins of one result, for any width of the page. */
export const MAX_BINS = 5000;
/** A page with fewer pixels gets as many bins as a page with this number of pixels. */
const MIN_BINS = 20;
export const MINUTE_MS = 60_000;

/**
 * The width of a bin in milliseconds: the smallest multiple (1, 2, 5, 10, 20, 50, …) of the interval with at most one
 * bin per pixel of the page. Fewer than `MIN_BINS` pixels count as `MIN_BINS`. More than `MAX_BINS` pixels count as
 * `MAX_BINS`, and so does an unknown number of pixels.
 */
export function binWidthMs({ fromMs, toMs }: TimeRange, { intervalMs, maxDataPoints }: BinOptions): number {
  const width = Math.max(1, Math.round(intervalMs));
  const maxBins = maxDataPoints > 0 ? Math.max(MIN_BINS, Math.min(maxDataPoints, MAX_BINS)) : MAX_BINS;
  const minFactor = (toMs - fromMs) / (width * maxBins);
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, minFactor))));
  const factor = [1, 2, 5, 10].find((step) => step * power >= minFactor) ?? 10;
  return width * factor * power;
}

/** Minimum number of minutes that are read from `log_stats`. With fewer minutes, `log_stats` saves nothing. */
const MIN_MINUTES = 5;

/** Full minutes from `startMs` (inclusive) to `endMs` (exclusive). */
export interface StatisticsMinutes {
  startMs: number;
  endMs: number;
}

/**
 * The minutes of a range that `log_stats` can count. Undefined if the bins are not full minutes, or if `log_stats` can
 * count fewer than `MIN_MINUTES` minutes.
 */
export function statisticsMinutes(
  { fromMs, toMs }: TimeRange,
  widthMs: number,
  nowMs: number
): StatisticsMinutes | undefined {
  const startMs = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.floor(Math.min(toMs, nowMs - STATISTICS_AGE_MS) / MINUTE_MS) * MINUTE_MS;
  const isUseful = widthMs % MINUTE_MS === 0 && endMs - startMs >= MIN_MINUTES * MINUTE_MS;
  return isUseful ? { startMs, endMs } : undefined;
}
