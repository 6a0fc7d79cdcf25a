/**
 * Turns a logs query into a step of a live tail, if the request asks for that. Its filters are already in the SQL, and its macros are
 * not expanded yet.
 */
import { ProxyError } from '../base/errors/proxy-error';
import { tailSql } from './logs/tail-sql';
import { rowLimit, TAIL_LIMIT } from './answer-limits';
import { parserAnswer } from './parser-answer';
import { type DataQuery } from './plugin-request';
import { type QueryModel, withSql } from './prepare-query';
import { type FilterDeps, type QueryStep } from './query-filters';

/** A line may be this much older than its arrival, or ahead of it. Earlier lines are read if the range of the request begins earlier. */
const EVENT_TIME_MS = 24 * 3_600_000;

/** The query with the range of a live tail: lines that arrive late have old times, and some clocks are ahead. */
export function tailRange(query: DataQuery, { query: { tail } }: QueryModel, nowMs: number): DataQuery {
  if (tail === undefined) {
    return query;
  }
  const { fromMs, toMs } = query.timeRange;
  return {
    ...query,
    timeRange: { fromMs: Math.min(fromMs, nowMs - EVENT_TIME_MS), toMs: Math.max(toMs, nowMs + EVENT_TIME_MS) },
  };
}

/**
 * The query for the step. A query without such a request is returned as it is.
 *
 * @throws {ProxyError} 'tail_not_possible', 'internal'
 */
export async function withTail(
  model: QueryModel,
  query: DataQuery,
  { request, instance, deadline }: QueryStep,
  { parser }: FilterDeps
): Promise<QueryModel> {
  const { sql, tail, supplementary, format } = model.query;
  if (model.isEmpty || tail === undefined || supplementary !== undefined) {
    return model;
  }
  if (format !== 'logs') {
    throw new ProxyError('tail_not_possible', { detail: 'The format of the query is not Logs.' });
  }
  const { user, grafanaConfig } = request.context;
  const job = parser.run({ kind: 'tail', sql }, user?.login ?? '');
  const tailable = await parserAnswer(job, { code: 'tail_not_possible' }, deadline);
  const { maxRows } = rowLimit({
    query: { ...model.query, autoLimit: false, rowLimit: undefined },
    maxDataPoints: query.maxDataPoints,
    dataSourceRows: instance.settings.maxRows,
    grafanaRows: grafanaConfig['GF_SQL_ROW_LIMIT'],
  });
  const step = tail.kind === 'lines' ? { ...tail, limit: Math.min(tail.limit, maxRows) } : tail;
  const stepped = withSql(model, tailSql(sql, tailable, step));
  return {
    ...stepped,
    query: { ...stepped.query, format: tail.kind === 'lines' ? 'logs' : 'table' },
    limit: TAIL_LIMIT,
  };
}
