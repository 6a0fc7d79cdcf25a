/**
 * The bounds of a request and its queries. Every user who may run queries can set the refId, the time range and the
 * interval to any values. The data source may also limit the length of the range. `contract/queries/query-bounds.ts`
 * checks the saved model.
 */
import { inNanosecondRange } from '../base/nanosecond-range';
import { ProxyError } from '../base/errors/proxy-error';
import { type DataSourceSettings } from '../lakehouse/instances/settings';
import { type DataQuery } from './plugin-request';

/** Maximum number of queries in one request. Panels and alert rules have fewer queries. */
export const MAX_QUERIES = 200;

/** Maximum length of a refId, in characters. */
const MAX_REF_ID_CHARACTERS = 1000;

/** The largest time of JavaScript's `Date`, in the year 275760. The smallest time is the negative of this value. */
const MAX_DATE_MS = 8.64e15;

const HOUR_MS = 3_600_000;

/** Maximum interval in milliseconds: ten years. */
const MAX_INTERVAL_MS = 3650 * 86_400_000;

function rangeError(detail: string): ProxyError {
  return new ProxyError('time_range_invalid', { detail });
}

function boundedTime(name: string, epochMs: number): number {
  if (!(Math.abs(epochMs) <= MAX_DATE_MS)) {
    throw rangeError(`${name} is ${epochMs} ms since 1970, which is not a valid date.`);
  }
  return inNanosecondRange(epochMs);
}

/**
 * The query, with its time range limited to the years 1678 to 2262 and its interval to at least one millisecond. A
 * range of length zero is valid.
 *
 * @throws {ProxyError} 'time_range_invalid', 'query_model_invalid'
 */
export function boundedQuery(query: DataQuery): DataQuery {
  const { refId, intervalMs } = query;
  if (refId.length > MAX_REF_ID_CHARACTERS) {
    throw new ProxyError('query_model_invalid', {
      detail: `The name of the query (refId) has ${refId.length} characters; at most ${MAX_REF_ID_CHARACTERS} are allowed.`,
    });
  }
  const fromMs = boundedTime('The start of the time range', query.timeRange.fromMs);
  const toMs = boundedTime('The end of the time range', query.timeRange.toMs);
  if (fromMs > toMs) {
    throw rangeError(
      `The time range begins at ${new Date(fromMs).toISOString()} and ends earlier, at ${new Date(toMs).toISOString()}.`
    );
  }
  if (!(intervalMs <= MAX_INTERVAL_MS)) {
    throw rangeError(
      `The interval between two points is ${intervalMs} ms; at most ${MAX_INTERVAL_MS} ms (ten years) are allowed.`
    );
  }
  return { ...query, timeRange: { fromMs, toMs }, intervalMs: Math.max(intervalMs, 1) };
}

/**
 * Checks the length of the range that is sent beside the SQL. For a page of lines, a step of a live tail or a profile,
 * this is the range of the page, step or profile, not the range of the request. Also checks the range of a Perfetto
 * trace.
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
