/**
 * A step of the live tail of a logs query: the lines that arrived in the last seconds, or their number per second.
 *
 * The SQL reads the lines of the author's query that arrived in the last seconds. It skips a second if the browser
 * already has the same number of lines of this second as the server. If there are more lines than the limit, it returns
 * the lines that arrived last, and at least one line of each remaining second. Each line contains the number of lines
 * of its second.
 *
 * `tailable-query.ts` finds the places at which the author's SQL is edited, and writes the columns that are added to a
 * line, such as `__tail_second`. This file writes the rest of the SQL. tail.test.ts has an example of the whole SQL.
 */
import { AUDIT_TARGET } from '../../../contract/audit';
import {
  type KnownCounts,
  TAIL_COLUMNS,
  TAIL_COUNT_COLUMNS,
  type TailCountsRequest,
  TAIL_PURPOSE,
  type TailLinesRequest,
  type TailRequest,
} from '../../../contract/logs/tail-request';
import { applyEdits, type EditedSql } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type TailableQuery, tailEdits } from '../../sql/edit/tailable-query';
import { withFilters } from '../filters-and-groups';
import { type TailPlan } from '../query-plan';
import { requiredJob } from '../parser-job';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { rowLimit, TAIL_LIMIT } from '../result-limits';
import { statementOf } from '../statement';
import { statementQuery } from '../statement-query';

/**
 * Maximum difference in milliseconds between the time of a line and its arrival. If the range of the request begins
 * even earlier, a step reads the lines from the start of that range on.
 */
const EVENT_TIME_MS = 24 * 3_600_000;

/** An SQL expression for the time of the server, in seconds since 1970. */
const NOW = `date_part('epoch', now())`;

/**
 * Matches the audit records of live tails. They are excluded, because each step of a tail without conditions would
 * return the audit record of the previous step.
 */
const OWN_RECORDS = `%"entrypoint":"${TAIL_PURPOSE}"%`;

/**
 * The run with the time range of a step. The range is wide, because lines that arrive late have old times, and some
 * clocks are ahead. If the settings limit the length of ranges, the range ends now and has the maximum length.
 */
function inTailRange({ query, ...run }: QueryRun): QueryRun {
  const { fromMs, toMs } = query.timeRange;
  const nowMs = run.deps.now();
  const { maxRangeMs } = run.instance.settings;
  const timeRange =
    maxRangeMs === undefined
      ? { fromMs: Math.min(fromMs, nowMs - EVENT_TIME_MS), toMs: Math.max(toMs, nowMs + EVENT_TIME_MS) }
      : { fromMs: nowMs - maxRangeMs, toMs: nowMs };
  return { ...run, query: { ...query, timeRange } };
}

/** @throws {ProxyError} The errors of `withFilters` and `statementQuery`, 'tail_not_possible', 'internal' */
export async function tailQuery(plan: TailPlan, requested: QueryRun): Promise<PreparedQuery> {
  const { options, step } = plan;
  if (options.format !== 'logs') {
    throw new ProxyError('tail_not_possible', { detail: 'The format of the query is not Logs.' });
  }
  const run = inTailRange(requested);
  const { sql, notices } = await withFilters(plan, run);
  const tailable = await requiredJob({ kind: 'tail', sql: sql.current }, { code: 'tail_not_possible' }, run);
  const isLines = step.kind === 'lines';
  const limited = isLines ? { ...step, limit: Math.min(step.limit, settingsMaxRows(run)) } : step;
  return statementQuery(
    {
      ...statementOf(plan, run),
      sql: sql.edited(tailSql(sql.current, tailable, limited)),
      options: { ...options, format: isLines ? 'logs' : 'table' },
      limit: TAIL_LIMIT,
      notices,
    },
    run
  );
}

/** Maximum number of lines by the settings of the data source and of Grafana. The limits of the query do not apply. */
function settingsMaxRows({ instance, request, query }: QueryRun): number {
  const { maxRows } = rowLimit({
    query: { autoLimit: false, rowLimit: undefined },
    maxDataPoints: query.maxDataPoints,
    dataSourceRows: instance.settings.maxRows,
    grafanaRows: request.context.grafanaConfig['GF_SQL_ROW_LIMIT'],
  });
  return maxRows;
}

/** The SQL of a step: lines, or only their counts. @param sql The author's SQL. */
export function tailSql(sql: string, tailable: TailableQuery, step: TailRequest): EditedSql {
  const [before, after] = step.kind === 'lines' ? linesAround(step) : countsAround(step);
  const { lines, source } = tailable;
  // The range begins at a full second, because lines are counted per full second.
  const since = `date_trunc('second', now() - interval '${step.ageSeconds} seconds')`;
  const condition = `${source}insert_time >= ${since} AND (${source}target <> '${AUDIT_TARGET}' OR ${source}msg NOT LIKE '${OWN_RECORDS}')`;
  return applyEdits(sql, [
    { at: 0, removed: lines.start, sql: before },
    ...tailEdits(tailable, condition),
    { at: lines.end, removed: sql.length - lines.end, sql: after },
  ]);
}

function linesAround({ known, limit }: TailLinesRequest): [before: string, after: string] {
  const { second, nanos, lines, now, rank, nth } = TAIL_COLUMNS;
  const changed = known === undefined ? '' : `\nWHERE CAST(counted.n AS VARCHAR) <> ${knownCount(known, 'counted.s')}`;
  return [
    'WITH tail_lines AS (\n',
    `
), tail_changes AS (
SELECT counted.s AS s, counted.n AS n FROM (SELECT ${second} AS s, count(*) AS n FROM tail_lines GROUP BY ${second}) AS counted${changed}
), tail_page AS (
SELECT tail_lines.*, tail_changes.n AS ${lines},
  CAST(row_number() OVER (ORDER BY tail_lines.${second} DESC, tail_lines.${nanos} DESC) AS BIGINT) AS ${rank},
  CAST(row_number() OVER (PARTITION BY tail_lines.${second} ORDER BY tail_lines.${nanos} DESC) AS BIGINT) AS ${nth}
FROM tail_lines JOIN tail_changes ON tail_lines.${second} = tail_changes.s
)
SELECT tail_page.*, ${NOW} AS ${now} FROM tail_page WHERE ${rank} <= ${limit} OR ${nth} = 1
ORDER BY ${second}, ${nanos}`,
  ];
}

/**
 * An SQL expression for the known number of lines of a second, as a string. The value is the empty string for seconds
 * that are not listed. The expression is short, because the server's audit log stores each statement.
 */
function knownCount({ firstSecond, lines }: KnownCounts, second: string): string {
  const list = lines.map((count) => (count === 0 ? '' : count)).join(',');
  const place = `CASE WHEN ${second} < ${firstSecond} THEN ${lines.length + 1} ELSE ${second} - ${firstSecond - 1} END`;
  return `split_part('${list}', ',', ${place})`;
}

function countsAround(_request: TailCountsRequest): [before: string, after: string] {
  const { second, lines, now } = TAIL_COUNT_COLUMNS;
  return [
    `SELECT ${TAIL_COLUMNS.second} AS ${second}, count(*) AS ${lines}, ${NOW} AS "${now}" FROM (\n`,
    `\n) AS tail_lines GROUP BY ${TAIL_COLUMNS.second}`,
  ];
}
