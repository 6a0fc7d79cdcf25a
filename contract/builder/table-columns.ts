/**
 * The SELECT list and the groups of a builder state of the kind `table`. A query that aggregates is grouped by all of
 * its selected columns that have no aggregation.
 */
import { StringSet } from '../string-map';
import { mentionsAggregate } from '../sql/aggregates';
import { isSqlWord, sqlTokenValue, tokenizeSql } from '../sql/sql-scan';
import {
  aggregationName,
  type ColumnRef,
  type SelectedColumn,
  type TableAggregation,
  type TableState,
} from './builder-state';
import { aggregateSql, groupColumns } from './select-sql';
import { itemsOf, partOf, type SqlPart } from './sql-parts';
import { asNumberSql, columnSql, isVariable, nameSql } from './sql-terms';

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
  const word = aggregationName(column.aggregation);
  return column.column === '*' ? word : `${word}_${name}`;
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

/** False for an item for which the author has chosen no column yet, and for empty SQL. */
export const isGiven = (item: { raw: string } | { column: string }): boolean =>
  'raw' in item ? item.raw.trim() !== '' : item.column !== '';

type PlainColumn = Exclude<SelectedColumn, { raw: string }>;

const isSameRef = (left: ColumnRef, right: ColumnRef) =>
  left.column === right.column && left.property === right.property;

function isColumn(selected: PlainColumn, ref: ColumnRef) {
  return isSameRef(selected, ref) && selected.aggregation === undefined;
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
 * The columns of the result. A `count` without a column counts rows, unless its name is taken. Other columns for which
 * the author has chosen no column yet are left out.
 */
export function givenColumns(columns: readonly SelectedColumn[]): SelectedColumn[] {
  const names = new StringSet(columns.filter(isGiven).map(resultName));
  return columns.flatMap((column) => {
    if (isGiven(column)) {
      return [column];
    }
    const rows = { ...column, column: '*' };
    const name = resultName(rows);
    if ('raw' in column || column.aggregation !== 'count' || names.has(name)) {
      return [];
    }
    names.add(name);
    return [rows];
  });
}

/** True for a column whose values are aggregated. SQL with OVER or a subquery may call aggregate functions per row. */
function isAggregate(column: SelectedColumn): boolean {
  if ('raw' in column) {
    return (
      mentionsAggregate(column.raw) && !tokenizeSql(column.raw).some((token) => isSqlWord(token, 'over', 'select'))
    );
  }
  return column.aggregation !== undefined;
}

function isPlain(column: SelectedColumn): column is PlainColumn {
  return !('raw' in column) && column.aggregation === undefined && column.column !== '*' && !isVariable(column.column);
}

/** The terms by which raw SQL groups: the SQL, or the items in its parentheses. */
function groupTerms(raw: string): SqlPart[] {
  const part = partOf(raw);
  return part === undefined ? [] : itemsOf(part.inParentheses ?? part);
}

/** Words of raw groups that are more than a list of expressions. The older builder also kept other clauses there. */
const GROUPINGS = ['rollup', 'cube', 'grouping', 'all', 'with', 'having', 'qualify', 'window'];

/**
 * The selected columns by which a query that aggregates is grouped in addition to `groupBy`: the columns without an
 * aggregation. The server rejects such a column without a group. Raw SQL and variables in the SELECT list are no
 * groups, because they may aggregate. If a raw group has a word of `GROUPINGS`, the author's groups are complete, so
 * the result is empty.
 */
export function implicitGroups({ columns, groupBy, time }: TableState): ColumnRef[] {
  const given = givenColumns(columns);
  const hasBins = time?.interval !== undefined;
  const groups = groupBy.filter(isGiven);
  const terms = groups.flatMap((item) => ('raw' in item ? groupTerms(item.raw) : []));
  const aggregates = hasBins || groups.length > 0 || given.some(isAggregate);
  if (!aggregates || terms.some(({ tokens }) => tokens.some((token) => isSqlWord(token, ...GROUPINGS)))) {
    return [];
  }
  const positions = new Set<number>(terms.map(({ sql }) => (POSITION.test(sql) ? Number(sql) : 0)));
  const isTerm = (sql: string): boolean => {
    const part = partOf(sql);
    return part !== undefined && terms.some((term) => term.equals(part));
  };
  const isGrouped = (column: PlainColumn, index: number): boolean =>
    positions.has(index + (hasBins ? 2 : 1)) ||
    groups.some((group) => !('raw' in group) && isSameRef(group, column)) ||
    isTerm(columnSql(column)) ||
    isTerm(nameSql(resultName(column)));
  const added: ColumnRef[] = [];
  for (const [index, column] of given.entries()) {
    if (isPlain(column) && !isGrouped(column, index) && !added.some((ref) => isSameRef(ref, column))) {
      const { property } = column;
      added.push({ column: column.column, ...(property !== undefined && { property }) });
    }
  }
  return added;
}

/**
 * The SELECT list without the time bin: the selected columns, and the columns of GROUP BY that the author did not
 * select. The unselected columns come first. If the author refers to columns by number, they come last.
 */
export function tableColumns(state: TableState): string[] {
  const columns = givenColumns(state.columns);
  const taken = [...(state.time?.interval === undefined ? [] : ['time']), ...columns.map(resultName)];
  const groups = groupColumns(unselectedGroups(state), taken).map(({ sql }) => sql);
  const usesPositions = [...state.groupBy, ...state.orderBy.map(({ by }) => by)].some(
    (item) => 'raw' in item && POSITION.test(item.raw)
  );
  const selected = columns.map(selectedSql);
  return usesPositions ? [...selected, ...groups] : [...groups, ...selected];
}

/**
 * The legend of a time series with groups and one number: the values of the groups. Grafana's own name would also have
 * the name of the number, which all series share. Undefined for other results.
 */
export function tableLegend(state: TableState): string | undefined {
  const columns = givenColumns(state.columns);
  const numbers = columns.filter(isAggregate);
  const selected = columns.filter((column) => !isAggregate(column));
  if (state.time?.interval === undefined || numbers.length !== 1 || !selected.every(isPlain)) {
    return undefined;
  }
  const groups = groupColumns(unselectedGroups(state), ['time', ...columns.map(resultName)]).map(({ name }) => name);
  const names = [...groups, ...selected.map(resultName)];
  return names.length === 0 ? undefined : names.map((name) => `{{${name}}}`).join(' ');
}
