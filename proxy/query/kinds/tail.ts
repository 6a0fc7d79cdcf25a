/** A step of the live tail of a logs query: the lines that arrived in the last seconds, or their number per second. */
import { ProxyError } from '../../base/errors/proxy-error';
import { withFilters } from '../filters-and-groups';
import { tailSql } from '../logs/tail-sql';
import { type TailPlan } from '../query-plan';
import { parse } from '../parse';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { rowLimit, TAIL_LIMIT } from '../result-limits';
import { statementOf } from '../statement';
import { statementQuery } from '../statement-query';

/**
 * Maximum difference in milliseconds between the time of a line and its arrival. If the range of the request begins
 * earlier, earlier lines are read too.
 */
const EVENT_TIME_MS = 24 * 3_600_000;

/**
 * The run with the time range of a step. The range is wide, because lines that arrive late have old times, and some
 * clocks are ahead. If the settings limit the range, it ends now and has the maximum length.
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
  const tailable = await parse({ kind: 'tail', sql: sql.current }, { code: 'tail_not_possible' }, run);
  const { maxRows } = rowLimit({
    query: { ...options, autoLimit: false, rowLimit: undefined },
    maxDataPoints: run.query.maxDataPoints,
    dataSourceRows: run.instance.settings.maxRows,
    grafanaRows: run.request.context.grafanaConfig['GF_SQL_ROW_LIMIT'],
  });
  const isLines = step.kind === 'lines';
  const limited = isLines ? { ...step, limit: Math.min(step.limit, maxRows) } : step;
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
