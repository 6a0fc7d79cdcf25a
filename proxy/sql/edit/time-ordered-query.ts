/**
 * Decides whether a query returns lines of `log_entries` in the order of their time. The result of such a query can be
 * read in slices of the time range. Each line belongs to exactly one slice, and all lines of a slice come before the
 * lines of the next slice.
 *
 * The time range is not a part of the SQL: the server applies it to each table that is read. So the query must be one
 * SELECT of one table, without window functions, because a window function may read rows of other slices. Macros are
 * accepted only in WHERE. Their values are the same for all slices.
 */
import { type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import { child, columnName, listOf } from '../../../contract/sql/syntax-tree';
import { ProxyError } from '../../base/errors/proxy-error';
import { onlyLogEntries } from './statistics-query';
import { dependsOnOtherRows, limitOf, onlySelect, type ReadSelect, readUnpaged } from './unpaged-query';

/** A query whose result can be read in slices of the time range. */
export interface TimeOrderedQuery {
  /** The range of the query without its ORDER BY and LIMIT, in UTF-16 units of the SQL that was read. */
  lines: SqlRange;
  isDescending: boolean;
  /** The number after LIMIT. Undefined without LIMIT. */
  limit: number | undefined;
}

const TIME = 'time';

function notOrdered(detail: string, { cause }: { cause?: unknown } = {}): ProxyError {
  return new ProxyError('log_page_not_ordered', { detail, cause });
}

/** True if the rows of the only SELECT depend on no other rows, and the query has macros only after WHERE. */
function isPlain(read: ReadSelect): boolean {
  const { tokens, select } = read;
  const { where } = select;
  return (
    !dependsOnOtherRows(read) &&
    tokens.every(
      ({ kind, start, end }) =>
        kind !== 'placeholder' || (where !== undefined && start >= where.start && end <= where.end)
    )
  );
}

/** True if each SELECT item with the name `time` is the time column of the table. */
function hasOwnTime({ items }: SelectScope, source: SqlSource): boolean {
  return items.every((item) =>
    item.kind === 'wildcard' ? !item.isChanged : item.name !== TIME || isTime(item.column, source)
  );
}

function isTime(
  column: { qualifier: string | undefined; name: string } | undefined,
  { name }: Pick<SqlSource, 'name'>
): boolean {
  return column?.name === TIME && (column.qualifier === undefined || column.qualifier === name);
}

/** The direction of `time`, if it is the first ORDER BY key. */
function timeOrder(query: TreeNode, source: SqlSource): { isDescending: boolean } | undefined {
  const [first] = listOf(child(query, 'order_by', 'kind', 'Expressions'));
  const parts = columnName(child(first, 'expr'));
  const column = parts?.at(-1);
  const isOnlyKeys = ['with_fill', 'interpolate'].every(
    (key) => child(first, key) === undefined && child(query, 'order_by', key) === undefined
  );
  const isOwn =
    parts !== undefined &&
    parts.length <= 2 &&
    isTime({ name: column?.value ?? '', qualifier: parts.at(-2)?.value }, source);
  return isOwn && isOnlyKeys ? { isDescending: child(first, 'options', 'asc') === false } : undefined;
}

/** True if the query has no FETCH, OFFSET or similar clause, and its LIMIT, if any, is a number. */
function hasPlainLimit(query: TreeNode): boolean {
  const clause = child(query, 'limit_clause');
  const limit = child(clause, 'LimitOffset');
  return (
    child(query, 'fetch') === undefined &&
    (clause === undefined ||
      (limitOf(query) !== undefined &&
        child(limit, 'offset') === undefined &&
        listOf(child(limit, 'limit_by')).length === 0))
  );
}

/**
 * Reads the order of the lines of a query.
 *
 * @param sql The author's SQL, with macros.
 * @returns Undefined for a query whose result cannot be read in slices.
 */
export function readTimeOrdered(sql: string, parse: ParseStatements): TimeOrderedQuery | undefined {
  try {
    return timeOrdered(sql, parse);
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'log_page_not_ordered' && reason.cause === undefined) {
      return undefined;
    }
    throw reason;
  }
}

function timeOrdered(sql: string, parse: ParseStatements): TimeOrderedQuery | undefined {
  const unpaged = readUnpaged(sql, parse, notOrdered);
  const { lines, query } = unpaged;
  const read = onlySelect(unpaged);
  const source = read && onlyLogEntries(read.select, read.node);
  if (read === undefined || source === undefined || !isPlain(read) || !hasOwnTime(read.select, source)) {
    return undefined;
  }
  const order = timeOrder(query, source);
  return order && hasPlainLimit(query) ? { ...order, lines, limit: limitOf(query) } : undefined;
}
