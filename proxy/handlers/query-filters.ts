/** Inserts the filters of a query into its SQL, before macros are expanded. */
import { filterValues } from '../../contract/query-filter';
import { type Instance } from '../instances/instance';
import { type MemoryBudget } from '../memory/memory-budget';
import { ProxyError } from '../errors/proxy-error';
import { FilterableSql } from '../sql-edit/insert-filters';
import { type SqlParser } from '../sql-edit/load-parser';
import { callerOf } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';
import { type QueryModel } from './prepare-query';
import { type TableColumns } from './table-columns';

export interface FilterDeps {
  parser: Pick<SqlParser, 'get'>;
  columns: TableColumns;
  memory: MemoryBudget;
  /** Milliseconds since 1970. */
  now: () => number;
}

interface FilterContext {
  instance: Instance;
  request: QueryDataRequest;
  signal: AbortSignal;
}

/**
 * The query with its filters in the SQL. A query without filters, or with empty lists only, is returned as it is.
 *
 * @throws {ProxyError} 'filter_invalid', 'filter_not_applicable', and errors of the calls that read the columns of tables.
 */
export async function withFilters(
  model: QueryModel,
  { timeRange }: DataQuery,
  { instance, request, signal }: FilterContext,
  { parser, columns, memory, now }: FilterDeps
): Promise<QueryModel> {
  const { sql, format, timeFilter } = model.query;
  const filters = model.query.filters.filter((filter) => filterValues(filter).length > 0);
  if (model.isEmpty || filters.length === 0) {
    return model;
  }
  const filterable = new FilterableSql(sql, await parserFor(parser));
  const catalogue = await columns.catalogueFor(filterable.sources, instance, {
    ...callerOf(request.context.user, request.headers, 'schema'),
    range: timeFilter ? timeRange : undefined,
    signal,
    openMemory: () => memory.open({ signal, deadlineMs: now() + instance.settings.timeoutMs }),
  });
  const { text, remarks, sourceOffset } = filterable.insert({ filters, catalogue, isLogs: format === 'logs' });
  return { ...model, query: { ...model.query, sql: text }, authorSql: sql, remarks, sourceOffset };
}

/** @throws {ProxyError} 'internal' if the files of the parser are missing. */
async function parserFor(parser: Pick<SqlParser, 'get'>): ReturnType<SqlParser['get']> {
  try {
    return await parser.get();
  } catch (cause) {
    throw new ProxyError('internal', { detail: 'The SQL parser cannot be loaded.', cause });
  }
}
