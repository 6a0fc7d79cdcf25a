/** Reads the whole time range of a query, and keeps the result for the next incremental refresh. */
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { RowCollector } from './collect-rows';
import { type CachedResult, isSlow, wholeReadsAfter, withoutRowsIfSlow } from './result-cache';
import { toBins } from './read-bins';
import { type RefreshDeps, type RunningRefresh } from './refresh-request';
import { ArrivalTime, clockTimes } from './refresh-times';

/**
 * Reads the whole range. Keeps the result if the statement took at least `minWholeMs` and the rows can be kept.
 *
 * @returns The reason if the result is not kept.
 */
export async function* wholeMessages(
  request: RunningRefresh,
  deps: RefreshDeps
): AsyncGenerator<FlightMessage, 'fast' | 'result' | undefined> {
  const { key, range, statements, memory, maxRows, copies } = request;
  const trials = trialsAfter(deps.results.get(key), request);
  deps.results.delete(key);
  const readAt = clockTimes(deps);
  const collector = new RowCollector(memory, copies, maxRows);
  const arrival = new ArrivalTime(deps);
  for await (const message of arrival.of(await statements.whole())) {
    // An error does not end the loop here, because the consumer of the messages reports it.
    if (quietly(() => collector.add(message)) === undefined) {
      collector.end();
    }
    yield message;
  }
  if (arrival.ms < deps.minWholeMs) {
    return 'fast';
  }
  const kept = quietly(() => keptOf(collector, request));
  copies.close();
  if (kept === undefined) {
    return 'result';
  }
  const result = { ...kept, ...trials, range, readAt, wholeAt: readAt, wholeMs: arrival.ms };
  deps.results.set(key, withoutRowsIfSlow(result));
  return undefined;
}

/** When refreshes in parts are tried again. @param before The result that this read replaces. */
function trialsAfter(
  before: CachedResult | undefined,
  { arrival }: Pick<RunningRefresh, 'arrival'>
): Pick<CachedResult, 'slowRefreshes' | 'wholeReadsLeft'> {
  // If this refresh has already sent statements for parts, the refresh counts as slow, because the results of these
  // statements are not used.
  if (arrival.hasStarted) {
    const slowRefreshes = (before?.slowRefreshes ?? 0) + 1;
    return { slowRefreshes, wholeReadsLeft: wholeReadsAfter(slowRefreshes) };
  }
  return before !== undefined && isSlow(before)
    ? { slowRefreshes: before.slowRefreshes, wholeReadsLeft: before.wholeReadsLeft - 1 }
    : { slowRefreshes: 0, wholeReadsLeft: 0 };
}

/** The rows of a whole result. Undefined if they cannot be kept. */
function keptOf(collector: RowCollector, request: RunningRefresh) {
  const read = collector.finish();
  const binned = read === undefined || read.rows.length === 0 ? undefined : toBins(read, request);
  return read === undefined || binned === undefined
    ? undefined
    : { schema: read.schema, schemaHeader: read.schemaHeader, ...binned };
}

/** The result of `work`. Undefined after a `ProxyError`, such as a full account or a malformed message. */
function quietly<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProxyError) {
      return undefined;
    }
    throw error;
  }
}
