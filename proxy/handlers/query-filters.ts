/** Inserts the filters of a query into its SQL, before macros are expanded. */
import { filterValues } from '../../contract/query-filter';
import { applyEdits } from '../../contract/sql-syntax/text-edits';
import { type Instance } from '../instances/instance';
import { type MemoryBudget } from '../memory/memory-budget';
import { ProxyError } from '../errors/proxy-error';
import { JOB_MS, NoParserResult, type ParserThread } from '../sql-edit/parser-thread';
import { callerOf } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';
import { type QueryModel } from './prepare-query';
import { type QueryRecord } from './query-record';
import { type TableColumns } from './table-columns';

export interface FilterDeps {
  parser: Pick<ParserThread, 'run'>;
  columns: TableColumns;
  memory: MemoryBudget;
  /** Milliseconds since 1970. */
  now: () => number;
}

interface FilterContext {
  instance: Instance;
  request: QueryDataRequest;
  record: Pick<QueryRecord, 'trace'>;
  signal: AbortSignal;
}

/**
 * The query with its filters in the SQL. A query without filters, or with empty lists only, is returned as it is.
 *
 * @throws {ProxyError} 'filter_invalid', 'filter_not_applicable', 'internal', and errors of the calls that read the columns of tables.
 */
export async function withFilters(
  model: QueryModel,
  { timeRange }: DataQuery,
  { instance, request, record, signal }: FilterContext,
  { parser, columns, memory, now }: FilterDeps
): Promise<QueryModel> {
  const { sql, format, timeFilter } = model.query;
  const filters = model.query.filters.filter((filter) => filterValues(filter).length > 0);
  if (model.isEmpty || filters.length === 0) {
    return model;
  }
  const user = request.context.user?.login ?? '';
  const sources = await answered(parser.run({ kind: 'sources', sql }, user));
  const catalogue = await columns.catalogueFor(sources, instance, {
    ...callerOf(request.context.user, request.headers, 'schema'),
    trace: record.trace,
    range: timeFilter ? timeRange : undefined,
    signal,
    openMemory: () => memory.open({ signal, deadlineMs: now() + instance.settings.timeoutMs }),
  });
  const known = sources.map((source) => catalogue.columnsOf(source));
  const isLogs = format === 'logs';
  const { edits, remarks } = await answered(parser.run({ kind: 'insert', sql, filters, columns: known, isLogs }, user));
  const { text, sourceOffset } = applyEdits(sql, edits);
  return { ...model, query: { ...model.query, sql: text }, authorSql: sql, remarks, sourceOffset };
}

/** The errors of the parser's thread, for the user. */
const NO_RESULT: Readonly<Record<NoParserResult['reason'], (cause: NoParserResult) => ProxyError>> = {
  slow: (cause) =>
    new ProxyError('filter_not_applicable', {
      detail: `Parsing the query takes more than ${JOB_MS} ms.`,
      advice: 'Nest fewer function calls, CASE expressions and subqueries in the query, or remove the filters.',
      cause,
    }),
  crashed: (cause) => new ProxyError('filter_not_applicable', { detail: 'The query cannot be parsed.', cause }),
  busy: (cause) =>
    new ProxyError('filter_not_applicable', {
      detail: 'Too many other queries are being parsed.',
      advice: 'Run the query again, or remove the filters.',
      cause,
    }),
  'no-thread': (cause) =>
    cause.cause instanceof ProxyError
      ? cause.cause
      : new ProxyError('internal', { detail: 'The SQL parser cannot be started.', cause }),
};

/** @throws {ProxyError} Instead of `NoParserResult`. */
async function answered<Value>(result: Promise<Value>): Promise<Value> {
  try {
    return await result;
  } catch (reason) {
    throw reason instanceof NoParserResult ? NO_RESULT[reason.reason](reason) : reason;
  }
}
