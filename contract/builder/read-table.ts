/** Reads the clauses of a SELECT, and the builder states of the kinds `table` and `values`. */
import { sqlTokenValue } from '../sql/sql-scan';
import { conditionContext, MAX_VALUES } from './builder-sql';
import {
  type BuilderCondition,
  type ColumnRef,
  type SelectedColumn,
  type SortKey,
  TABLE_AGGREGATIONS,
  type TableAggregation,
  type TableState,
  type TimeColumn,
  type ValuesState,
} from './builder-state';
import { type FillMode } from '../result-format';
import { conditionsOf, stringAt, termOf } from './read-condition';
import { clausesOf, itemsOf, partOf, type SqlPart } from './sql-parts';
import { columnSql, nameSql } from './sql-terms';
import { defaultAlias, selectedSql, unselectedGroups } from './table-columns';

/** The clauses of a SELECT. */
export interface Select {
  columns: readonly SqlPart[];
  isDistinct: boolean;
  from: SqlPart;
  where: SqlPart;
  groupBy: readonly SqlPart[];
  orderBy: readonly SqlPart[];
  limit: SqlPart;
}

/**
 * The clauses of a SELECT. Undefined if FROM is missing, or if there is a clause that the builder never writes, such as
 * HAVING.
 */
export function selectOf(part: SqlPart): Select | undefined {
  const clauses = clausesOf(part);
  if (clauses === undefined) {
    return undefined;
  }
  const { select, from, where, group, order, limit } = clauses;
  const isDistinct = select.isWordAt(0, 'distinct');
  return {
    columns: itemsOf(isDistinct ? select.slice(1) : select),
    isDistinct,
    from,
    where,
    groupBy: itemsOf(group),
    orderBy: itemsOf(order),
    limit,
  };
}

/** The table of a FROM clause, or the instance of a view. Undefined for other sources. */
export function sourceOf(from: SqlPart): { table: string; instanceId?: string } | undefined {
  const table = stringAt(from, 2);
  const instanceId = stringAt(from, 4);
  if (from.isWordAt(0, 'view_instance') && table !== undefined && instanceId !== undefined) {
    return { table, instanceId };
  }
  const term = from.tokens.length === 1 ? termOf(from) : undefined;
  return term === undefined ? undefined : { table: term.ref.column };
}

/**
 * The number of a LIMIT clause, in an object. The object is empty if the clause is missing, or if the limit is a
 * variable.
 */
export function readLimit(limit: SqlPart): { limit?: number } {
  const count = Number(limit.sql);
  return limit.sql !== '' && Number.isSafeInteger(count) ? { limit: count } : {};
}

const FILLS: Readonly<Record<string, FillMode>> = { null: 'null', '0': 'zero', previous: 'previous' };

interface TimeBin {
  column: string;
  interval: string;
  fill?: FillMode;
  /** True for `$__dateBin`, whose intervals of days begin at midnight in the time zone of the dashboard. */
  isZoned: boolean;
}

/** The time bin of an item such as `$__dateBin(column) AS time`. Undefined for other SQL. */
export function binOf(item: SqlPart | undefined): TimeBin | undefined {
  const macro = item?.tokens[0]?.raw;
  if (item === undefined || (macro !== '$__dateBin' && macro !== '$__timeGroup')) {
    return undefined;
  }
  const term = termOf(item.slice(2));
  const fill = FILLS[item.tokens[6] === undefined ? '' : sqlTokenValue(item.tokens[6])];
  return term === undefined
    ? undefined
    : {
        column: term.ref.column,
        interval: stringAt(item, 4) ?? 'auto',
        ...(fill !== undefined && { fill }),
        isZoned: macro === '$__dateBin',
      };
}

/** The names of percentiles in a state, without the number, by the functions of their SQL. */
const PERCENTILE_PREFIXES: ReadonlyMap<string, string> = new Map([
  ['percentile_cont', 'exact-p'],
  ['approx_percentile_cont', 'p'],
]);

