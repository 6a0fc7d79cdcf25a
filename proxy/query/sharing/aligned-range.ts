/**
 * The range that a panel with a relative range reads. All requests within some seconds get the same range, so their
 * statements are equal. The returned range contains the range of the request, so the newest data are never missing.
 */
import { movesWithClock, type PanelRequest } from '../../../contract/queries/panel-request';
import { type TimeBins } from '../../sql/macros/time-bins';
import { type DataQuery } from '../plugin-request';

type Range = DataQuery['timeRange'];

/** Lengths of steps in milliseconds. Each divides 15 minutes, so no step crosses the end of a day in any time zone. */
const STEPS_MS = [900_000, 300_000, 180_000, 60_000, 30_000, 20_000, 15_000, 10_000, 5000, 2000, 1000] as const;

/**
 * A step is at most one fiftieth of the range, and an end moves by at most one step. With longer steps, the sum of a
 * panel would differ too much from the sum over the requested range.
 */
const PART_OF_RANGE = 50;

/** Consecutive time steps without gaps, to which a range is aligned. */
type Grid = Pick<TimeBins, 'startOf' | 'next'>;
type Bins = Grid & Pick<TimeBins, 'lengthMs'>;

/**
 * Aligns a range to time steps. Only ends that move with the clock are aligned. If the query has short bins, a step
 * consists of whole bins. For other queries, the length of a step is from `STEPS_MS`. Requests in the same step get the
 * same result, so a step is about as long as `maxAgeMs` if the range is long enough.
 *
 * @param bins     The bins of the query. Called only if an end may be aligned.
 * @param maxAgeMs Maximum age of a cached result, in milliseconds. A step is at most this long. If one bin is longer, a
 *   step is one bin. 0: the range is not aligned.
 * @returns `range` itself if it is not aligned. Both ends are inclusive.
 */
export function alignedRange(
  range: Range,
  { from, to }: PanelRequest,
  bins: () => Bins | undefined,
  maxAgeMs: number
): Range {
  const [fromMoves, toMoves] = [movesWithClock(from), movesWithClock(to)];
  const grid = maxAgeMs > 0 && (fromMoves || toMoves) ? gridFor(range, bins(), maxAgeMs) : undefined;
  if (grid === undefined) {
    return range;
  }
  const fromMs = fromMoves ? grid.startOf(range.fromMs) : range.fromMs;
  const toMs = toMoves ? lastOf(grid, range.toMs) : range.toMs;
  return fromMs === range.fromMs && toMs === range.toMs ? range : { fromMs, toMs };
}

function gridFor({ fromMs, toMs }: Range, bins: Bins | undefined, maxAgeMs: number): Grid | undefined {
  // Grafana reads the clock once for each end, so ranges of the same panel differ in length by some milliseconds.
  // Rounding to seconds makes their steps equal.
  const longestMs = Math.round((toMs - fromMs) / PART_OF_RANGE / 1000) * 1000;
  const maxStepMs = Math.min(maxAgeMs, longestMs);
  if (bins !== undefined && lastOf(bins, toMs) - bins.startOf(toMs) < longestMs) {
    return multipleOf(bins, maxStepMs);
  }
  const stepMs = STEPS_MS.find((ms) => ms <= maxStepMs);
  return stepMs === undefined ? undefined : gridOf(stepMs);
}

/** The last millisecond of the step that contains the time. */
function lastOf(grid: Grid, epochMs: number): number {
  return grid.next(grid.startOf(epochMs)) - 1;
}

/**
 * The grid with the longest steps that consist of whole bins and are at most `longestMs`. A step has at least one bin.
 * Bins of days and longer are not combined.
 */
function multipleOf(bins: Bins, longestMs: number): Grid {
  const { lengthMs } = bins;
  const count = lengthMs === undefined ? 1 : Math.floor(longestMs / lengthMs);
  return lengthMs === undefined || count < 2 ? bins : gridOf(count * lengthMs);
}

function gridOf(stepMs: number): Grid {
  return {
    startOf: (epochMs) => Math.floor(epochMs / stepMs) * stepMs,
    next: (startMs) => startMs + stepMs,
  };
}
