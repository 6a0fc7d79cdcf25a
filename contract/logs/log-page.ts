/** A page of a logs query: the lines before or after those that are shown. Grafana asks for it when the user scrolls to an end. */

export interface LogPageRequest {
  /** `older`: the lines before the boundary, the newest first. `newer`: those after it, the oldest first. */
  direction: 'older' | 'newer';
  /** The millisecond since 1970 of the oldest or newest line that is shown. All lines of it are asked for again. */
  boundaryMs: number;
  /** Number of lines that are shown and asked for again. The page has this number of lines in addition to its limit. */
  shown: number;
  /** Name of the column with the time of the lines. */
  timeColumn: string;
}

/** UTF-16 units. */
const MAX_COLUMN_CHARACTERS = 1000;
const MAX_SHOWN = 100_000_000;
/** The last full millisecond of 64-bit nanoseconds since 1970. */
const MAX_MS = 9_223_372_036_854;

function isIntegerIn(value: unknown, least: number, greatest: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= greatest;
}

/** True for a request that can be answered. */
export function isLogPageRequest(value: unknown): value is LogPageRequest {
  if (value === null || typeof value !== 'object') {
    return false;
  }
  const { direction, boundaryMs, shown, timeColumn }: Partial<Record<keyof LogPageRequest, unknown>> = value;
  return (
    (direction === 'older' || direction === 'newer') &&
    isIntegerIn(boundaryMs, -MAX_MS, MAX_MS - 1) &&
    isIntegerIn(shown, 0, MAX_SHOWN) &&
    typeof timeColumn === 'string' &&
    timeColumn !== '' &&
    timeColumn.length <= MAX_COLUMN_CHARACTERS
  );
}
