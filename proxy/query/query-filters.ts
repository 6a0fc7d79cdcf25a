/** Inserts the filters of a query into its SQL, before macros are expanded. */
import { filterValues } from '../../contract/queries/query-filter';
import { applyEdits } from '../../contract/sql/text-edits';
import { type Deadline } from '../base/async/deadline';
import { type Instance } from '../lakehouse/instances/instance';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type ParserThread } from '../sql/edit/parser-thread';
import { callerOf } from './caller';
import { parserAnswer } from './parser-answer';
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

/** What the steps before the call of a query need. */
export interface QueryStep {
  instance: Instance;
  request: QueryDataRequest;
  record: Pick<QueryRecord, 'trace'>;
  deadline: Deadline;
}

/**
 * The query with its filters in the SQL. A query without filters, or with empty lists only, is returned as it is.
 *
 * @throws {ProxyError} 'filter_invalid', 'filter_not_applicable', 'internal', and errors of the calls that read the columns of tables.
 */
export async function withFilters(
  model: QueryModel,
  { timeRange }: DataQuery,
  { instance, request, record, deadline }: QueryStep,
  { parser, columns, memory, now }: FilterDeps
): Promise<QueryModel> {
  const { sql, format, timeFilter } = model.query;
  const filters = model.query.filters.filter((filter) => filterValues(filter).length > 0);
  if (model.isEmpty || filters.length === 0) {
    return model;
  }
  const user = request.context.user?.login ?? '';
  const sources = await parserAnswer(parser.run({ kind: 'sources', sql }, user), NO_RESULT, deadline);
  const catalogue = await columns.catalogueFor(sources, instance, {
    ...callerOf(request.context.user, request.headers, 'schema'),
    trace: record.trace,
    range: timeFilter ? timeRange : undefined,
    signal: deadline.signal,
    deadline,
    openMemory: () => memory.open({ signal: deadline.signal, deadlineMs: now() + deadline.leftMs() }),
  });
  const known = sources.map((source) => catalogue.columnsOf(source));
  const isLogs = format === 'logs';
  const { edits, remarks } = await parserAnswer(
    parser.run({ kind: 'insert', sql, filters, columns: known, isLogs }, user),
    NO_RESULT,
    deadline
  );
  const { text, sourceOffset } = applyEdits(sql, edits);
  return { ...model, query: { ...model.query, sql: text }, authorSql: sql, remarks, sourceOffset };
}

/** The error for the user if the parser has no answer. */
const NO_RESULT = { code: 'filter_not_applicable', withoutIt: 'remove the filters' } as const;
