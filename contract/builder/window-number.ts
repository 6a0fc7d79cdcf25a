/**
 * Converts a time series of the builder to one number for each series, for alert rules. A rule that reduces a time
 * series to its last value reads one interval only. Each reducer returns a single number unchanged.
 *
 * Counts and sums are 0 for a series that has rows in the time range of the query, but none in the window. So the time
 * range says for how long a series is remembered after its last row. A series without rows in the time range has no
 * number.
 */
import {
  type BuilderCondition,
  type BuilderState,
  type ColumnRef,
  isZeroWithoutRows,
  type MetricsState,
  type SelectedColumn,
  type TableState,
} from './builder-state';
import { LEVEL_TABLES } from './condition-sql';
import { durationMs, isVariable, nameSql } from './sql-terms';
import { aggregatedTerm, defaultAlias, givenColumns, implicitGroups, unselectedGroups } from './table-columns';

/** The window of a series whose interval is shorter or unknown. Longer than the usual delay of data. */
const SHORTEST_WINDOW_MS = 300_000;

type Aggregated = Extract<SelectedColumn, ColumnRef>;

/** The length of the window in milliseconds: the interval of the series, but at least five minutes. */
export function windowMsOf(state: BuilderState): number {
  const interval =
    state.kind === 'metrics' ? state.interval : state.kind === 'table' ? state.time?.interval : undefined;
  return Math.max(SHORTEST_WINDOW_MS, durationMs(interval ?? '') ?? 0);
}

/** The condition that a row is in the last `windowMs` milliseconds of the time range. */
function inWindow(timeColumn: string, windowMs: number): string {
  const length = windowMs % 60_000 === 0 ? `${windowMs / 60_000} minutes` : `${windowMs / 1000} seconds`;
  return `${nameSql(timeColumn)} >= $__timeTo() - interval '${length}'`;
}

/** `CASE WHEN condition THEN term END`. Rows that do not fulfil the condition have the value NULL. */
const onlyIf = (condition: string, term: string) => `CASE WHEN ${condition} THEN ${term} END`;

/** A count or sum of the rows in the window. 0 without such rows. */
function zeroableSql(column: Aggregated, condition: string): string {
  const { aggregation } = column;
  const term = aggregatedTerm(column, aggregation ?? 'count');
  const cased = onlyIf(condition, term === '*' ? '1' : term);
  return aggregation === 'count' ? `count(${cased})` : `coalesce(sum(${cased}), 0)`;
}

/** A table result rejects a second column with numbers, so a log level becomes a string. */
function withStringLevels(state: TableState): TableState {
  const isLevel = (item: object) => 'column' in item && item.column === 'level' && !('property' in item);
  const groupBy = [...state.groupBy, ...implicitGroups(state)];
  if (!LEVEL_TABLES.includes(state.table) || !groupBy.some(isLevel)) {
    return state;
  }
  const others = state.columns.filter((column) => !isLevel(column) || 'aggregation' in column);
  return {
    ...state,
    columns: [{ raw: 'cast(level AS varchar) AS level' }, ...others],
    groupBy: groupBy.map((item) => (isLevel(item) ? { raw: 'level' } : item)),
  };
}

function tableNumber(state: TableState, windowMs: number): TableState | undefined {
  const { time, groupBy } = state;
  const columns: SelectedColumn[] = [...unselectedGroups(state), ...givenColumns(state.columns)];
  const numbers = columns.filter((column) => 'raw' in column || column.aggregation !== undefined);
  const [number] = numbers;
  if (time?.interval === undefined || numbers.length !== 1 || groupBy.some((item) => 'raw' in item)) {
    return undefined;
  }
  const condition = inWindow(time.column, windowMs);
  const { newestFirst: _newest, limit: _limit, ...rest } = state;
  const base: TableState = { ...rest, time: { column: time.column }, columns, orderBy: [] };
  if ('raw' in number || !isZeroWithoutRows(number.aggregation)) {
    return withStringLevels({ ...base, conditions: [...base.conditions, { raw: condition }] });
  }
  const name = nameSql(number.alias || (defaultAlias(number) ?? 'value'));
  const zeroable: SelectedColumn = { raw: `${zeroableSql(number, condition)} AS ${name}` };
  return withStringLevels({ ...base, columns: columns.map((column) => (column === number ? zeroable : column)) });
}

/** Counts and sums of a measure, as a query of the table `measures`. */
function measureTable(state: MetricsState, windowMs: number): TableState {
  const isString = (column: string, value: string): BuilderCondition => ({
    column,
    type: 'text',
    operator: '=',
    values: [value],
  });
  const column: Aggregated =
    state.aggregation === 'count' ? { column: '*', aggregation: 'count' } : { column: 'value', aggregation: 'sum' };
  const sql = zeroableSql(column, inWindow('time', windowMs));
  return {
    kind: 'table',
    table: 'measures',
    ...(state.processId !== undefined && { instanceId: state.processId }),
    time: { column: 'time' },
    columns: [
      ...state.groupBy,
      { raw: `${sql}${state.aggregation === 'increment-rate' ? ` / ${windowMs / 1000}.0` : ''} AS value` },
    ],
    conditions: [
      isString('name', state.name),
      ...(state.unit === undefined ? [] : [isString('unit', state.unit)]),
      ...state.conditions,
    ],
    groupBy: state.groupBy,
    orderBy: [],
  };
}

function metricsNumber(state: MetricsState, windowMs: number): BuilderState | undefined {
  const { aggregation, shape, groupBy, name } = state;
  if (shape !== 'series' || name === '' || isVariable(name)) {
    return undefined;
  }
  if (isZeroWithoutRows(aggregation)) {
    return measureTable(state, windowMs);
  }
  const { fill: _fill, zonedFill: _zoned, newestFirst: _newest, ...rest } = state;
  const number: MetricsState = { ...rest, shape: groupBy.length === 0 ? 'number' : 'rows' };
  // The SQL of a rate divides by the time range, so a rate is over the whole range.
  return aggregation === 'rate'
    ? number
    : { ...number, conditions: [...state.conditions, { raw: inWindow('time', windowMs) }] };
}

/**
 * The state of one number for each series, over the last `windowMs` milliseconds of the time range. The aggregation
 * `rate` is over the whole time range.
 *
 * @returns Undefined for a state that is not a time series with exactly one number, or that groups by SQL.
 */
export function windowNumber(state: BuilderState, windowMs: number): BuilderState | undefined {
  switch (state.kind) {
    case 'table':
      return tableNumber(state, windowMs);
    case 'metrics':
      return metricsNumber(state, windowMs);
    default:
      return undefined;
  }
}
