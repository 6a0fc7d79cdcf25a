/** Inserts the filters and the grouping keys of a query into its SQL, before macros are expanded. */
import { filterValues } from '../../contract/queries/query-filter';
import { applyEdits } from '../../contract/sql/sql-edits';
import { ProxyError } from '../base/errors/proxy-error';
import { failedGroupingNotice } from '../sql/edit/insert-grouping';
import { type InsertJob } from '../sql/edit/parser-jobs';
import { type AuthoredSql } from './authored-sql';
import { requiredJob, type WithoutResult } from './parser-job';
import { type SqlPlan } from './query-plan';
import { type QueryRun, schemaCall } from './query-run';

export interface SqlWithNotices {
  sql: AuthoredSql;
  /** Sentences about filters and grouping keys with no effect or an unexpected effect. */
  notices: readonly string[];
}

/** The error for the user if the parser has no result for the filters. */
const NOT_FILTERED = { code: 'filter_not_applicable', alternative: 'remove the filters' } as const;

/** The error for the user if the parser has no result for the grouping keys. */
const NOT_GROUPED = { code: 'filter_not_applicable', alternative: 'remove the keys of the grouping' } as const;

/**
 * Inserts the filters, and returns the SQL, with notices about the filters. The SQL is returned unchanged if there are
 * no filters, or if all filters have empty lists of values.
 *
 * @throws {ProxyError} 'filter_invalid', 'filter_not_applicable', 'internal', 'query_timeout', 'query_cancelled', and
 *   errors of the calls that read the columns of tables.
 */
export async function withFilters(
  { sql, options }: Pick<SqlPlan, 'sql' | 'options'>,
  run: QueryRun
): Promise<SqlWithNotices> {
  const filters = options.filters.filter((filter) => filterValues(filter).length > 0);
  if (filters.length === 0) {
    return { sql, notices: [] };
  }
  const { current } = sql;
  const columns = await sourceColumns(current, options, NOT_FILTERED, run);
  const isLogs = options.format === 'logs';
  const { edits, notices } = await requiredJob(
    { kind: 'insert', sql: current, filters, columns, isLogs },
    NOT_FILTERED,
    run
  );
  return { sql: sql.edited(applyEdits(current, edits), 'filter'), notices };
}

/**
 * Inserts the grouping keys that the viewer chose. Without keys, the SQL is returned unchanged. If the parser has no
 * result, the SQL is returned unchanged, with a notice that says why.
 *
 * @param filtered The SQL after its filters were inserted.
 * @throws {ProxyError} 'internal', 'query_timeout', 'query_cancelled', and errors of the calls that read the columns of
 *   tables.
 */
export async function withGrouping(
  filtered: SqlWithNotices,
  { groupByKeys: keys, timeFilter }: SqlPlan['options'],
  run: QueryRun
): Promise<SqlWithNotices> {
  if (keys.length === 0) {
    return filtered;
  }
  const { sql } = filtered;
  try {
    const columns = await sourceColumns(sql.current, { timeFilter }, NOT_GROUPED, run);
    const { edits, notices } = await requiredJob({ kind: 'group', sql: sql.current, keys, columns }, NOT_GROUPED, run);
    return { sql: sql.edited(applyEdits(sql.current, edits)), notices: [...filtered.notices, ...notices] };
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'filter_not_applicable') {
      return { sql, notices: [...filtered.notices, failedGroupingNotice(keys, reason)] };
    }
    throw reason;
  }
}

/**
 * The columns of the tables and views that the SQL reads, in the order in which the job `sources` returns them.
 *
 * @throws {ProxyError} The errors of `requiredJob`, and errors of the calls that read the columns.
 */
async function sourceColumns(
  sql: string,
  { timeFilter }: Pick<SqlPlan['options'], 'timeFilter'>,
  without: WithoutResult,
  run: QueryRun
): Promise<InsertJob['columns']> {
  const sources = await requiredJob({ kind: 'sources', sql }, without, run);
  const call = schemaCall(run, timeFilter ? run.query.timeRange : undefined);
  const catalogue = await run.deps.columns.catalogueFor(sources, run.instance, call);
  return sources.map((source) => catalogue.columnsOf(source));
}
