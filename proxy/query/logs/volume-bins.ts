/**
 * The bins of a log volume: their width, and the minutes that `log_stats` can count. All times in milliseconds since
 * 1970.
 */

export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

interface BinOptions {
  /** The interval of the panel, which Explore rounds to a millisecond, second, minute, hour or day. */
  intervalMs: number;
  /** The width of the page in pixels. 0 if it is not known. */
  maxDataPoints: number;
}

/** Maximum number of bins of one result, independent of the page. */
export const MAX_BINS = 5000;
/** A page with fewer points still has this number of bins. */
const MIN_BINS = 20;
export const MINUTE_MS = 60_000;

/**
 * The width of a bin: the interval, or its first multiple by 1, 2, 5, 10, 20, 50, … with which the range has no more
 * bins than the page has pixels.
 */
export function binWidthMs({ fromMs, toMs }: TimeSpan, { intervalMs, maxDataPoints }: BinOptions): number {
  const width = Math.max(1, Math.round(intervalMs));
  const maxBins = maxDataPoints > 0 ? Math.max(MIN_BINS, Math.min(maxDataPoints, MAX_BINS)) : MAX_BINS;
  const minFactor = (toMs - fromMs) / (width * maxBins);
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, minFactor))));
  const factor = [1, 2, 5, 10].find((step) => step * power >= minFactor) ?? 10;
  return width * factor * power;
}

/**
 * Age of the newest minute that is read from `log_stats`. The server fills that table after `log_entries`, some seconds
 * after lines arrive, so newer minutes are counted in `log_entries`.
 */
export const STATISTICS_AGE_MS = 10 * MINUTE_MS;
/** With fewer minutes, `log_stats` saves nothing. */
const MIN_MINUTES = 5;

/** Full minutes from `startMs` on and before `endMs`. */
export interface StatisticsMinutes {
  startMs: number;
  endMs: number;
}

/**
 * The minutes of a range that `log_stats` can count. Undefined for bins that are not full minutes, and for few minutes.
 */
export function statisticsMinutes(
  { fromMs, toMs }: TimeSpan,
  widthMs: number,
  nowMs: number
): StatisticsMinutes | undefined {
  const startMs = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.floor(Math.min(toMs, nowMs - STATISTICS_AGE_MS) / MINUTE_MS) * MINUTE_MS;
  const isUseful = widthMs % MINUTE_MS === 0 && endMs - startMs >= MIN_MINUTES * MINUTE_MS;
  return isUseful ? { startMs, endMs } : undefined;
}
