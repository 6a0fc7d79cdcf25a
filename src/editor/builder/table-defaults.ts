/**
 * Default values of the table form: the time column, the columns of a new query, the fill, the order and the limit. The
 * author can change each of them.
 */
import { isEqual } from 'lodash';
import {
  isZeroWithoutRows,
  type SelectedColumn,
  type SortKey,
  type TableState,
  type TimeColumn,
} from '../../../contract/builder/builder-state';
import { type FillMode } from '../../../contract/result-format';
import { DEFAULT_LIMIT } from '../../../contract/builder/new-state';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { timeColumnOf } from '../../shared/sql/time-column';

function newestFirst({ time }: TableState): SortKey[] {
  return time === undefined ? [] : [{ by: { column: time.column }, descending: true }];
}

/** True if the rows of the result are time bins, groups or one aggregate, and not rows of the table. */
function isAggregated({ time, columns, groupBy }: TableState): boolean {
  return time?.interval !== undefined || groupBy.length > 0 || columns.some(isAggregate);
}

/** The order that the form sets: the newest rows first, or no order for aggregated rows. */
function presetOrder(state: TableState): SortKey[] {
  return isAggregated(state) ? [] : newestFirst(state);
}

const ROW_COUNT: SelectedColumn = { column: '*', aggregation: 'count' };

/**
 * The columns that the form sets: the number of rows of each group or time bin. Without groups and time bins, the list
 * is empty, so the query selects all columns.
 */
function presetColumns({ time, groupBy }: TableState): SelectedColumn[] {
  return time?.interval !== undefined || groupBy.length > 0 ? [ROW_COUNT] : [];
}

/** True for a chosen column of the table without an aggregation. */
function isTableColumn(item: SelectedColumn | undefined): boolean {
  return item !== undefined && !('raw' in item) && item.column !== '' && item.aggregation === undefined;
}

/** True for a column whose values are aggregated. SQL with a parenthesis counts as an aggregate. */
function isAggregate(item: SelectedColumn): boolean {
  return 'raw' in item ? item.raw.includes('(') : item.aggregation !== undefined;
}

/** The columns of a query that starts to aggregate: without the time column, and with at least one aggregate. */
function aggregatedColumns(state: TableState): SelectedColumn[] {
  const time = { column: state.time?.column };
  const kept = state.columns.filter((item) => !isEqual(item, time));
  return kept.some(isAggregate) ? kept : [...kept, ...presetColumns(state)];
}

/**
 * The columns after a change. The count that the form has set is removed when the query has no groups and no interval
 * any more. When the author selects the first column of ungrouped rows, the time column is added before this column.
 */
function followingColumns(before: TableState, after: TableState): SelectedColumn[] {
  const { time, columns } = after;
  if (presetColumns(before).length > 0 && presetColumns(after).length === 0 && isEqual(columns, [ROW_COUNT])) {
    return [];
  }
  if (isAggregated(after)) {
    return isAggregated(before) ? columns : aggregatedColumns(after);
  }
  const isFirst = !before.columns.some(isTableColumn) && columns.length === 1 && isTableColumn(columns[0]);
  const lacksTime = time !== undefined && !isEqual(columns, [{ column: time.column }]);
  return isFirst && lacksTime ? [{ column: time.column }, ...columns] : columns;
}

/**
 * The column that the button _Column_ adds. In a query with groups or time bins, the column is a count, because each
 * column that is not a group needs an aggregate.
 */
export function newColumn(state: TableState): SelectedColumn {
  return presetColumns(state).length > 0 ? { column: '', aggregation: 'count' } : { column: '' };
}

/** The limit that the form sets. Time series have none, because a limit would truncate them. */
function presetLimit({ time }: TableState): string | undefined {
  return time?.interval === undefined ? String(DEFAULT_LIMIT) : undefined;
}

/** The fill that the form sets: zero if all columns of a time series, except groups, are counts or sums. */
function presetFill({ time, columns, groupBy }: TableState): FillMode | undefined {
  const values = columns.filter((item) => isAggregate(item) || !isGroup(item, groupBy));
  const isZero = (item: SelectedColumn) => !('raw' in item) && isZeroWithoutRows(item.aggregation);
  return time?.interval !== undefined && values.length > 0 && values.every(isZero) ? 'zero' : undefined;
}

/**
 * True for a column by which the rows are grouped, and for an added item for which the author has not chosen a column
 * yet.
 */
function isGroup(item: SelectedColumn, groupBy: TableState['groupBy']): boolean {
  if ('raw' in item) {
    return false;
  }
  const { column, property } = item;
  return (
    column === '' ||
    groupBy.some((group) => !('raw' in group) && group.column === column && group.property === property)
  );
}

/**
 * The time column of the changed state. It has the fill that the form sets, unless the author has chosen another fill.
 * Without an interval, it has no fill.
 */
function followingTime(before: TableState, after: TableState): TimeColumn | undefined {
  if (after.time === undefined) {
    return undefined;
  }
  const { fill, ...time } = after.time;
  const follows = presetFill(before) !== presetFill(after) && fill === presetFill(before);
  const kept = time.interval === undefined ? undefined : follows ? presetFill(after) : fill;
  return { ...time, ...(kept !== undefined && { fill: kept }) };
}

/**
 * The state after a change. Its columns, fill, order and limit follow the change unless the author has chosen others.
 *
 * @param before  The state before the change.
 * @param changed The state after the change.
 */
export function withTableDefaults(before: TableState, changed: TableState): TableState {
  const columns = followingColumns(before, changed);
  const after = { ...changed, columns, time: followingTime(before, { ...changed, columns }) };
  const order = presetOrder(after);
  const followsOrder = !isEqual(order, presetOrder(before)) && isEqual(after.orderBy, presetOrder(before));
  const limit = presetLimit(after);
  const followsLimit = limit !== presetLimit(before) && after.limit === presetLimit(before);
  return { ...after, ...(followsOrder && { orderBy: order }), ...(followsLimit && { limit }) };
}

/**
 * The time column after the author has chosen another table. The column is kept if the table has it, or if the columns
 * of the table are unknown. Otherwise it is replaced by the usual time column of the table, or removed.
 *
 * @param columns Columns of the table, as far as they are known.
 */
export function timeColumnIn(columns: readonly ColumnInfo[], before: string | undefined): string | undefined {
  const isKept = columns.length === 0 || columns.some(({ name }) => name === before);
  return isKept ? before : timeColumnOf(columns);
}

/**
 * The state for another table. `timeColumnIn` chooses its time column.
 *
 * @param columns Columns of the table, as far as they are known.
 */
export function withTable(state: TableState, table: string, columns: readonly ColumnInfo[]): TableState {
  const column = timeColumnIn(columns, state.time?.column);
  const time = column === undefined ? undefined : { ...state.time, column };
  return withTableDefaults(state, { ...state, table, time });
}
