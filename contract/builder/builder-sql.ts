/**
 * The SQL of a builder state. Names and strings of a state are quoted. The builder does not quote numbers, macros such
 * as `$__timeFrom()`, the limit of a table, SQL of the author (`raw`), and variables in place of a name or number.
 */
import { DEFAULT_LOG_ROWS } from '../result-format';
import { sqlTokenValue } from '../sql/sql-scan';
import { quoteLiteral } from '../sql/sql-names';
import {
  type BuilderState,
  type ColumnRef,
  type LogsState,
  type ProcessesState,
  type SelectedColumn,
  type SortKey,
  type SpansState,
  type TableAggregation,
  type TableState,
  type ValuesState,
} from './builder-state';
import { type ConditionContext, conditionsSql } from './condition-sql';
import { metricsQuery } from './metrics-sql';
import { aggregateSql, type BuilderQuery, groupColumns, selectSql } from './select-sql';
import { partOf, type SqlPart } from './sql-parts';
import { asNumberSql, columnSql, nameSql, seriesOrder, tableSql, timeBinSql } from './sql-terms';

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

/**
 * The alias that a selected column gets if the author set no alias. Undefined for raw SQL. Also undefined for a whole
 * column that is not aggregated.
 */
export function defaultAlias(column: SelectedColumn & { aggregation?: TableAggregation }): string | undefined {
  if ('raw' in column) {
    return undefined;
  }
  const name = column.property ?? column.column;
  if (column.aggregation === undefined) {
    return column.property;
  }
  return column.column === '*' ? column.aggregation : `${column.aggregation}_${name}`;
}

/** Aggregations that the server can also compute for strings. The other aggregations need numbers. */
const OF_STRINGS: readonly TableAggregation[] = ['count', 'min', 'max'];

/** The SQL of the argument of an aggregation. A property becomes a number, unless the aggregation accepts strings. */
export function aggregatedTerm(column: ColumnRef, aggregation: TableAggregation): string {
  const term = column.column === '*' ? '*' : columnSql(column);
  return column.property === undefined || OF_STRINGS.includes(aggregation) ? term : asNumberSql(term);
}

/** The SQL of a selected column, such as `sum(count) AS sum_count`. For a raw column, the SQL of the author. */
export function selectedSql(column: SelectedColumn): string {
  if ('raw' in column) {
    return column.raw.trim();
  }
  const { aggregation } = column;
  const sql =
    aggregation === undefined ? columnSql(column) : aggregateSql(aggregation, aggregatedTerm(column, aggregation));
  const alias = column.alias || defaultAlias(column);
  return alias === undefined ? sql : `${sql} AS ${nameSql(alias)}`;
}

function sortSql({ by, descending }: SortKey): string {
  return `${'raw' in by ? by.raw.trim() : columnSql(by)}${descending ? ' DESC' : ''}`;
}

const isGiven = (item: { raw: string } | { column: string }) =>
  'raw' in item ? item.raw.trim() !== '' : item.column !== '';

function isColumn({ column, property, aggregation }: Exclude<SelectedColumn, { raw: string }>, ref: ColumnRef) {
  return column === ref.column && property === ref.property && aggregation === undefined;
}

/** True if raw SQL consists of a column or property, and possibly of an alias after it. */
function isColumnSql(raw: SqlPart, column: SqlPart): boolean {
  const { length } = column.tokens;
  return raw.slice(0, length).equals(column) && (raw.isWordAt(length, 'as') || raw.tokens.length - length < 2);
}

interface ColumnsAndGroups {
  columns: readonly SelectedColumn[];
  groupBy: Readonly<TableState['groupBy']>;
}

/** The columns in `groupBy` that the author did not select. The result does not contain raw SQL. */
export function unselectedGroups({ columns, groupBy }: ColumnsAndGroups): ColumnRef[] {
  const named = columns.flatMap((column) => ('raw' in column ? [] : [column]));
  // Each column is tokenized once, not once per group.
  const raws = columns.flatMap((column) => ('raw' in column ? (partOf(column.raw) ?? []) : []));
  return groupBy.filter((item): item is ColumnRef => {
    if ('raw' in item || named.some((column) => isColumn(column, item))) {
      return false;
    }
    const part = partOf(columnSql(item));
    return part === undefined || !raws.some((raw) => isColumnSql(raw, part));
  });
}

function resultName(column: SelectedColumn): string {
  if ('raw' in column) {
    const last = partOf(column.raw)?.tokens.at(-1);
    return last === undefined ? '' : sqlTokenValue(last);
  }
  return column.alias || (defaultAlias(column) ?? column.column);
}

/** Matches SQL that refers to a column of the result by number, such as `2` or `2 DESC`. */
const POSITION = /^\s*\d+\b/;

/**
 * The SELECT list without the time bin: the selected columns, and the columns of GROUP BY that the author did not
 * select. The unselected columns come first. If the author refers to columns by number, they come last.
 */
function tableColumns(state: TableState): string[] {
  const columns = state.columns.filter(isGiven);
  const taken = [...(state.time?.interval === undefined ? [] : ['time']), ...columns.map(resultName)];
  const groups = groupColumns(unselectedGroups(state), taken).map(({ sql }) => sql);
  const usesPositions = [...state.groupBy, ...state.orderBy.map(({ by }) => by)].some(
    (item) => 'raw' in item && POSITION.test(item.raw)
  );
  const selected = columns.map(selectedSql);
  return usesPositions ? [...selected, ...groups] : [...groups, ...selected];
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
      ...state.groupBy.filter(isGiven).map((item) => ('raw' in item ? item.raw.trim() : columnSql(item))),
    ],
    orderBy: sort.length === 0 && isSeries ? [seriesOrder(state)] : sort,
    limit: state.limit?.trim(),
  });
  const labelColumns = state.groupBy.flatMap((item) =>
    'raw' in item || item.property !== undefined || item.column === '' ? [] : [item.column]
  );
  return {
    sql,
    format,
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