/** The aggregation at the start of a part, its argument, and the tokens after the call. Undefined for other SQL. */
export function aggregationOf(
  item: SqlPart
): { aggregation: TableAggregation; argument: SqlPart; rest: SqlPart } | undefined {
  const open = item.tokens.findIndex(({ raw }) => raw === '(');
  let depth = 0;
  const close = item.tokens.findIndex(({ raw }) => {
    depth += raw === '(' ? 1 : raw === ')' ? -1 : 0;
    return raw === ')' && depth === 0;
  });
  const [argument, fraction] = itemsOf(item.slice(2, close));
  const word = open === 1 ? item.tokens[0].raw.toLowerCase() : '';
  const prefix = PERCENTILE_PREFIXES.get(word);
  const name = prefix === undefined ? word : `${prefix}${fraction?.sql.slice(2) ?? ''}`;
  const aggregation = TABLE_AGGREGATIONS.find((known) => known === name);
  return aggregation === undefined || argument === undefined
    ? undefined
    : { aggregation, argument, rest: item.slice(close + 1) };
}

function aliasOf(rest: SqlPart): string | undefined {
  const name = rest.isWordAt(0, 'as') ? rest.slice(1) : rest;
  return name.tokens.length === 1 ? termOf(name)?.ref.column : undefined;
}

function guessedColumn(item: SqlPart): Exclude<SelectedColumn, { raw: string }> | undefined {
  const call = aggregationOf(item);
  if (call?.argument.sql === '*') {
    return { column: '*', aggregation: call.aggregation, alias: aliasOf(call.rest) };
  }
  const term = termOf(call?.argument ?? item);
  return term && { ...term.ref, aggregation: call?.aggregation, alias: aliasOf(call?.rest ?? term.rest) };
}

/** One item of a SELECT list. The item stays SQL (`raw`) if the builder would write different SQL for it. */
export function columnOf(item: SqlPart): SelectedColumn {
  const guess = guessedColumn(item);
  if (guess === undefined) {
    return { raw: item.sql };
  }
  const { column, property, aggregation, alias } = guess;
  const isDefault = alias === undefined || alias === defaultAlias({ ...guess, alias: undefined });
  const read: SelectedColumn = {
    column,
    ...(property !== undefined && { property }),
    ...(aggregation !== undefined && { aggregation }),
    ...(!isDefault && { alias }),
  };
  return item.matches(selectedSql(read)) ? read : { raw: item.sql };
}

function refOf(item: SqlPart): ColumnRef | { raw: string } {
  const ref = termOf(item)?.ref;
  return ref !== undefined && item.matches(columnSql(ref)) ? ref : { raw: item.sql };
}

/**
 * The column at a position of the result, as in `GROUP BY 2`. Undefined for other SQL, and if the position refers to an
 * expression that is not a column.
 */
function columnAt(position: string, selected: readonly SelectedColumn[]): ColumnRef | undefined {
  const column = /^\d+$/.test(position) ? selected[Number(position) - 1] : undefined;
  return column === undefined || 'raw' in column || column.aggregation !== undefined
    ? undefined
    : { column: column.column, ...(column.property !== undefined && { property: column.property }) };
}

/**
 * The groups of a query. If the query does not select a group, the group stays raw SQL: the builder would add a column
 * to the SELECT list.
 *
 * @param columns  The selected columns without the time bin.
 * @param selected The selected columns with the time bin. Positions such as `GROUP BY 2` refer to this list.
 */
export function groupsOf(
  items: readonly SqlPart[],
  columns: readonly SelectedColumn[],
  selected: readonly SelectedColumn[] = columns
): TableState['groupBy'] {
  const groups = items.map((item) => columnAt(item.sql, selected) ?? refOf(item));
  const unselected = new Set<TableState['groupBy'][number]>(unselectedGroups({ columns, groupBy: groups }));
  return groups.map((group, index) => (unselected.has(group) ? { raw: items[index].sql } : group));
}

/** One item of ORDER BY. The order is descending if the item ends with DESC. */
export function sortKeyOf(item: SqlPart): SortKey {
  const last = item.tokens.length - 1;
  const isOrdered = last > 0 && item.isWordAt(last, 'asc', 'desc');
  return { by: refOf(isOrdered ? item.slice(0, last) : item), descending: isOrdered && item.isWordAt(last, 'desc') };
}

