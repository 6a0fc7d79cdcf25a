/** Reports the end of a query to its observers, the log and the panel. */
import { failedFrame } from '../data-frames/failed-frame';
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { QueryStages } from '../telemetry/query-stages';
import { type QueryObserver, type QuerySummary } from '../telemetry/query-summary';
import { callerOf } from './caller';
import { type PreparedSql } from './prepare-query';
import { textFor } from './readers';
import { type DataResponse, type FrameEncoding, type GrafanaUser, type QueryDataRequest } from './plugin-request';

export interface RecordDeps {
  /** For example the metrics. */
  observers: readonly QueryObserver[];
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

export class QueryRecord {
  readonly #refId: string;
  readonly #request: QueryDataRequest;
  readonly #deps: RecordDeps;
  readonly startedMs: number;
  readonly stages: QueryStages;
  /** Set once the saved model was read. */
  format = 'unknown';
  /** The purpose of the saved query, see `callerOf`. */
  purpose: string | undefined;
  /** The saved SQL at first, then the SQL with expanded macros. */
  sql: string | undefined;
  /** Set once the macros are expanded. */
  prepared: PreparedSql | undefined;

  constructor(refId: string, request: QueryDataRequest, deps: RecordDeps) {
    this.#refId = refId;
    this.#request = request;
    this.#deps = deps;
    this.startedMs = deps.now();
    this.stages = new QueryStages(deps.elapsedMs);
    deps.observers.forEach((observer) => observer.queryStarted?.());
  }

  succeeded(rows: number, bytes: number): void {
    const { durationMs } = this.#ended({ code: 'ok', rows, bytes });
    this.#deps.logger.debug('A query was answered', { refId: this.#refId, rows, bytes, tookMs: durationMs });
  }

  #ended(result: Pick<QuerySummary, 'code' | 'rows' | 'bytes' | 'queryId'>): QuerySummary {
    const { context, headers } = this.#request;
    const { origin } = callerOf(context.user, headers, this.purpose);
    const summary: QuerySummary = {
      refId: this.#refId,
      format: this.format,
      startedMs: this.startedMs,
      durationMs: this.#deps.now() - this.startedMs,
      stagesMs: this.stages.sums(),
      orgId: context.orgId,
      dataSourceUid: context.dataSource?.uid,
      grafanaUrl: context.dataSource?.grafanaUrl,
      ...origin,
      ...result,
    };
    this.#deps.observers.forEach((observer) => observer.queryEnded(summary));
    return summary;
  }

  /** @returns The error for the panel, with the SQL for the query inspector. */
  failed(reason: unknown): DataResponse {
    const error = ProxyError.from(reason);
    const { code, queryId, sentPosition } = error;
    const refId = this.#refId;
    const { encoding } = this.#request;
    const { sql } = this;
    this.#ended({ code, rows: 0, bytes: 0, queryId });
    logFailure(this.#deps.logger, refId, error);
    const position =
      sentPosition === undefined || sql === undefined
        ? error.position
        : this.prepared?.writtenPosition(sql, sentPosition);
    const frames =
      sql === undefined ? [] : [failedFrame({ refId, executedQueryString: sql, code, queryId, position, encoding })];
    return failedResponse(error, this.#request.context.user, frames, encoding);
  }
}

/** The answer of a failed query. */
export function failedResponse(
  error: ProxyError,
  user: GrafanaUser | undefined,
  frames: DataResponse['frames'] = [],
  encoding: FrameEncoding = 'arrow'
): DataResponse {
  return { frames, encoding, error: textFor(user, error), errorSource: error.source, status: error.status };
}

/**
 * Logs a failure. Errors of users and servers are normal, so their level is debug. The cause of an error of the plugin is
 * only in the log.
 */
export function logFailure(logger: Logger, refId: string, error: ProxyError): void {
  const fields = { refId, code: error.code, queryId: error.queryId, detail: error.detail, cause: error.cause };
  if (error.source === 'plugin') {
    logger.error('A query failed inside the data source', fields);
  } else {
    logger.debug('A query failed', fields);
  }
}
