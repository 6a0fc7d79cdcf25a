/**
 * Checks the bounds of a query request's fields. `contract/queries/query-bounds.ts` checks the saved model. Every user
 * who may run a query can send any values in these fields.
 */
import { inNanosecondRange } from '../base/nanosecond-range';
import { ProxyError } from '../base/errors/proxy-error';
import { type DataQuery } from '../query/plugin-request';

/** Maximum number of queries in one request. Panels and alert rules have fewer queries. */
export const MAX_QUERIES = 200;

/** Maximum length of a refId, in characters. */
const MAX_REF_ID_CHARACTERS = 1000;

/** The largest time of JavaScript's `Date`, in the year 275760. The smallest time is the negative of this value. */
const MAX_DATE_MS = 8.64e15;

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
 * The query with a time range within the years 1678 to 2262, and an interval of at least one millisecond. A range of
 * length zero is valid.
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
