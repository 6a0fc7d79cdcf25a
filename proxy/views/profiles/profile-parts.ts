/** Divides a long time range into parts, and chooses the part that a flame graph shows. */
import { type ProfilePart, type ProfileRequest } from '../../../contract/query-types/profile';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ViewContext } from '../view-context';
import { COUNTS_COLUMNS, countsSql } from './profile-sql';
import { NANOS_PER_MS, type ProfileWindow, windowBetween } from './profile-window';

/** Maximum number of calls in a part. The backend reads a million calls in about a second. */
export const PART_CALLS = 1_000_000;
/**
 * The calls of a range up to this length in milliseconds are not counted before they are read. They are counted only if
 * the result reaches the row limit.
 */
const MAX_UNCOUNTED_MS = 60_000;
/** Maximum number of bins of a range. */
const MAX_BINS = 1000;
/**
 * Maximum number of bins that are read. It is more than `MAX_BINS`, because there are additional bins for calls that
 * began before the range.
 */
const MAX_COUNTED = 10_000;
/**
 * Maximum number of refinements. If the newest part has too many calls, its calls are counted again in shorter bins.
 */
const MAX_REFINEMENTS = 2;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Lengths of bins below one day, in milliseconds. */
const WIDTHS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/** The parts of a range that has too many calls for one flame graph. */
export interface CountedParts {
  /** The parts, the newest first. */
  parts: readonly ProfilePart[];
  /** The window that the flame graph shows. */
  shown: ProfileWindow;
}

/**
 * The length in milliseconds of the bins in which calls are counted: the shortest length with at most `MAX_BINS` bins.
 */
export function callBinMs({ range: { fromMs, toMs } }: ProfileWindow): number {
  const least = (toMs - fromMs) / MAX_BINS;
  return WIDTHS_MS.find((width) => width >= least) ?? Math.ceil(least / DAY) * DAY;
}

/**
 * Joins consecutive bins, from the last bin backward, to parts with at most `maxCalls` calls. A bin with more calls is
 * a separate part. Consecutive parts have no gap between them. If there are several parts, each part is longer than
 * zero.
 *
 * @param bins   The bins in the order of time.
 * @param window The newest part ends with the window. A bin that begins before the window is clamped. If no time of a
 *   bin is within the window, the calls of this bin are added to the nearest part.
 */
export function partsOf(bins: readonly ProfilePart[], window: ProfileWindow, maxCalls = PART_CALLS): ProfilePart[] {
  const parts: ProfilePart[] = [];
  let end = window.range.toMs;
  for (const bin of bins.toReversed()) {
    const last = parts.at(-1);
    const beginMs = Math.max(bin.beginMs, window.range.fromMs);
    const hasNoLength = beginMs === end || last?.beginMs === last?.endMs;
    if (last !== undefined && (hasNoLength || last.calls + bin.calls <= maxCalls)) {
      last.beginMs = beginMs;
      last.calls += bin.calls;
    } else {
      parts.push({ ...bin, beginMs, endMs: end });
    }
    end = beginMs;
  }
  return parts;
}

/** True if the range is so long that its calls are counted before they are read. */
export function isLong({ range: { fromMs, toMs } }: ProfileWindow): boolean {
  return toMs - fromMs > MAX_UNCOUNTED_MS;
}

/**
 * Counts the calls of a range.
 *
 * @returns Undefined if one flame graph can show the whole window.
 * @throws {ProxyError} Errors of the statement.
 */
export async function readProfileParts(
  request: ProfileRequest,
  window: ProfileWindow,
  lake: ViewContext
): Promise<CountedParts | undefined> {
  const parts = partsOf(await readBins(request, window, lake), window);
  if (parts.length < 2 && !isTooLarge(parts[0])) {
    return undefined;
  }
  let shown = windowOf(parts[0], window);
  let newest = parts[0];
  for (let step = 0; step < MAX_REFINEMENTS && isTooLarge(newest); step++) {
    const [finer] = partsOf(await readBins(request, shown, lake), shown);
    newest = finer ?? newest;
    shown = windowOf(newest, shown);
  }
  return { parts, shown };
}

function isTooLarge(part: ProfilePart | undefined): boolean {
  return part !== undefined && part.calls > PART_CALLS;
}

/** The window of a part, clamped to the whole window. */
function windowOf({ beginMs, endMs }: ProfilePart, { beginNs, endNs }: ProfileWindow): ProfileWindow {
  const [from, to] = [BigInt(beginMs) * NANOS_PER_MS, BigInt(endMs) * NANOS_PER_MS];
  return windowBetween(from > beginNs ? from : beginNs, to < endNs ? to : endNs);
}

/** @throws {ProxyError} 'result_malformed' for a bin without number, and errors of the statement. */
async function readBins(
  { processId, streamId }: ProfileRequest,
  window: ProfileWindow,
  lake: ViewContext
): Promise<ProfilePart[]> {
  const widthMs = callBinMs(window);
  const bins: ProfilePart[] = [];
  const sql = countsSql(processId, streamId, widthMs);
  for await (const batch of lake.read({ sql, range: window.range, maxRows: MAX_COUNTED, columns: COUNTS_COLUMNS })) {
    const [numbers, calls] = [batch.numbers('bin'), batch.counts('calls')];
    for (let row = 0; row < batch.length; row++) {
      if (!Number.isSafeInteger(numbers[row])) {
        throw new ProxyError('result_malformed', { detail: 'a bin has no number' });
      }
      const beginMs = numbers[row] * widthMs;
      bins.push({ beginMs, endMs: beginMs + widthMs, calls: calls[row] });
    }
  }
  return bins.sort((a, b) => a.beginMs - b.beginMs);
}
