/** Hints about valid queries in the SQL editor, for example about a missing time filter. */
import { isSqlWord, tokenizeSql } from '../../../contract/sql/sql-scan';
import { ColumnLineage } from '../../../contract/sql/column-lineage';
import { type QueryShape, readScopes, type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { type ParsedSql } from '../../../contract/sql/sql-parser';
import { HIGH_CARDINALITY, knownTable, TIME_COLUMNS } from '../../shared/sql/known-tables';
import { RANGE_MACROS } from '../../../contract/sql/macro-kinds';

export type HintCode = 'no-time-filter' | 'star-as-time-series' | 'limit-without-order' | 'label-column';

/** A mark in the SQL. `diagnosticMessage` returns its message. */
export interface Diagnostic {
  /** UTF-16 offsets. The range is empty only if the SQL is empty. */
  start: number;
  end: number;
  /** `syntax` is an error. `unchecked`: the SQL takes too long to parse. All others are hints. */
  code: 'syntax' | 'unchecked' | HintCode;
  /**
   * `syntax`: the parser's message. `no-time-filter`: the name of the table. `label-column`: the name of the column.
   * Empty for other codes.
   */
  message: string;
}

/** Settings of the query that decide which hints apply. */
export interface QuerySettings {
  format: string;
  /** False if the time range of the panel is not sent. */
  timeFilter: boolean;
}

/** The large table that a source reads. An instance of one process or stream does not count as large. */
function largeTable({ origin }: SqlSource): string | undefined {
  return origin.kind === 'table' && knownTable(origin.table)?.isLarge ? origin.table : undefined;
}

/** True if the SQL contains the name of a time column or a macro for the time range. */
function namesTime(sql: string): boolean {
  return tokenizeSql(sql).some((token) => {
    const name = token.kind === 'quoted-name' ? token.raw.slice(1, -1) : token.raw.toLowerCase();
    const isName = token.kind === 'word' || token.kind === 'quoted-name';
    return (isName && TIME_COLUMNS.has(name)) || (token.kind === 'placeholder' && RANGE_MACROS.includes(token.raw));
  });
}

/** Maximum number of characters of a name that are marked. */
const MAX_NAME = 200;

/** The end of the name at an offset, such as `m.value`. */
function nameEnd(sql: string, start: number): number {
  const tokens = tokenizeSql(sql.slice(start, start + MAX_NAME));
  let last = 0;
  while (tokens[last + 1]?.raw === '.') {
    last += 2;
  }
  return start + (tokens[last]?.end ?? 1);
}

/**
 * Records in `found`, for each SELECT, whether it has a time condition. The condition of a query also applies to the
 * subqueries and CTEs that it reads. If several queries read a CTE, all of these queries need a time condition.
 */
function findTimeFilters(sql: string, root: QueryShape, isFiltered: boolean, found: Map<SelectScope, boolean>): void {
  for (const select of root.branches) {
    if (select === undefined) {
      continue;
    }
    const { where } = select;
    const filters = isFiltered || (where !== undefined && namesTime(sql.slice(where.start, where.end)));
    if (found.get(select) === false || found.get(select) === filters) {
      continue;
    }
    found.set(select, filters);
    for (const { origin } of select.sources) {
      if (origin.kind === 'query') {
        findTimeFilters(sql, origin.query, filters, found);
      }
    }
  }
}

function timeFilterHints(sql: string, root: QueryShape): Diagnostic[] {
  const filtered = new Map<SelectScope, boolean>();
  findTimeFilters(sql, root, false, filtered);
  const hints: Diagnostic[] = [];
  for (const [select, isFiltered] of filtered) {
    for (const source of isFiltered ? [] : select.sources) {
      const table = largeTable(source);
      if (table !== undefined) {
        const end = nameEnd(sql, source.start);
        hints.push({ start: source.start, end, code: 'no-time-filter', message: table });
      }
    }
  }
  return hints;
}

function starHints(sql: string, { items, range }: SelectScope): Diagnostic[] {
  if (!items.some(({ kind }) => kind === 'wildcard')) {
    return [];
  }
  const star = tokenizeSql(sql.slice(range.start, range.end)).find(({ raw }) => raw === '*');
  const start = range.start + (star?.start ?? 0);
  return [{ start, end: start + 1, code: 'star-as-time-series', message: '' }];
}

/** Marks the columns that become labels of a time series although they have many different values. */
function labelHints(sql: string, root: QueryShape, { items }: SelectScope): Diagnostic[] {
  const lineage = new ColumnLineage();
  return items.flatMap((item): Diagnostic[] => {
    if (item.kind !== 'expression' || item.column === undefined || item.name === undefined) {
      return [];
    }
    const from = lineage.ofQuery(root, item.name);
    const [first] = from.kind === 'table' ? from.columns : [];
    const name = first?.property === undefined ? first?.name : undefined;
    if (name === undefined || !HIGH_CARDINALITY.has(name)) {
      return [];
    }
    const { start } = item.column;
    return [{ start, end: nameEnd(sql, start), code: 'label-column', message: name }];
  });
}

/** A hint that marks the word LIMIT of the outermost query, if that query has no ORDER BY. */
function limitHints(sql: string, root: QueryShape): Diagnostic[] {
  const isOneRow = root.branches.every((select) => select?.isAggregated && !/\bgroup\s+by\b/i.test(sqlOf(sql, select)));
  const isTable = root.branches.some((select) => select !== undefined && select.sources.length > 0);
  let depth = 0;
  let limit: { start: number; end: number } | undefined;
  for (const token of tokenizeSql(sql)) {
    depth += token.raw === '(' ? 1 : token.raw === ')' ? -1 : 0;
    if (depth === 0 && isSqlWord(token, 'order')) {
      return [];
    }
    limit = depth === 0 && isSqlWord(token, 'limit') ? token : limit;
  }
  return limit === undefined || isOneRow || !isTable
    ? []
    : [{ start: limit.start, end: limit.end, code: 'limit-without-order', message: '' }];
}

function sqlOf(sql: string, { range }: SelectScope): string {
  return sql.slice(range.start, range.end);
}

/** Hints about a query. Each hint marks the words that cause it. */
export function queryHints(sql: string, parsed: ParsedSql, { format, timeFilter }: QuerySettings): Diagnostic[] {
  const { root } = readScopes(sql, parsed);
  if (root === undefined) {
    return [];
  }
  const [first] = root.branches;
  return [
    ...(timeFilter ? [] : timeFilterHints(sql, root)),
    ...(format === 'time_series' && first ? [...starHints(sql, first), ...labelHints(sql, root, first)] : []),
    ...limitHints(sql, root),
  ];
}
