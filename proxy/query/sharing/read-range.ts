/**
 * The range that a panel with a relative range reads. It is the same range for all callers within some seconds, so that
 * their statements are equal. It contains the range of the request: the newest data are never missing.
 */
import { isRelativeTime, type PanelRequest } from '../../../contract/queries/panel-request';
import { type TimeBins } from '../../sql/macros/time-bins';
import { type DataQuery } from '../plugin-request';

type Range = DataQuery['timeRange'];

/** Grids in milliseconds. Each divides a minute, so that no bin of minutes, hours or days is passed. */
const GRIDS_MS = [60_000, 30_000, 20_000, 15_000, 10_000, 5000, 2000, 1000] as const;

/** The grid is at most this part of the range. */
const PART_OF_RANGE = 50;

/**
 * Aligns the ends that are relative: to the bins of the query, or else to a grid.
 *
 * @param maxAgeMs The largest age of a result from memory, and the largest grid, in milliseconds. 0: not aligned.
 * @returns `range` itself if it is not aligned. Both ends are inclusive.
 */
export function readRange(
  range: Range,
  { from, to }: PanelRequest,
  bins: Pick<TimeBins, 'startOf' | 'next'> | undefined,
  maxAgeMs: number
): Range {
  const steps = bins ?? gridOf(range, maxAgeMs);
  if (maxAgeMs === 0 || steps === undefined) {
    return range;
  }
  const fromMs = isRelativeTime(from) ? steps.startOf(range.fromMs) : range.fromMs;
  const toMs = isRelativeTime(to) ? steps.next(steps.startOf(range.toMs)) - 1 : range.toMs;
  return fromMs === range.fromMs && toMs === range.toMs ? range : { fromMs, toMs };
}

function gridOf({ fromMs, toMs }: Range, maxAgeMs: number): Pick<TimeBins, 'startOf' | 'next'> | undefined {
  // Grafana reads the clock once for each end, so the length differs by some milliseconds.
  const longestMs = Math.min(maxAgeMs, Math.round((toMs - fromMs) / PART_OF_RANGE / 1000) * 1000);
  const gridMs = GRIDS_MS.find((ms) => ms <= longestMs);
  return (
    gridMs && {
      startOf: (epochMs: number) => Math.floor(epochMs / gridMs) * gridMs,
      next: (startMs: number) => startMs + gridMs,
    }
  );
}
