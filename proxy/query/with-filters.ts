/** Inserts the filters of a query into its SQL, before macros are expanded. */
import { filterValues } from '../../contract/queries/query-filter';
import { applyEdits } from '../../contract/sql/sql-edits';
import { type InsertJob } from '../sql/edit/parser-jobs';
import { type AuthoredSql } from './authored-sql';
import { type WithoutResult } from './parser-result';
import { parse, type QueryRun, schemaCall } from './query-run';
import { type SqlPlan } from './query-plan';

export interface FilteredSql {
  sql: AuthoredSql;
  /** Sentences about filters with no effect or an unexpected effect. */
  notices: readonly string[];
}

/** The error for the user if the parser has no result. */
const NO_RESULT = { code: 'filter_not_applicable', alternative: 'remove the filters' } as const;

/**
 * Inserts the filters, and returns the SQL with notices about them. Without filters, or if all filters have empty lists
 * of values, the SQL is returned unchanged.
 *
 * @throws {ProxyError} 'filter_invalid', 'filter_not_applicable', 'internal', 'query_timeout', 'query_cancelled', and
 *   errors of the calls that read the columns of tables.
 */
export async function withFilters(
  { sql, options }: Pick<SqlPlan, 'sql' | 'options'>,
  run: QueryRun
): Promise<FilteredSql> {
  const filters = options.filters.filter((filter) => filterValues(filter).length > 0);
  if (filters.length === 0) {
    return { sql, notices: [] };
  }
  const { current } = sql;
  const columns = await sourceColumns(current, options, NO_RESULT, run);
  const isLogs = options.format === 'logs';
  const { edits, notices } = await parse({ kind: 'insert', sql: current, filters, columns, isLogs }, NO_RESULT, run);
  return { sql: sql.edited(applyEdits(current, edits), 'filter'), notices };
}

/**
 * The columns of the tables and views that the SQL reads, in the order of the parser's job `sources`.
 *
 * @throws {ProxyError} The errors of `parse`, and errors of the calls that read the columns.
 */
export async function sourceColumns(
  sql: string,
  { timeFilter }: Pick<SqlPlan['options'], 'timeFilter'>,
  without: WithoutResult,
  run: QueryRun
): Promise<InsertJob['columns']> {
  const sources = await parse({ kind: 'sources', sql }, without, run);
  const call = schemaCall(run, timeFilter ? run.query.timeRange : undefined);
  const catalogue = await run.deps.columns.catalogueFor(sources, run.instance, call);
  return sources.map((source) => catalogue.columnsOf(source));
}
