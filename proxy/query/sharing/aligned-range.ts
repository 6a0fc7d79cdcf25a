/**
 * The range that a panel with a relative range reads. All requests within some seconds get the same range, so their
 * statements are equal. The returned range contains the range of the request, so the newest data are never missing.
 */
import { movesWithClock, type PanelRequest } from '../../../contract/queries/panel-request';
import { type TimeBins } from '../../sql/macros/time-bins';
import { type DataQuery } from '../plugin-request';

type Range = DataQuery['timeRange'];

/**
 * Lengths of grid steps in milliseconds. Each divides 15 minutes, so no step crosses the end of a day in any time zone.
 */
const GRIDS_MS = [900_000, 300_000, 180_000, 60_000, 30_000, 20_000, 15_000, 10_000, 5000, 2000, 1000] as const;

/**
 * A step is at most one fiftieth of the range, and an end moves by at most one step. With longer steps, the sum of a
 * panel would differ too much from the sum over its range.
 */
const PART_OF_RANGE = 50;

/** Consecutive time steps without gaps. */
type Steps = Pick<TimeBins, 'startOf' | 'next'>;
type Bins = Pick<TimeBins, 'startOf' | 'next' | 'lengthMs'>;

/**
 * Aligns the ends that move with the clock: to a multiple of the query's bins if the bins are short, otherwise to a
 * grid. Requests in the same step get the same result, so a step is about as long as `maxAgeMs` if the range is long
 * enough.
 *
 * @param bins     The bins of the query. Called only if an end may be aligned.
 * @param maxAgeMs Maximum age of a result from memory, in milliseconds. A step is at most this long, unless one bin is
 *   longer. 0: the range is not aligned.
 * @returns `range` itself if it is not aligned. Both ends are inclusive.
 */
export function alignedRange(
  range: Range,
  { from, to }: PanelRequest,
  bins: () => Bins | undefined,
  maxAgeMs: number
): Range {
  const [fromMoves, toMoves] = [movesWithClock(from), movesWithClock(to)];
  const steps = maxAgeMs > 0 && (fromMoves || toMoves) ? stepsFor(range, bins(), maxAgeMs) : undefined;
  if (steps === undefined) {
    return range;
  }
  const fromMs = fromMoves ? steps.startOf(range.fromMs) : range.fromMs;
  const toMs = toMoves ? lastOf(steps, range.toMs) : range.toMs;
  return fromMs === range.fromMs && toMs === range.toMs ? range : { fromMs, toMs };
}

function stepsFor({ fromMs, toMs }: Range, bins: Bins | undefined, maxAgeMs: number): Steps | undefined {
  // Grafana reads the clock once for each end, so ranges of the same panel differ in length by some milliseconds.
  // Rounding to seconds makes their steps equal.
  const longestMs = Math.round((toMs - fromMs) / PART_OF_RANGE / 1000) * 1000;
  const stepMs = Math.min(maxAgeMs, longestMs);
  if (bins !== undefined && lastOf(bins, toMs) - bins.startOf(toMs) < longestMs) {
    return multipleOf(bins, stepMs);
  }
  const gridMs = GRIDS_MS.find((ms) => ms <= stepMs);
  return gridMs === undefined ? undefined : gridOf(gridMs);
}

/** The last millisecond of the step that contains the time. */
function lastOf(steps: Steps, epochMs: number): number {
  return steps.next(steps.startOf(epochMs)) - 1;
}

/**
 * The longest steps that consist of whole bins and are at most `longestMs`. A step has at least one bin. Bins of days
 * and longer are not combined.
 */
function multipleOf(bins: Bins, longestMs: number): Steps {
  const { lengthMs } = bins;
  const count = lengthMs === undefined ? 1 : Math.floor(longestMs / lengthMs);
  return lengthMs === undefined || count < 2 ? bins : gridOf(count * lengthMs);
}

function gridOf(gridMs: number): Steps {
  return {
    startOf: (epochMs) => Math.floor(epochMs / gridMs) * gridMs,
    next: (startMs) => startMs + gridMs,
  };
}
