/**
 * Decides which parts of a range a refresh reads again. All times are milliseconds since 1970. The ends of intervals
 * are exclusive.
 *
 * The first and the last bin of a range are usually partial. The rows of partial bins depend on the range, so these
 * bins are read each time.
 */
import { type TimeBins, type TimeRange } from '../../sql/macros/time-bins';

export type Bins = Pick<TimeBins, 'startOf' | 'next'>;

/** An interval of whole bins. */
export interface BinInterval {
  startMs: number;
  endMs: number;
}

/**
 * Maximum share of the range that a refresh reads in parts. If a larger share is new or changed, the refresh reads the
 * whole range.
 */
const MAX_SHARE = 1 / 3;
/** Maximum number of groups of changed bins. If there are more, the nearest groups are joined. */
export const MAX_BIN_GROUPS = 16;

/** The bins that are completely within a range. The interval is empty if there are none. */
export function wholeBins({ fromMs, toMs }: TimeRange, bins: Bins): BinInterval {
  const first = bins.startOf(fromMs);
  return { startMs: first === fromMs ? first : bins.next(first), endMs: bins.startOf(toMs) };
}

/**
 * The bins that can be taken from an earlier result. They are whole in both ranges, and end no later than `newestMs`.
 * `mergedRows` later replaces the bins in which rows have arrived.
 *
 * @param newestMs Milliseconds since 1970. Bins after this time are always read again, because most new rows are in
 *   them.
 * @returns Undefined if there are none.
 */
export function keptBins(before: TimeRange, now: TimeRange, newestMs: number, bins: Bins): BinInterval | undefined {
  const [old, own] = [wholeBins(before, bins), wholeBins(now, bins)];
  const startMs = Math.max(old.startMs, own.startMs);
  const endMs = Math.min(old.endMs, own.endMs, bins.startOf(newestMs));
  return startMs < endMs ? { startMs, endMs } : undefined;
}

/** The intervals before and after the kept bins. At most two. */
export function edgesOf({ fromMs, toMs }: TimeRange, kept: BinInterval, bins: Bins): BinInterval[] {
  return [
    { startMs: bins.startOf(fromMs), endMs: kept.startMs },
    { startMs: kept.endMs, endMs: bins.next(bins.startOf(toMs)) },
  ].filter(({ startMs, endMs }) => startMs < endMs);
}

/**
 * The groups of changed bins, without overlaps, in the order of time.
 *
 * @param changed Starts of bins, in any order.
 */
export function changedGroups(changed: readonly number[], bins: Bins): BinInterval[] {
  const groups: BinInterval[] = [];
  for (const startMs of changed.toSorted((a, b) => a - b)) {
    const endMs = bins.next(startMs);
    const last = groups.at(-1);
    if (last !== undefined && startMs <= last.endMs) {
      last.endMs = endMs;
    } else {
      groups.push({ startMs, endMs });
    }
  }
  return joinNearest(groups);
}

/** Joins groups over the shortest gaps until there are at most `MAX_BIN_GROUPS`. */
function joinNearest(groups: readonly BinInterval[]): BinInterval[] {
  const gaps = groups.slice(1).map(({ startMs }, index) => ({ index: index + 1, ms: startMs - groups[index].endMs }));
  const kept = new Set<number>(
    gaps
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, MAX_BIN_GROUPS - 1)
      .map(({ index }) => index)
  );
  const joined: BinInterval[] = [];
  groups.forEach((group, index) => {
    if (index === 0 || kept.has(index)) {
      joined.push({ ...group });
    } else {
      joined[joined.length - 1].endMs = group.endMs;
    }
  });
  return joined;
}

/**
 * The parts of an interval that are outside of the groups.
 *
 * @param groups Within the interval, without overlaps, in the order of time.
 */
export function partsBetween({ startMs, endMs }: BinInterval, groups: readonly BinInterval[]): BinInterval[] {
  const starts = [startMs, ...groups.map((group) => group.endMs)];
  const ends = [...groups.map((group) => group.startMs), endMs];
  return starts
    .map((start, index) => ({ startMs: start, endMs: ends[index] }))
    .filter((part) => part.startMs < part.endMs);
}

/** The fraction of the range that the groups cover, from 0 to 1. */
export function shareOf(groups: readonly BinInterval[], { fromMs, toMs }: TimeRange): number {
  const ms = groups.reduce(
    (sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs)),
    0
  );
  return toMs > fromMs ? ms / (toMs - fromMs) : 1;
}

/** True if it is cheaper to read the whole range. */
export function isTooMuch(groups: readonly BinInterval[], range: TimeRange): boolean {
  return shareOf(groups, range) > MAX_SHARE;
}
