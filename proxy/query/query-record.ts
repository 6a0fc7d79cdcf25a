/**
 * Measures a query, reports its end to observers, the log and the trace, and creates the response of a failed query.
 */
import { randomUUID } from 'node:crypto';
import { type KeptParts, type SentStatement } from '../../contract/resources/query-costs';
import { failedFrame } from '../frames/data-frames/failed-frame';
import { truncateString } from '../base/errors/truncate-string';
import { foreignString } from '../base/errors/foreign-string';
import { ProxyError } from '../base/errors/proxy-error';
import { type CallOrigin } from '../lakehouse/flight-sql/flight-sql-client';
import { type SharedResult } from '../lakehouse/shared-results/recording';
import { type Logger } from '../observe/logging/logger';
import { QueryStages } from '../observe/telemetry/query-stages';
import { type QueryObserver, type QuerySummary } from '../observe/telemetry/query-summary';
import { type TraceContext, tracedLogger } from '../observe/telemetry/trace-context';
import { type QuerySpan, type Tracer } from '../observe/telemetry/tracer';
import { type SqlToSend } from './authored-sql';
import { type Caller, misreadsFailedFrame, originOf } from './caller';
import { type QueryPlan } from './query-plan';
import { messageFor } from './may-know-details';
import { type DataResponse, type FrameEncoding, type GrafanaUser, type QueryDataRequest } from './plugin-request';
import { withSqlAdvice } from './sql-advice';

/** The receivers of a query's report, and the clocks that measure the query. */
export interface RecordDeps {
  /** Observers of the end of each query, for example the metrics. */
  observers: readonly QueryObserver[];
  /** Undefined if tracing is off. */
  tracer?: Tracer;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** How a query ended. */
type Outcome = Pick<QuerySummary, 'code' | 'durationMs' | 'rows' | 'bytes' | 'queryId'>;

/** Maximum length in code points of a string that a summary takes from the request. Callers may send any strings. */
const MAX_CHARACTERS = 200;

/** The record of one query. The query appears in metrics and traces only after a call of `end`. */
export class QueryRecord {
  readonly #refId: string;
  readonly #request: QueryDataRequest;
  readonly #deps: RecordDeps;
  readonly #server: QuerySummary['server'];
  readonly #span: QuerySpan | undefined;
  readonly #logger: Logger;
  /** Undefined until the saved model was read, like `#origin`. */
  #plan: QueryPlan | undefined;
  #origin: CallOrigin | undefined;
  /** First the saved SQL, later the sent SQL. Undefined until the saved model was read. */
  #sql: string | undefined;
  #toSend: SqlToSend | undefined;
  #sentStatement: SentStatement | undefined;
  #refreshed: QuerySummary['refreshed'];
  #outcome: Outcome | undefined;
  #sending: (() => void) | undefined;
  #hasEnded = false;
  /** The trace of the calls to the server. */
  readonly trace: TraceContext | undefined;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly stages: QueryStages;
  /**
   * Identifies the statements of the query in the server's audit log. It is random, so it identifies no user or
   * browser, and nobody can guess it.
   */
  readonly session = randomUUID();

  /** @param server Address of the Micromegas server. Undefined if the settings are invalid. */
  constructor(refId: string, request: QueryDataRequest, deps: RecordDeps, server?: QuerySummary['server']) {
    this.#refId = refId;
    this.#request = request;
    this.#deps = deps;
    this.#server = server;
    this.startedMs = deps.now();
    this.stages = new QueryStages(deps.elapsedMs);
    this.#span = deps.tracer?.startQuery(request.trace, this.startedMs);
    this.trace = this.#span?.context ?? request.trace;
    this.#logger = tracedLogger(deps.logger, this.trace);
    deps.observers.forEach((observer) => observer.queryStarted?.());
  }

  /** Call this when the saved model was read. @param caller The caller of the statements. */
  planned(plan: QueryPlan, { origin }: Pick<Caller, 'origin'>): void {
    this.#plan = plan;
    this.#origin = origin;
    this.#sql = 'sql' in plan ? plan.sql.original : '';
  }

  /** Call this when the macros are expanded. With `toSend`, `failed` converts positions in the sent SQL. */
  expanded(toSend: SqlToSend): void {
    this.#toSend = toSend;
  }

  /** Call this when the string of the SQL to send is built. @param sql All statements of the query so far. */
  sqlBuilt(sql: string): void {
    this.#sql = sql;
  }

  /** Call this before the first statement of the query is sent. */
  usesOwnStatements(): void {
    this.#sentStatement = { session: this.#origin?.session, startedMs: this.startedMs };
  }

  /**
   * Call this if the query sends no statement, because the result of another caller is used.
   *
   * If different users share the result, only the start of this query is recorded.
   */
  usesSharedResult({ from, ageMs, sentAs, kept }: SharedResult): void {
    const { session, startedMs } = sentAs ?? { session: undefined, startedMs: this.startedMs };
    const sharedAtMs = Math.round(this.#deps.now() - ageMs);
    this.#sentStatement = { session, startedMs, sharedFrom: from, sharedAtMs, kept };
  }

  /** Call this when it is known which parts of the result come from memory. */
  keeps(kept: KeptParts | undefined): void {
    this.#sentStatement = this.#sentStatement && { ...this.#sentStatement, kept };
  }

  /**
   * Identifies the audit records of the query, for the inspector. Undefined before `usesOwnStatements` or
   * `usesSharedResult`.
   */
  get sentStatement(): SentStatement | undefined {
    return this.#sentStatement;
  }

  /**
   * Call this when it is known whether the query reads the whole range or parts of it. Not called for queries without
   * time bins.
   */
  refreshed(kind: QuerySummary['refreshed']): void {
    this.#refreshed = kind;
  }

  /** Call this when the response is complete. */
  succeeded(rows: number, bytes: number): void {
    const { durationMs } = this.#complete({ code: 'ok', rows, bytes });
    this.#releaseSql();
    this.#logger.debug('A query was completed', { refId: this.#refId, rows, bytes, tookMs: Math.round(durationMs) });
  }

  /**
   * Drops the SQL. The record exists until all responses of the request are sent, but the memory account that counts
   * the SQL is closed earlier.
   */
  #releaseSql(): void {
    this.#sql = undefined;
    this.#toSend = undefined;
  }

