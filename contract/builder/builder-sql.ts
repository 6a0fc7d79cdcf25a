/**
 * The SQL of a builder state. Names and strings of a state are quoted. The builder does not quote numbers, macros such
 * as `$__timeFrom()`, the limit of a table, SQL of the author (`raw`), and variables in place of a name or number.
 */
import { DEFAULT_LOG_ROWS } from '../result-format';
import { quoteLiteral } from '../sql/sql-names';
import {
  type BuilderState,
  type LogsState,
  type ProcessesState,
  type SortKey,
  type SpansState,
  type TableState,
  type ValuesState,
} from './builder-state';
import { type ConditionContext, conditionsSql } from './condition-sql';
import { metricsQuery } from './metrics-sql';
import { type BuilderQuery, selectSql } from './select-sql';
import { columnSql, nameSql, seriesOrder, tableSql, timeBinSql } from './sql-terms';
import { implicitGroups, isGiven, tableColumns, tableLegend } from './table-columns';

export { type BuilderQuery };

/** Default maximum number of values of a variable. */
export const MAX_VALUES = 1000;
/** Maximum number of rows from which the keys of a JSONB column are read. */
const KEY_ROWS = 10_000;

/**
 * Queries of these tables are sent without a time range. The server would compare a time range with the insertion times
 * of the rows.
 */
const INSERTED: readonly string[] = ['processes', 'streams'];

/** The columns of spans that may be NULL. */
const NULLABLE_OF_SPANS: readonly string[] = ['parent_span_id', 'status_message'];

/** The properties of the state's table that change the SQL of the conditions. */
export function conditionContext({ kind }: Pick<BuilderState, 'kind'>): ConditionContext {
  switch (kind) {
    case 'logs':
    case 'metrics':
      // log_entries and measures have no NULL in the columns that the builder offers.
      return { nullable: [], hasDuration: false };
    case 'spans':
      return { nullable: NULLABLE_OF_SPANS, hasDuration: true };
    default:
      return { nullable: 'all', hasDuration: false };
  }
}

function logsQuery(state: LogsState): BuilderQuery {
  const level = state.minLevel === undefined ? [] : [`level <= ${state.minLevel}`];
  const sql = selectSql({
    columns: ['time', 'level', 'target', 'msg', 'exe', 'computer', 'username', 'process_id', 'properties'],
    from: tableSql('log_entries', state.processId),
    where: conditionsSql(['$__timeFilter(time)', ...level], state.conditions, conditionContext(state)),
    orderBy: [state.order === 'newest' ? 'time DESC' : 'time'],
    limit: state.limit,
  });
  return { sql, format: 'logs', rowLimit: state.limit ?? DEFAULT_LOG_ROWS };
}

function processesQuery(state: ProcessesState): BuilderQuery {
  const alive = state.aliveInRange ? ['start_time <= $__timeTo()', 'last_update_time >= $__timeFrom()'] : [];
  const sql = selectSql({
    columns: ['process_id', 'exe', 'computer', 'username', 'start_time', 'last_update_time', 'properties'],
    from: 'processes',
    where: conditionsSql(alive, state.conditions, conditionContext(state)),
    orderBy: ['start_time DESC'],
    limit: state.limit,
  });
  return { sql, format: 'table', timeFilter: false };
}

const OTEL_COLUMNS = [
  'start_time AS time',
  'name',
  'duration',
  'kind',
  'status',
  'status_message',
  'process_id',
  "encode(trace_id, 'hex') AS trace_id",
  "encode(span_id, 'hex') AS span_id",
  'properties',
];
const SPAN_COLUMNS = ['"begin" AS time', 'name', 'duration', 'target', 'thread_name', 'depth', 'stream_id'];

function spansQuery(state: SpansState): BuilderQuery {
  if (state.processId === '') {
    return { sql: '', format: 'table' };
  }
  const isOtel = state.spans === 'otel';
  const sql = selectSql({
    columns: isOtel ? OTEL_COLUMNS : SPAN_COLUMNS,
    from: isOtel
      ? tableSql('otel_spans', state.processId)
      : `process_spans(${quoteLiteral(state.processId)}, '${state.spans}')`,
    where: conditionsSql(
      [`$__timeFilter(${isOtel ? 'start_time' : '"begin"'})`],
      state.conditions,
      conditionContext(state)
    ),
    orderBy: [state.order === 'slowest' ? 'duration DESC' : '1 DESC'],
    limit: state.limit,
  });
  return { sql, format: 'table' };
}

