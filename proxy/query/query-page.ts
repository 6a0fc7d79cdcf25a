/**
 * Turns a logs query into one of its pages, if the request asks for that: the lines before or after those that are shown. Its filters
 * are already in the SQL, and its macros are not expanded yet.
 */
import { type LogPageRequest } from '../../contract/logs/log-page';
import { ProxyError } from '../base/errors/proxy-error';
import { pageRange, pageSql } from './logs/page-sql';
import { parserAnswer } from './parser-answer';
import { type DataQuery } from './plugin-request';
import { type QueryModel, withSql } from './prepare-query';
import { type FilterDeps, type QueryStep } from './query-filters';

/** A query, and the range that its SQL is run in. */
export interface PagedQuery {
  model: QueryModel;
  query: DataQuery;
}

function inPageRange(query: DataQuery, page: LogPageRequest): DataQuery {
  return { ...query, timeRange: pageRange(page, query.timeRange) };
}

/** The number of lines of a result that the user limits. */
function limitOfUser({ query }: QueryModel, maxDataPoints: number, written: number | undefined): number | undefined {
  const limits = [written, query.rowLimit, query.autoLimit && maxDataPoints > 0 ? maxDataPoints : undefined];
  const numbers = limits.filter((limit) => limit !== undefined);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/** The page in the order of the query, whose limit may leave lines out. */
function inAuthorsOrder(model: QueryModel, page: LogPageRequest, query: DataQuery, reason: unknown): PagedQuery {
  const isKnown = reason instanceof ProxyError && reason.code === 'log_page_not_ordered';
  // Lines after the boundary must be read in another order: the newest lines would leave a gap.
  if (!isKnown || page.direction !== 'older') {
    throw reason;
  }
  const remark = `These lines have the order and the limit of the query. ${reason.detail ?? ''}`.trim();
  return { model: { ...model, remarks: [...(model.remarks ?? []), remark] }, query: inPageRange(query, page) };
}

/**
 * A query without such a request is returned as it is.
 *
 * @throws {ProxyError} 'log_page_not_ordered', 'internal'
 */
export async function withPage(
  model: QueryModel,
  query: DataQuery,
  step: QueryStep,
  deps: Pick<FilterDeps, 'parser'>
): Promise<PagedQuery> {
  const { logPage, format, supplementary, tail } = model.query;
  const isOther = format !== 'logs' || supplementary !== undefined || tail !== undefined;
  if (model.isEmpty || logPage === undefined || isOther) {
    return { model, query };
  }
  try {
    return await inPageOrder(model, logPage, query, step, deps);
  } catch (reason) {
    return inAuthorsOrder(model, logPage, query, reason);
  }
}

async function inPageOrder(
  model: QueryModel,
  page: LogPageRequest,
  query: DataQuery,
  { request, deadline }: QueryStep,
  { parser }: Pick<FilterDeps, 'parser'>
): Promise<PagedQuery> {
  const { sql, timeFilter } = model.query;
  // A macro in a name would be expanded.
  if (page.timeColumn.includes('$')) {
    throw new ProxyError('log_page_not_ordered', { detail: 'The name of the time column contains "$".' });
  }
  const user = request.context.user?.login ?? '';
  const job = parser.run({ kind: 'page', sql, timeColumn: page.timeColumn }, user);
  const pageable = await parserAnswer(job, { code: 'log_page_not_ordered' }, deadline);
  const limit = limitOfUser(model, query.maxDataPoints, pageable.limit);
  const rows = limit === undefined ? undefined : limit + page.shown;
  const isRanged = timeFilter && pageable.isNarrowable;
  const edited = withSql(model, pageSql(sql, pageable, page, { rows, isRanged }));
  return {
    model: { ...edited, query: { ...edited.query, rowLimit: undefined, autoLimit: false } },
    query: isRanged ? inPageRange(query, page) : query,
  };
}
