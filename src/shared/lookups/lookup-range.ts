import { type TimeRange } from '@grafana/data';
import { type LookupRange } from '../../../contract/resources/lookups';

const HOUR_MS = 3_600_000;

/**
 * The range of a lookup, in milliseconds since 1970.
 *
 * @param range The time range of the panel. Editors of variables may have no range. Default: the last hour.
 * @param now Milliseconds since 1970. Default: the clock of the browser.
 */
export function lookupRange(range: TimeRange | undefined, now: () => number = Date.now): LookupRange {
  const toMs = range?.to.valueOf() ?? now();
  return { fromMs: range?.from.valueOf() ?? toMs - HOUR_MS, toMs };
}
