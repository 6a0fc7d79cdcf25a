/** Counts the lines of a logs query by time and level, for the chart above the lines in Explore. */
import { type SqlSource } from '../../../contract/sql/query-scopes';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { SHIFT_MACRO } from '../../sql/macros/macros';
import { type CountableQuery } from '../../sql/edit/countable-query';
import { readLineColumns } from '../counted-lines';
import { withFilters } from '../filters-and-groups';
import { binWidthMs, statisticsMinutes } from '../log-volume/volume-bins';
import { countSql, statisticsSql } from '../log-volume/volume-sql';
import { type LogVolumePlan } from '../query-plan';
import { requiredJob } from '../parser-job';
import { type PreparedQuery, type QueryRun, schemaCall } from '../query-run';
import { VOLUME_LIMIT } from '../result-limits';
import { type Statement, statementOf } from '../statement';
import { statementQuery } from '../statement-query';

/** The table `log_stats` as the source of a query. Used to look up the columns of the table. */
const STATISTICS_SOURCE: SqlSource = {
  qualifier: undefined,
  name: undefined,
  columnAliases: [],
  isOptional: false,
  isHidden: false,
  start: 0,
  origin: { kind: 'table', table: 'log_stats' },
};
/** The columns of `log_stats` that the statement reads, with their types. */
const STATISTICS_COLUMNS = [
  ['time_bin', 'time'],
  ['process_id', 'text'],
  ['level', 'number'],
  ['target', 'text'],
  ['count', 'number'],
] as const;

/**
 * @throws {ProxyError} The errors of `withFilters` and `statementQuery`, 'volume_not_countable', 'internal', and errors
 *   of the calls that read columns.
 */
export async function logVolumeQuery(plan: LogVolumePlan, run: QueryRun): Promise<PreparedQuery> {
  if (plan.options.format !== 'logs') {
    throw new ProxyError('volume_not_countable', { detail: 'The format of the query is not Logs.' });
  }
  const filtered = await withFilters(plan, run);
  if (SHIFT_MACRO.test(filtered.sql.current)) {
    throw new ProxyError('volume_not_countable', { detail: 'The lines are of an earlier time range ($__timeShift).' });
  }
  const widthMs = binWidthMs(run.query.timeRange, run.query);
  const lines: Statement = {
    ...statementOf(plan, run),
    ...filtered,
    intervalMs: plan.linesIntervalMs ?? run.query.intervalMs,
    result: { kind: 'counts', binMs: widthMs },
    limit: VOLUME_LIMIT,
  };
  const countable = await requiredJob({ kind: 'count', sql: lines.sql.current }, { code: 'volume_not_countable' }, run);
  const edit =
    (await fromStatistics(lines, countable, widthMs, run)) ?? (await fromLines(lines, countable, widthMs, run));
  return statementQuery({ ...lines, sql: lines.sql.edited(edit) }, run);
}

/**
 * SQL that reads counts of lines from the table `log_stats`. Undefined if the table is missing or does not fit this
 * query.
 */
async function fromStatistics(
  { sql, sentRange }: Statement,
  { statistics }: CountableQuery,
  widthMs: number,
  run: QueryRun
): Promise<EditedSql | undefined> {
  const span = run.query.timeRange;
  const minutes = sentRange && statisticsMinutes(sentRange, widthMs, run.deps.now());
  if (statistics === undefined || minutes === undefined) {
    return undefined;
  }
  const catalogue = await run.deps.columns.catalogueFor([], run.instance, schemaCall(run, span));
  const columns = catalogue.columnsOf(STATISTICS_SOURCE) ?? [];
  const hasAll = STATISTICS_COLUMNS.every(([name, kind]) =>
    columns.some((column) => column.name === name && column.kind === kind)
  );
  return hasAll ? statisticsSql(sql.current, statistics, { widthMs, span, minutes }) : undefined;
}

/** SQL that counts the lines of the author's query by their time and level. */
async function fromLines(
  lines: Statement,
  countable: CountableQuery,
  widthMs: number,
  run: QueryRun
): Promise<EditedSql> {
  const { sql, sentRange } = lines;
  const columns = await readLineColumns(lines, countable, run);
  return countSql(sql.current, countable, columns, { widthMs, span: sentRange ? undefined : run.query.timeRange });
}
