/** Prepares a query with SQL: inserts its filters and groups and, for a logs query with a `direction`, the order. */
import { ProxyError } from '../../base/errors/proxy-error';
import { assemble } from '../../sql/edit/assemble';
import { type AuthoredSql } from '../authored-sql';
import { refreshableOf } from '../incremental/refreshable';
import { withFilters, withGrouping } from '../filters-and-groups';
import { type SqlPlan } from '../query-plan';
import { requiredJob, type ParserJobRun } from '../parser-job';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { statementOf } from '../statement';
import { linesQuery } from '../statement-query';

/**
 * @throws {ProxyError} The errors of `withFilters`, `withGrouping` and `statementQuery`, 'log_order_not_applied',
 *   'internal', 'query_timeout', 'query_cancelled'
 */
export async function sqlQuery(plan: SqlPlan, run: QueryRun): Promise<PreparedQuery> {
  const { sql, notices } = await withGrouping(await withFilters(plan, run), plan.options, run);
  const ordered = await inDirection(sql, plan.options, run);
  // For an anonymous visitor, the query of a variable has the same entry point as a panel. Only `purpose` tells them
  // apart.
  const panel = plan.purpose === undefined ? plan.panel : undefined;
  const refreshable = await refreshableOf({ ...plan, sql: ordered }, run);
  return linesQuery({ ...statementOf(plan, run), sql: ordered, notices, refreshable, panel }, run);
}

/**
 * Adds the order to the SQL of a logs query with a direction. The SQL is returned unchanged if no order can be added,
 * for example because the SQL already has an order.
 *
 * @throws {ProxyError} 'log_order_not_applied' if the parser has no result, 'internal', 'query_timeout',
 *   'query_cancelled'
 */
export async function inDirection(
  sql: AuthoredSql,
  { direction, format }: SqlPlan['options'],
  run: ParserJobRun
): Promise<AuthoredSql> {
  if (direction === undefined || format !== 'logs') {
    return sql;
  }
  try {
    const lines = await requiredJob({ kind: 'order', sql: sql.current }, { code: 'log_order_not_applied' }, run);
    return sql.edited(assemble(sql.current, [lines, `\nORDER BY time${direction === 'backward' ? ' DESC' : ''}`]));
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'log_page_not_ordered') {
      return sql;
    }
    throw reason;
  }
}
