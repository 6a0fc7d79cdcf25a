/**
 * Turns a logs query into one that counts its lines by time and level, if the request asks for that. Its filters are already in the
 * SQL, and its macros are not expanded yet.
 */
import { type RunnableQuery } from '../../contract/queries/query';
import { type SqlSource } from '../../contract/sql/query-scopes';
import { type EditedText } from '../../contract/sql/text-edits';
import { readSchema } from '../frames/arrow-ipc';
import { lineColumns } from '../frames/data-frames/logs-columns';
import { ProxyError } from '../base/errors/proxy-error';
import { binWidthMs, statisticsMinutes } from './logs/volume-bins';
import { columnsSql, countSql, type LineColumns, statisticsSql } from './logs/volume-sql';
import { ADDED_LEVEL, type CountableQuery } from '../sql/edit/countable-query';
import { VOLUME_LIMIT } from './answer-limits';
import { callerOf } from './caller';
import { parserAnswer } from './parser-answer';
import { type DataQuery } from './plugin-request';
import { expandedSql, type QueryModel, withSql, writtenSql } from './prepare-query';
import { type FilterDeps, type QueryStep } from './query-filters';

/** `log_stats`, as a source of a query. */
const STATISTICS_SOURCE: SqlSource = {
  qualifier: undefined,
  name: undefined,
  columnAliases: [],
  isOptional: false,
  isHidden: false,
  start: 0,
  origin: { kind: 'table', table: 'log_stats' },
};
/** The columns of `log_stats` that are read, with their types. */
const STATISTICS_COLUMNS = [
  ['time_bin', 'time'],
  ['process_id', 'text'],
  ['level', 'number'],
  ['target', 'text'],
  ['count', 'number'],
] as const;

/**
 * The query that counts the lines. A query without such a request is returned as it is.
 *
 * @throws {ProxyError} 'volume_not_countable', 'internal', and errors of the calls that read columns.
 */
export async function withVolume(
  model: QueryModel,
  query: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<QueryModel> {
  const { sql, supplementary, format } = model.query;
  if (model.isEmpty || supplementary === undefined) {
    return model;
  }
  if (format !== 'logs') {
    throw new ProxyError('volume_not_countable', { detail: 'The format of the query is not Logs.' });
  }
  const user = step.request.context.user?.login ?? '';
  const job = deps.parser.run({ kind: 'count', sql }, user);
  const countable = await parserAnswer(job, { code: 'volume_not_countable' }, step.deadline);
  const edited =
    (await fromStatistics(model.query, countable, query, step, deps)) ??
    (await fromLines(model, countable, query, step, deps));
  return counting(model, edited, binWidthMs(query.timeRange, query));
}

function counting(model: QueryModel, edited: EditedText, stepMs: number): QueryModel {
  return { ...withSql(model, edited), isVolume: true, stepMs, limit: VOLUME_LIMIT };
}

/** Counts in `log_stats`, if that table has the answer, and the server has the table. */
async function fromStatistics(
  { sql, timeFilter }: RunnableQuery,
  { statistics }: CountableQuery,
  query: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<EditedText | undefined> {
  const widthMs = binWidthMs(query.timeRange, query);
  const minutes = timeFilter ? statisticsMinutes(query.timeRange, widthMs, deps.now()) : undefined;
  if (statistics === undefined || minutes === undefined) {
    return undefined;
  }
  const catalogue = await deps.columns.catalogueFor([], step.instance, schemaCall(query, step, deps));
  const columns = catalogue.columnsOf(STATISTICS_SOURCE) ?? [];
  const hasAll = STATISTICS_COLUMNS.every(([name, kind]) =>
    columns.some((column) => column.name === name && column.kind === kind)
  );
  return hasAll ? statisticsSql(sql, statistics, { widthMs, span: query.timeRange, minutes }) : undefined;
}

/** Counts the lines of the author's query by the columns that the log lines show as time and level. */
async function fromLines(
  model: QueryModel,
  countable: CountableQuery,
  query: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<EditedText> {
  const { sql, timeFilter } = model.query;
  const columns = await readLineColumns(withSql(model, columnsSql(sql, countable)), countable, query, step, deps);
  const widthMs = binWidthMs(query.timeRange, query);
  return countSql(sql, countable, columns, { widthMs, span: timeFilter ? undefined : query.timeRange });
}

/** @param model Its SQL has the columns of the lines. */
async function readLineColumns(
  model: QueryModel,
  { level: added }: CountableQuery,
  query: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<LineColumns> {
  const { openMemory, ...call } = schemaCall(query, step, deps);
  const memory = openMemory();
  try {
    await memory.reserve(0);
    const sql = await writtenSql(expandedSql(model, query, step.request), memory);
    const schema = await readSchema(step.instance.execute(sql, { ...call, memory }), memory);
    const found = schema === undefined ? undefined : lineColumns(schema, memory);
    const time = found?.time;
    const level = added === undefined ? found?.level : ADDED_LEVEL;
    if (time === undefined) {
      throw new ProxyError('volume_not_countable', { detail: 'The log lines have no time column.' });
    }
    // A macro in a name would be expanded.
    if (`${time}${level ?? ''}`.includes('$')) {
      throw new ProxyError('volume_not_countable', { detail: 'The name of the time or level column contains "$".' });
    }
    return { time, level };
  } finally {
    memory.close();
  }
}

function schemaCall({ timeRange }: DataQuery, { request, record, deadline }: QueryStep, { memory, now }: FilterDeps) {
  return {
    ...callerOf(request.context.user, request.headers, 'schema'),
    trace: record.trace,
    range: timeRange,
    signal: deadline.signal,
    deadline,
    openMemory: () => memory.open({ signal: deadline.signal, deadlineMs: now() + deadline.leftMs() }),
  };
}
