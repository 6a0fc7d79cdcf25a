/** The statement of a query that has SQL, and the expansion of its macros. */
import { type PanelRequest } from '../../contract/queries/panel-request';
import { type SqlQuery } from '../../contract/queries/query';
import { SHIFT_MACRO } from '../sql/macros/macros';
import { type AuthoredSql, type SqlToSend } from './authored-sql';
import { isAlerting } from './caller';
import { type Refreshable } from './incremental/refreshable';
import { type DataQuery } from './plugin-request';
import { type SqlPlan } from './query-plan';
import { type QueryRun } from './query-run';
import { type ByteLimit, type RowLimit } from './result-limits';
import { type LineOrder } from './log-slices/line-order';

/** The kind of rows that a statement returns. */
export type StatementResult =
  /** Rows of the author's SQL, with or without edits. */
  | { kind: 'rows' }
  /** Counts of log lines. @property binMs Length of their bins, in milliseconds. */
  | { kind: 'counts'; binMs: number }
  /** The neighbours of a log line. The backend writes their SQL. */
  | { kind: 'log-context' };

/** The statement of a query, before its macros are expanded. Each kind of query writes its own statement. */
export interface Statement {
  sql: AuthoredSql;
  /** The options of the query. */
  options: Omit<SqlQuery, 'sql'>;
  /** The range for macros and for filling gaps. */
  timeRange: DataQuery['timeRange'];
  /** The range that is sent beside the SQL. A macro may replace it by an earlier one. Undefined: all times. */
  sentRange: DataQuery['timeRange'] | undefined;
  /** The interval for macros, in milliseconds. */
  intervalMs: number;
  result: StatementResult;
  /** The order of log lines that may be read in slices of the range. Default: the range is read at once. */
  lineOrder?: LineOrder | undefined;
  /** Maximum number of rows of the result. Default: the limits of the query and of the data source. */
  limit?: RowLimit;
  /** How the query can be refreshed in parts. Default: the whole range is read. */
  refreshable?: Refreshable | undefined;
  /** Notices about earlier steps, such as filters without effect. */
  notices?: readonly string[];
  /** The fields of the panel's request. Undefined: the result is not shared with other callers. */
  panel?: PanelRequest;
}

/** The statement of a plan with the author's SQL. */
export function statementOf(
  { sql, options }: Pick<SqlPlan, 'sql' | 'options'>,
  { query: { timeRange, intervalMs } }: Pick<QueryRun, 'query'>
): Statement {
  const sentRange = options.timeFilter ? timeRange : undefined;
  return { sql, options, timeRange, sentRange, intervalMs, result: { kind: 'rows' } };
}

/** A statement with the SQL to send, and the limits that apply to its result. */
export interface StatementToSend extends Statement {
  toSend: SqlToSend;
  rowLimit: RowLimit;
  /** Undefined: no limit. */
  byteLimit: ByteLimit | undefined;
}

/**
 * Expands the macros. Alert rules use UTC, even if their query was created from a panel with another time zone.
 *
 * @throws {ProxyError} 'macro_invalid', 'query_too_long'
 */
export function sqlToSend(
  { sql, options, timeRange, intervalMs, result }: Statement,
  { request }: Pick<QueryRun, 'request'>
): SqlToSend {
  if (result.kind === 'log-context') {
    return sql.toSendUnchanged();
  }
  const isRule = isAlerting(request.context.user, request.headers);
  return sql.toSend({
    ...timeRange,
    intervalMs: Math.max(1, intervalMs),
    timezone: isRule ? undefined : options.timezone,
    readsOtherTimes: !options.timeFilter || SHIFT_MACRO.test(sql.current),
  });
}