  #complete(outcome: Omit<Outcome, 'durationMs'>): Outcome {
    // Ends the stage `send`, because the caller may have left while a part was sent.
    this.sent();
    this.#outcome = { ...outcome, durationMs: this.stages.elapsedMs() - this.stages.sumOf('send') };
    return this.#outcome;
  }

  /** Call this before the response, or a part of it, is sent. */
  sending(): void {
    this.#sending = this.stages.begin('send');
  }

  /** Call this after the response or the part was sent. */
  sent(): void {
    this.#sending?.();
    this.#sending = undefined;
  }

  /**
   * Reports the query. Call this when the whole response was sent, or when the caller has left. Further calls have no
   * effect.
   */
  end(): void {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    this.sent();
    const summary = this.#summary(this.#outcome ?? this.#complete({ code: 'query_cancelled', rows: 0, bytes: 0 }));
    this.#deps.observers.forEach((observer) => observer.queryEnded(summary));
    this.#span?.end(summary, this.stages);
  }

  #summary(outcome: Outcome): QuerySummary {
    const { context, headers } = this.#request;
    const origin = this.#origin ?? originOf(context.user, headers);
    return {
      refId: foreignString(this.#refId, MAX_CHARACTERS),
      format: formatOf(this.#plan),
      startedMs: this.startedMs,
      stagesMs: this.stages.sums(),
      orgId: context.orgId,
      dataSourceUid: bounded(context.dataSource?.uid),
      grafanaUrl: context.dataSource?.grafanaUrl,
      server: this.#server,
      entrypoint: origin.entrypoint,
      dashboardUid: bounded(origin.dashboardUid),
      panelId: bounded(origin.panelId),
      traceId: this.trace?.traceId,
      sharedFrom: this.#sentStatement?.sharedFrom,
      refreshed: this.#refreshed,
      ...outcome,
    };
  }

  /** @returns The error for the panel, with the SQL for the query inspector unless the panel misreads its frame. */
  failed(reason: unknown): DataResponse {
    const sql = this.#sql;
    const error = withSqlAdvice(ProxyError.from(reason), sql ?? '');
    const { code, queryId, sentPosition } = error;
    const refId = this.#refId;
    const { encoding, headers } = this.#request;
    this.#complete({ code, rows: 0, bytes: 0, queryId });
    logFailure(this.#logger, refId, error);
    const position =
      sentPosition === undefined || sql === undefined ? error.position : this.#toSend?.savedPosition(sql, sentPosition);
    const frames =
      sql === undefined || misreadsFailedFrame(headers)
        ? []
        : [
            failedFrame({
              refId,
              executedQueryString: sql,
              code,
              queryId,
              position,
              sent: this.#sentStatement,
              encoding,
            }),
          ];
    this.#releaseSql();
    const response = failedResponse(error, this.#request.context.user, frames, encoding);
    const isShort = this.#plan?.type === 'log-volume' && VOLUME_ERRORS.includes(code);
    return isShort ? { ...response, error: volumeErrorMessage(error, response.error) } : response;
  }
}

/** The format or the type of a query, as metrics and log lines name it. */
function formatOf(plan: QueryPlan | undefined): string {
  if (plan === undefined) {
    return 'unknown';
  }
  switch (plan.type) {
    case 'empty':
      return plan.format;
    case 'sql':
    case 'log-volume':
    case 'log-patterns':
    case 'log-page':
    case 'tail':
      return plan.options.format;
    case 'log-context':
      return 'logs';
    case 'view':
      return plan.view.type;
  }
}

/**
 * Errors that a log volume shows with a shortened message. Other messages are not shortened, because they may contain a
 * position in the SQL.
 */
const VOLUME_ERRORS: readonly string[] = ['volume_not_countable', 'result_too_large'];

/**
 * Maximum length of a log volume's error, in characters. Explore hides a longer error behind the button "Show details".
 */
const MAX_VOLUME_ERROR = 100;

/**
 * The error of a log volume: what failed and why, without advice.
 *
 * @param shown The message for the viewer. It contains the reason only if the viewer may see the reason.
 */
function volumeErrorMessage({ message, summary }: ProxyError, shown: string | undefined): string {
  return truncateString(shown?.startsWith(message) === true ? message : summary, MAX_VOLUME_ERROR - 1);
}

function bounded(string: string | undefined): string | undefined {
  return string && foreignString(string, MAX_CHARACTERS);
}

/** The response of a failed query. */
export function failedResponse(
  error: ProxyError,
  user: GrafanaUser | undefined,
  frames: DataResponse['frames'] = [],
  encoding: FrameEncoding = 'arrow'
): DataResponse {
  return { frames, encoding, error: messageFor(user, error), errorSource: error.source, status: error.status };
}

/**
 * Logs a failure. Errors of users and servers are expected, so their level is debug. For errors inside the plugin, the
 * level is error, because only the log contains their cause.
 */
export function logFailure(logger: Logger, refId: string, error: ProxyError): void {
  const fields = { refId, code: error.code, queryId: error.queryId, detail: error.logDetail, cause: error.cause };
  if (error.source === 'plugin') {
    logger.error('A query failed inside the data source', fields);
  } else {
    logger.debug('A query failed', fields);
  }
}
