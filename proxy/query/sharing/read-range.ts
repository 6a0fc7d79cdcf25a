/**
 * The range that a panel with a relative range reads. It is the same range for all callers within some seconds, so that
 * their statements are equal. It contains the range of the request: the newest data are never missing.
 */
import { movesWithClock, type PanelRequest } from '../../../contract/queries/panel-request';
import { type TimeBins } from '../../sql/macros/time-bins';
import { type DataQuery } from '../plugin-request';

type Range = DataQuery['timeRange'];

/** Grids in milliseconds. Each divides a minute, so that no bin of minutes, hours or days is passed. */
const GRIDS_MS = [60_000, 30_000, 20_000, 15_000, 10_000, 5000, 2000, 1000] as const;

/**
 * A step is at most this part of the range, so that an end moves by as much at most. With longer bins, the sum of a
 * panel would differ from that of its range, and a query of a short range could read a long one.
 */
const PART_OF_RANGE = 50;

/** Steps of time without gaps. */
type Steps = Pick<TimeBins, 'startOf' | 'next'>;

/**
 * Aligns the ends that move with the clock: to the bins of the query if they are short, or else to a grid.
 *
 * @param maxAgeMs The largest age of a result from memory, and the largest grid, in milliseconds. 0: not aligned.
 * @returns `range` itself if it is not aligned. Both ends are inclusive.
 */
export function readRange(range: Range, { from, to }: PanelRequest, bins: Steps | undefined, maxAgeMs: number): Range {
  const steps = maxAgeMs === 0 ? undefined : stepsFor(range, bins, maxAgeMs);
  if (steps === undefined) {
    return range;
  }
  const fromMs = movesWithClock(from) ? steps.startOf(range.fromMs) : range.fromMs;
  const toMs = movesWithClock(to) ? lastOf(steps, range.toMs) : range.toMs;
  return fromMs === range.fromMs && toMs === range.toMs ? range : { fromMs, toMs };
}

function stepsFor({ fromMs, toMs }: Range, bins: Steps | undefined, maxAgeMs: number): Steps | undefined {
  // Grafana reads the clock once for each end, so the length differs by some milliseconds.
  const longestMs = Math.round((toMs - fromMs) / PART_OF_RANGE / 1000) * 1000;
  const areShort = bins !== undefined && lastOf(bins, toMs) - bins.startOf(toMs) < longestMs;
  return areShort ? bins : gridOf(Math.min(maxAgeMs, longestMs));
}

/** The last millisecond of the step that contains the time. */
function lastOf(steps: Steps, epochMs: number): number {
  return steps.next(steps.startOf(epochMs)) - 1;
}

function gridOf(longestMs: number): Steps | undefined {
  const gridMs = GRIDS_MS.find((ms) => ms <= longestMs);
  return (
    gridMs && {
      startOf: (epochMs: number) => Math.floor(epochMs / gridMs) * gridMs,
      next: (startMs: number) => startMs + gridMs,
    }
  );
}
