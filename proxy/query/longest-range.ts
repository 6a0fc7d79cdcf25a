/** Rejects queries whose time range is longer than the data source allows. */
import { ProxyError } from '../base/errors/proxy-error';
import { type DataSourceSettings } from '../lakehouse/instances/settings';
import { type DataQuery } from './plugin-request';

const HOUR_MS = 3_600_000;

/**
 * Checks the range that is sent beside the SQL. For a page of lines or a step of a live tail, this is the changed
 * range.
 *
 * @param range Undefined: all times.
 * @throws {ProxyError} 'time_range_too_long'
 */
export function checkLongestRange(
  range: DataQuery['timeRange'] | undefined,
  { maxRangeMs }: Pick<DataSourceSettings, 'maxRangeMs'>
): void {
  if (maxRangeMs === undefined) {
    return;
  }
  const limit = `the limit is ${inHours(maxRangeMs)}`;
  if (range === undefined) {
    throw new ProxyError('time_range_too_long', { detail: `The query has no time filter; ${limit}.` });
  }
  const lengthMs = range.toMs - range.fromMs;
  if (lengthMs > maxRangeMs) {
    throw new ProxyError('time_range_too_long', { detail: `The range is ${inHours(lengthMs)} long; ${limit}.` });
  }
}

/** @returns For example `1.5 hours`. */
function inHours(ms: number): string {
  const hours = Number((ms / HOUR_MS).toPrecision(4));
  return hours === 1 ? '1 hour' : `${hours} hours`;
}
