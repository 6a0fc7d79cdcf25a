/** Reports the end of a query to metrics, log and panel. */
import { failedFrame } from '../data-frames/failed-frame';
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { type Metrics } from '../metrics/metrics';
import { type PreparedSql } from './prepare-query';
import { textFor } from './readers';
import { type DataResponse, type FrameEncoding, type GrafanaUser } from './plugin-request';

export interface RecordDeps {
  metrics: Pick<Metrics, 'queryStarted' | 'queryEnded'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

export class QueryRecord {
  readonly #refId: string;
  readonly #encoding: FrameEncoding;
  readonly #user: GrafanaUser | undefined;
  readonly #deps: RecordDeps;
  readonly startedMs: number;
  /** Set once the saved model was read. */
  format = 'unknown';
  /** The saved SQL at first, then the SQL with expanded macros. */
  sql: string | undefined;
  /** Set once the macros are expanded. */
  prepared: PreparedSql | undefined;

  constructor(refId: string, encoding: FrameEncoding, user: GrafanaUser | undefined, deps: RecordDeps) {
    this.#refId = refId;
    this.#encoding = encoding;
    this.#user = user;
    this.#deps = deps;
    this.startedMs = deps.now();
    deps.metrics.queryStarted();
  }

  succeeded(rows: number, bytes: number): void {
    const tookMs = this.#deps.now() - this.startedMs;
    this.#deps.metrics.queryEnded(this.format, 'ok', tookMs, rows, bytes);
    this.#deps.logger.debug('A query was answered', { refId: this.#refId, rows, bytes, tookMs });
  }

  /** @returns The error for the panel, with the SQL for the query inspector. */
  failed(reason: unknown): DataResponse {
    const error = ProxyError.from(reason);
    const { code, queryId, sentPosition } = error;
    const refId = this.#refId;
    const encoding = this.#encoding;
    const { sql } = this;
    this.#deps.metrics.queryEnded(this.format, code, this.#deps.now() - this.startedMs, 0, 0);
    logFailure(this.#deps.logger, refId, error);
    const position =
      sentPosition === undefined || sql === undefined
        ? error.position
        : this.prepared?.writtenPosition(sql, sentPosition);
    const frames =
      sql === undefined ? [] : [failedFrame({ refId, executedQueryString: sql, code, queryId, position, encoding })];
    return failedResponse(error, this.#user, frames, encoding);
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
