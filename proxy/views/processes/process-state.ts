/** Determines the state of a process at the end of the range: running, ended or crashed. */
import { type ProcessState } from '../../../contract/query-types/processes';
import { type ViewContext } from '../view-context';
import { msLiteral } from '../../../contract/sql/time-literals';
import { type LineCounts } from './line-counts';
import { lastSeen, type ProcessRow } from './process-row';

/**
 * A process without data for more than this number of milliseconds is not running. The time is this long, because data
 * may arrive late.
 */
const SILENT_MS = 5 * 60_000;
/**
 * A process has crashed if it has a fatal line within this number of minutes before its end. The number is more than
 * one, because the times of some lines are rounded down to the minute.
 */
const CRASH_MINUTES = 2;

/** A process that was last seen at this time or later is running. In milliseconds since 1970. */
export function runningSinceMs({ range, nowMs }: Pick<ViewContext, 'range' | 'nowMs'>): number {
  return Math.min(range.toMs, nowMs) - SILENT_MS;
}

/** Returns the state of a process. @param sinceMs Result of `runningSinceMs`. */
export function stateOf({ lastSeenNs = 0n }: ProcessRow, { lastFatalNs }: LineCounts, sinceMs: number): ProcessState {
  if (lastSeenNs >= BigInt(Math.round(sinceMs)) * 1_000_000n) {
    return 'running';
  }
  const crashedSince = lastSeenNs - BigInt(CRASH_MINUTES) * 60_000_000_000n;
  return lastFatalNs !== undefined && lastFatalNs >= crashedSince ? 'crashed' : 'ended';
}

/** Like `stateOf`, as an SQL condition. @param fatal Column with the time of the newest fatal line, or NULL. */
export function stateCondition(state: ProcessState, table: string, fatal: string, sinceMs: number): string {
  const seen = lastSeen(table);
  const isCrash = `${fatal} >= ${seen} - interval '${CRASH_MINUTES} minutes'`;
  switch (state) {
    case 'running':
      return `${seen} >= ${msLiteral(sinceMs)}`;
    case 'ended':
      return `${seen} < ${msLiteral(sinceMs)} AND (${fatal} IS NULL OR NOT (${isCrash}))`;
    case 'crashed':
      return `${seen} < ${msLiteral(sinceMs)} AND ${isCrash}`;
  }
}
