/** What the form of any table sets by itself: the time column, the order and the limit. The author can change each of them. */
import { isEqual } from 'lodash';
import { type SortKey, type TableState } from '../../contract/builder/builder-state';
import { DEFAULT_LIMIT } from '../../contract/builder/new-state';
import { type ColumnInfo } from '../../contract/resources';
import { conditionTypeOf } from './column-refs';

/** Names of time columns in Micromegas's tables, the best one first. A process that still runs began before the time range. */
const TIME_COLUMNS: readonly string[] = ['time', 'time_bin', 'last_update_time', 'begin', 'start_time', 'begin_time'];

/** The time column to which the time range applies. Undefined if the table has none. */
function timeColumnOf(columns: readonly ColumnInfo[]): string | undefined {
  const names = columns.filter(({ type }) => conditionTypeOf(type) === 'time').map(({ name }) => name);
  return TIME_COLUMNS.find((name) => names.includes(name)) ?? names[0];
}

function newestFirst({ time }: TableState): SortKey[] {
  return time === undefined ? [] : [{ by: { column: time.column }, descending: true }];
}

/** True if the rows of the result are no rows of the table. An expression may be an aggregate. */
function isAggregated({ time, columns, groupBy }: TableState): boolean {
  return (
    time?.interval !== undefined ||
    groupBy.length > 0 ||
    columns.some((item) => ('raw' in item ? item.raw.includes('(') : item.aggregation !== undefined))
  );
}

/** The order that the form sets: the newest rows first. Groups have no time by which they can be ordered. */
function presetOrder(state: TableState): SortKey[] {
  return isAggregated(state) ? [] : newestFirst(state);
}

/** The limit that the form sets. A limit would cut off the end of a time series. */
function presetLimit({ time }: TableState): string | undefined {
  return time?.interval === undefined ? String(DEFAULT_LIMIT) : undefined;
}

/**
 * A changed state, whose order and limit follow the change if the author has not set others.
 *
 * @param before The state before the change.
 */
export function withTableDefaults(before: TableState, after: TableState): TableState {
  const order = presetOrder(after);
  const followsOrder = !isEqual(order, presetOrder(before)) && isEqual(after.orderBy, presetOrder(before));
  const limit = presetLimit(after);
  const followsLimit = limit !== presetLimit(before) && after.limit === presetLimit(before);
  return { ...after, ...(followsOrder && { orderBy: order }), ...(followsLimit && { limit }) };
}

/**
 * The state for another table: with a time column of this table.
 *
 * @param columns Columns of the table, as far as they are known.
 */
export function withTable(state: TableState, table: string, columns: readonly ColumnInfo[]): TableState {
  const hasTime = columns.some(({ name }) => name === state.time?.column);
  const column = timeColumnOf(columns);
  const time =
    hasTime || columns.length === 0 ? state.time : column === undefined ? undefined : { ...state.time, column };
  return withTableDefaults(state, { ...state, table, time });
}
