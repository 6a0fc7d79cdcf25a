/**
 * What the fields of a query request may hold that stand beside the saved model, whose fields `contract/query-bounds.ts`
 * checks. Whoever may run a query can send any of them.
 */
import { ProxyError } from '../errors/proxy-error';
import { type DataQuery } from './plugin-request';

/** Queries of one request: more than a panel or an alert rule has. Each is a call to the server. */
export const MAX_QUERIES = 200;

/** Of a query's name in its panel. */
const MAX_REF_ID_CHARACTERS = 1000;

/** What nanoseconds since 1970 in 64 bits can tell: a time beyond it selects the same rows as the end of that span. */
const FIRST_MS = Date.UTC(1678, 0, 1);
const LAST_MS = Date.UTC(2262, 3, 11);

/** The last time that JavaScript's calendar reaches, in the year 275760, and as far before 1970. */
const MAX_DATE_MS = 8.64e15;

/** Longest interval: ten years. */
const MAX_INTERVAL_MS = 3650 * 86_400_000;

function rangeError(detail: string): ProxyError {
  return new ProxyError('time_range_invalid', { detail });
}

function boundedTime(name: string, epochMs: number): number {
  if (!(Math.abs(epochMs) <= MAX_DATE_MS)) {
    throw rangeError(`${name} is ${epochMs} ms since 1970, beyond every calendar.`);
  }
  return Math.min(Math.max(epochMs, FIRST_MS), LAST_MS);
}

/**
 * The query with a time range and an interval that all of the work can count with: within the years 1678 to 2262, and at
 * least a millisecond. A range of no length is one.
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
  const fromMs = boundedTime('Its begin', query.timeRange.fromMs);
  const toMs = boundedTime('Its end', query.timeRange.toMs);
  if (fromMs > toMs) {
    throw rangeError(
      `It begins at ${new Date(fromMs).toISOString()} and ends before, at ${new Date(toMs).toISOString()}.`
    );
  }
  if (!(intervalMs <= MAX_INTERVAL_MS)) {
    throw rangeError(
      `The interval of a point is ${intervalMs} ms; at most ${MAX_INTERVAL_MS} ms (ten years) are allowed.`
    );
  }
  return { ...query, timeRange: { fromMs, toMs }, intervalMs: Math.max(intervalMs, 1) };
}
