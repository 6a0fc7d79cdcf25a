/**
 * Answers the queries of a panel, Explore, a variable or an alert rule.
 *
 * All queries of a request run at once and each has its own fate: an error in one is that query's answer, and the others
 * keep theirs.
 */
import { readQuery, type RunnableQuery } from '../../contract/query';
import { buildFrames } from '../data-frames/build-frames';
import { failedFrame } from '../data-frames/failed-frame';
import { ProxyError } from '../errors/proxy-error';
import { type Instance } from '../instances/instance';
import { type InstanceStore } from '../instances/instance-store';
import { type Logger } from '../logging/logger';
import { type Metrics } from '../metrics/metrics';
import { expandMacros } from '../sql-macros/expand-macros';
import { callerOf } from './caller';
import { type DataQuery, type DataResponse, type QueryDataRequest } from './plugin-request';
import { rowLimit } from './row-limit';

export interface QueryDataDeps {
  store: InstanceStore;
  metrics: Metrics;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

const NOTHING: DataResponse = { frames: [], status: 200 };

interface SavedModel {
  query: RunnableQuery;
  purpose: string | undefined;
  hidden: boolean;
}

function parseModel(query: DataQuery): SavedModel {
  let saved: unknown;
  try {
    saved = JSON.parse(new TextDecoder().decode(query.json));
  } catch (cause) {
    throw new ProxyError('query_model_invalid', { cause });
  }
  const fields = saved !== null && typeof saved === 'object' ? saved : {};
  const purpose = 'purpose' in fields && typeof fields.purpose === 'string' ? fields.purpose : undefined;
  return {
    query: readQuery(saved),
    purpose: purpose ?? (query.refId === 'Anno' ? 'annotation' : undefined),
    hidden: 'hide' in fields && fields.hide === true,
  };
}

/** What a panel gets for a failed query. */
function failedResponse(error: ProxyError, frames: DataResponse['frames'] = []): DataResponse {
  return { frames, error: error.userText, errorSource: error.source, status: error.status };
}

async function runQuery(
  instance: Instance,
  request: QueryDataRequest,
  query: DataQuery,
  { query: runnable, purpose }: SavedModel,
  sql: string,
  signal: AbortSignal
) {
  const limit = rowLimit({
    query: runnable,
    maxDataPoints: query.maxDataPoints,
    dataSourceRows: instance.settings.maxRows,
    grafanaRows: request.context.grafanaConfig['GF_SQL_ROW_LIMIT'],
  });
  const messages = instance.execute(sql, {
    ...callerOf(request.context.user, request.headers, purpose),
    range: runnable.timeFilter ? query.timeRange : undefined,
    limit: limit.serverLimit,
    signal,
  });
  return buildFrames(messages, {
    refId: query.refId,
    format: runnable.format,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    executedQueryString: sql,
    // Explore says how much of the range the lines cover when it knows that a number of them was asked for.
    custom: limit.serverLimit === undefined ? undefined : { limit: limit.maxRows },
    signal,
  });
}

async function answerQuery(
  instance: Instance,
  request: QueryDataRequest,
  query: DataQuery,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<DataResponse> {
  const startedMs = deps.now();
  let format = 'unknown';
  let sql: string | undefined;
  deps.metrics.queryStarted();
  try {
    const model = parseModel(query);
    format = model.query.format;
    if (model.query.sql === '' || model.hidden) {
      deps.metrics.queryEnded(format, 'ok', deps.now() - startedMs, 0, 0);
      return NOTHING;
    }
    sql = expandMacros(model.query.sql, { ...query.timeRange, intervalMs: query.intervalMs });
    const { frames, rows, bytes } = await runQuery(instance, request, query, model, sql, signal);
    deps.metrics.queryEnded(format, 'ok', deps.now() - startedMs, rows, bytes);
    deps.logger.debug('Query answered', { refId: query.refId, rows, bytes, tookMs: deps.now() - startedMs });
    return { frames, status: 200 };
  } catch (reason) {
    const error = ProxyError.from(reason);
    deps.metrics.queryEnded(format, error.code, deps.now() - startedMs, 0, 0);
    logFailure(deps.logger, query.refId, error);
    const { code, queryId } = error;
    return failedResponse(
      error,
      sql === undefined ? [] : [failedFrame({ refId: query.refId, executedQueryString: sql, code, queryId })]
    );
  }
}

/** A user's or server's error is routine; our own is not, and its cause is nowhere else. */
function logFailure(logger: Logger, refId: string, error: ProxyError): void {
  const fields = { refId, code: error.code, queryId: error.queryId, cause: error.cause };
  if (error.source === 'plugin') {
    logger.error('A query failed inside the data source', fields);
  } else {
    logger.debug('Query failed', fields);
  }
}

/** Answers by refId. Never rejects. */
export async function queryData(
  request: QueryDataRequest,
  deps: QueryDataDeps,
  signal: AbortSignal
): Promise<ReadonlyMap<string, DataResponse>> {
  const saved = request.context.dataSource;
  const everywhere = (response: DataResponse) => new Map(request.queries.map(({ refId }) => [refId, response]));
  if (saved === undefined) {
    return everywhere(failedResponse(new ProxyError('settings_invalid', { detail: 'Grafana sent no settings.' })));
  }
  let lease;
  try {
    lease = deps.store.acquire(saved);
  } catch (reason) {
    const error = ProxyError.from(reason);
    request.queries.forEach(({ refId }) => logFailure(deps.logger, refId, error));
    return everywhere(failedResponse(error));
  }
  const { instance } = lease;
  try {
    const answers = request.queries.map(
      async (query) => [query.refId, await answerQuery(instance, request, query, deps, signal)] as const
    );
    return new Map(await Promise.all(answers));
  } finally {
    lease.release();
  }
}
