/** Prepares a request for query-data.ts and query-chunked-data.ts: its data source, deadline and query records. */
import { Deadline } from '../base/async/deadline';
import { type StartTimer } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { type Instance } from '../lakehouse/instances/instance';
import { type InstanceStore, type InstanceHandle } from '../lakehouse/instances/instance-store';
import { type AccountOptions } from '../observe/memory/memory-account';
import { type DataQuery, type QueryDataRequest } from '../query/plugin-request';
import { QueryRecord, type RecordDeps } from '../query/query-record';
import { type QueryDeps, type RequestedQuery } from '../query/query-run';
import { MAX_QUERIES } from '../query/request-bounds';

/** The dependencies of queries. All data sources share these objects. */
export interface QueryDataDeps extends RecordDeps, QueryDeps {
  store: InstanceStore;
  /** Timer of the deadline. Default: the timer of the process. */
  startTimer?: StartTimer;
}

/** The queries that report a failure of the whole request: at most `MAX_QUERIES`. */
export function failedQueries({ queries }: QueryDataRequest): readonly DataQuery[] {
  return queries.slice(0, MAX_QUERIES);
}

/** The instance for a request, or the error of all its queries. */
export function acquireInstance(request: QueryDataRequest, deps: QueryDataDeps): InstanceHandle | ProxyError {
  try {
    return checkAndAcquire(request, deps.store);
  } catch (reason) {
    const error = ProxyError.from(reason);
    // These queries do not run, but metrics, traces and the log include them.
    for (const { refId } of failedQueries(request)) {
      const record = new QueryRecord(refId, request, deps);
      record.failed(error);
      record.end();
    }
    return error;
  }
}

function checkAndAcquire({ queries, context }: QueryDataRequest, store: InstanceStore): InstanceHandle {
  if (queries.length > MAX_QUERIES) {
    throw new ProxyError('too_many_queries', {
      detail: `The request has ${queries.length} queries; at most ${MAX_QUERIES} are allowed.`,
    });
  }
  if (context.dataSource === undefined) {
    throw new ProxyError('settings_invalid', { detail: 'Grafana sent no settings.' });
  }
  return store.acquire(context.dataSource);
}

/** The common deadline of all queries of a request. The queries start at the same time. */
export function deadlineOf(
  { settings }: Instance,
  { elapsedMs, startTimer }: QueryDataDeps,
  signal: AbortSignal
): Deadline {
  return new Deadline({ limitMs: settings.timeoutMs, signal, elapsedMs, startTimer });
}

/**
 * Options of a query's memory account. A wait for memory ends at the deadline at the latest, and the time of the wait
 * counts as a stage of the query.
 */
export function accountOptions({ deadline, record }: RequestedQuery): AccountOptions {
  return { signal: deadline.signal, limitMs: deadline.leftMs(), stages: record.stages };
}

/** Opens all queries of a request. All records are open before the first query runs. */
export function openQueries(
  request: QueryDataRequest,
  instance: Instance,
  deadline: Deadline,
  deps: QueryDataDeps
): RequestedQuery[] {
  const { host, port } = instance.settings.server;
  return request.queries.map((query) => {
    const record = new QueryRecord(query.refId, request, deps, { host, port });
    return { instance, request, query, record, deadline, deps };
  });
}