/** Removes the first `$__timeFilter(column)` from the list, and returns the column. Undefined if the list has none. */
function takeTimeFilter(conditions: BuilderCondition[]): string | undefined {
  for (const [index, item] of conditions.entries()) {
    const part = 'raw' in item ? partOf(item.raw) : undefined;
    const column = part?.tokens[0]?.raw === '$__timeFilter' ? termOf(part.slice(2))?.ref.column : undefined;
    if (column !== undefined && part?.matches(`$__timeFilter(${nameSql(column)})`)) {
      conditions.splice(index, 1);
      return column;
    }
  }
  return undefined;
}

function intervalOf({ interval, fill }: TimeBin): Pick<TimeColumn, 'interval' | 'fill'> {
  return { interval, ...(fill !== undefined && { fill }) };
}

/**
 * The state of a query of the kind `table`. Undefined if FROM reads anything other than one table or one instance of a
 * view.
 */
export function readTable(select: Select): TableState | undefined {
  const source = sourceOf(select.from);
  const bin = binOf(select.columns[0]);
  if (source === undefined) {
    return undefined;
  }
  const conditions = conditionsOf(select.where, conditionContext({ kind: 'table' }));
  const time = takeTimeFilter(conditions);
  const isSeries = time !== undefined && bin !== undefined;
  const selected = select.columns.map(columnOf);
  const items = isSeries ? select.columns.slice(1) : select.columns;
  const columns = items.length === 1 && items[0].sql === '*' ? [] : selected.slice(isSeries ? 1 : 0);
  const [first] = isSeries && select.orderBy.length === 1 ? select.orderBy : [];
  // `newestFirst` is useful only with a limit. If there is no limit, the order becomes a sort key.
  const newestFirst = first?.matches('1 DESC') === true && select.limit.sql !== '';
  return {
    kind: 'table',
    ...source,
    ...(time !== undefined && { time: { column: time, ...(isSeries && intervalOf(bin)) } }),
    columns,
    conditions,
    groupBy: groupsOf(select.groupBy.slice(isSeries ? 1 : 0), columns, selected),
    orderBy: newestFirst || first?.matches('1') ? [] : select.orderBy.map(sortKeyOf),
    ...(select.limit.sql !== '' && { limit: select.limit.sql }),
    ...(newestFirst && { newestFirst }),
  };
}

function valuesLimit(limit: SqlPart): { limit?: number } {
  const given = readLimit(limit);
  return given.limit === MAX_VALUES ? {} : given;
}

/** The state of a variable query. Undefined if the builder never writes such a FROM clause or such a first column. */
export function readValuesState(select: Select): ValuesState | undefined {
  const nested = select.from.inParentheses;
  const inner = nested === undefined ? select : selectOf(nested);
  const source = inner === undefined ? undefined : sourceOf(inner.from);
  const [first, second] = inner?.columns ?? [];
  if (inner === undefined || source === undefined || first === undefined) {
    return undefined;
  }
  const conditions = conditionsOf(inner.where, conditionContext({ kind: 'values' }));
  const limit = valuesLimit(select.limit);
  if (!select.isDistinct) {
    return { kind: 'values', of: 'processes', table: '', value: { column: '' }, conditions, ...limit };
  }
  const timeColumn = takeTimeFilter(conditions);
  const shared = { ...source, ...(timeColumn !== undefined && { timeColumn }), conditions, ...limit };
  if (nested !== undefined) {
    const keys = termOf(first.slice(2));
    return keys && { kind: 'values', of: 'property-keys', ...shared, value: keys.ref };
  }
  const value = termOf(first);
  const string = second === undefined ? undefined : termOf(second);
  const isNotNull = (item: BuilderCondition) =>
    !('raw' in item) &&
    item.operator === 'is-not-null' &&
    item.column === value?.ref.column &&
    item.property === value.ref.property;
  const notNull = conditions.findIndex(isNotNull);
  conditions.splice(notNull, notNull < 0 ? 0 : 1);
  return value && { kind: 'values', of: 'column', ...shared, value: value.ref, ...(string && { text: string.ref }) };
}