function sortSql({ by, descending }: SortKey): string {
  return `${'raw' in by ? by.raw.trim() : columnSql(by)}${descending ? ' DESC' : ''}`;
}

function tableQuery(state: TableState): BuilderQuery {
  const isSeries = state.time?.interval !== undefined;
  const format = isSeries ? 'time_series' : 'table';
  if (state.table === '' || state.instanceId === '') {
    return { sql: '', format };
  }
  const { time } = state;
  const bin = time?.interval === undefined ? [] : [`${timeBinSql(time.column, time.interval, time.fill)} AS time`];
  const columns = tableColumns(state);
  const implicit = implicitGroups(state);
  const sort = state.orderBy.filter(({ by }) => isGiven(by)).map(sortSql);
  const sql = selectSql({
    columns: bin.length + columns.length === 0 ? ['*'] : [...bin, ...columns],
    from: tableSql(state.table, state.instanceId),
    where: conditionsSql(
      time === undefined ? [] : [`$__timeFilter(${nameSql(time.column)})`],
      state.conditions,
      conditionContext(state)
    ),
    groupBy: [
      ...(isSeries ? ['1'] : []),
      ...[...state.groupBy.filter(isGiven), ...implicit].map((item) =>
        'raw' in item ? item.raw.trim() : columnSql(item)
      ),
    ],
    orderBy: sort.length === 0 && isSeries ? [seriesOrder(state)] : sort,
    limit: state.limit?.trim(),
  });
  const labelColumns = [...state.groupBy, ...implicit].flatMap((item) =>
    'raw' in item || item.property !== undefined || item.column === '' ? [] : [item.column]
  );
  const legend = tableLegend(state);
  return {
    sql,
    format,
    ...(legend !== undefined && { legend }),
    ...(isSeries && labelColumns.length > 0 && { labelColumns }),
    ...(time !== undefined && INSERTED.includes(state.table) && { timeFilter: false }),
  };
}

function keysSql(state: ValuesState, where: string[], limit: number): string {
  const from = {
    columns: [`jsonb_object_keys(${nameSql(state.value.column)}) AS keys`],
    from: tableSql(state.table, state.instanceId),
    where,
    // The limit keeps the newest rows, because these rows have the keys that programs write now.
    orderBy: state.timeColumn ? [`${nameSql(state.timeColumn)} DESC`] : [],
    limit: KEY_ROWS,
  };
  return selectSql({ distinct: true, columns: ['unnest(keys) AS value'], from, orderBy: ['1'], limit });
}

const PROCESS_VALUE = ['process_id AS value', "concat(exe, ' on ', computer, ', ', start_time) AS text"];

function valuesSql(state: ValuesState): string {
  const limit = state.limit ?? MAX_VALUES;
  const context = conditionContext(state);
  if (state.of === 'processes') {
    const where = conditionsSql([], state.conditions, context);
    return selectSql({ columns: PROCESS_VALUE, from: 'processes', where, orderBy: ['start_time DESC'], limit });
  }
  if (state.table === '' || state.instanceId === '' || state.value.column === '') {
    return '';
  }
  const time = state.timeColumn ? [`$__timeFilter(${nameSql(state.timeColumn)})`] : [];
  if (state.of === 'property-keys') {
    return keysSql(state, conditionsSql(time, state.conditions, context), limit);
  }
  const value = columnSql(state.value);
  const columns = state.text === undefined || state.text.column === '' ? [] : [`${columnSql(state.text)} AS text`];
  return selectSql({
    distinct: true,
    columns: [`${value} AS value`, ...columns],
    from: tableSql(state.table, state.instanceId),
    where: conditionsSql([...time, `${value} IS NOT NULL`], state.conditions, context),
    orderBy: [columns.length > 0 ? '2' : '1'],
    limit,
  });
}

/** The query of a state: its SQL, and options such as the format of the result. */
export function builderQuery(state: BuilderState): BuilderQuery {
  switch (state.kind) {
    case 'metrics':
      return metricsQuery(state, conditionContext(state));
    case 'logs':
      return logsQuery(state);
    case 'processes':
      return processesQuery(state);
    case 'spans':
      return spansQuery(state);
    case 'table':
      return tableQuery(state);
    case 'values':
      return { sql: valuesSql(state), format: 'table' };
  }
}
