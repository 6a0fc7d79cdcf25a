/**
 * The range that a panel with a relative range reads. It is the same range for all callers within some seconds, so that
 * their statements are equal. It contains the range of the request: the newest data are never missing.
 */
import { movesWithClock, type PanelRequest } from '../../../contract/queries/panel-request';
import { type TimeBins } from '../../sql/macros/time-bins';
import { type DataQuery } from '../plugin-request';

type Range = DataQuery['timeRange'];

/** Grids in milliseconds. Each divides 15 minutes, so that no end of a day in any time zone is passed. */
const GRIDS_MS = [900_000, 300_000, 180_000, 60_000, 30_000, 20_000, 15_000, 10_000, 5000, 2000, 1000] as const;

/**
 * A step is at most this part of the range, so that an end moves by as much at most. With longer bins, the sum of a
 * panel would differ from that of its range, and a query of a short range could read a long one.
 */
const PART_OF_RANGE = 50;

/** Steps of time without gaps. */
type Steps = Pick<TimeBins, 'startOf' | 'next'>;
type Bins = Pick<TimeBins, 'startOf' | 'next' | 'lengthMs'>;

/**
 * Aligns the ends that move with the clock: to a multiple of the bins of the query if they are short, else to a grid.
 * Requests in the same step find the same result, so a step is as long as the age, if the range is long enough.
 *
 * @param bins     The bins of the query. Called only if an end may be aligned.
 * @param maxAgeMs The largest age of a result from memory, and the longest step, in milliseconds. 0: not aligned. A bin
 *   may be longer.
 * @returns `range` itself if it is not aligned. Both ends are inclusive.
 */
export function readRange(
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
  // Grafana reads the clock once for each end, so the length differs by some milliseconds.
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

/** The longest steps of whole bins, at least of one. Bins of days and longer are not combined. */
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
