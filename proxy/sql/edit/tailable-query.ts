/**
 * Finds the places in a logs query where its live tail inserts a condition and columns. The condition is on the arrival
 * time of lines (`insert_time`). The columns identify the lines.
 *
 * The outermost SELECT must read `log_entries`, so that each line of the result is a line of that table, and arrives
 * only once. The conditions and joins of the SELECT do not change. ORDER BY, LIMIT, OFFSET and FETCH of the result are
 * removed.
 */
import { LINE_COLUMN_PREFIX, LINE_COLUMNS, TAIL_COLUMNS } from '../../../contract/logs/tail-request';
import { type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import { child } from '../../../contract/sql/syntax-tree';
import { applyEdits, type SqlEdit } from '../../../contract/sql/sql-edits';
import { ProxyError } from '../../base/errors/proxy-error';
import { readsLogEntries } from './statistics-query';
import {
  selectedItems,
  onlySelect,
  parseStatement,
  type ReadSelect,
  readUnpaged,
  type UnpagedQuery,
  withSelectParts,
} from './unpaged-query';
import { isEqual } from './verify-edit';

/** The parts of a query that its live tail needs. All offsets are UTF-16 units in the SQL that was read. */
export interface TailableQuery {
  /** The query that yields all lines. */
  lines: SqlRange;
  /** Items to add to the SELECT list, at an offset. */
  added: { at: number; items: readonly string[] };
  /** The prefix of the columns of `log_entries`: the qualifier with a dot, or an empty string. */
  source: string;
  /** The condition after WHERE. Undefined if there is no WHERE: it can be inserted at `whereAt`. */
  where: SqlRange | undefined;
  whereAt: number;
}

function notTailable(detail: string, { cause }: { cause?: unknown } = {}): ProxyError {
  return new ProxyError('tail_not_possible', { detail, cause });
}

/**
 * Reads the parts of a query that its live tail needs.
 *
 * @param sql The author's SQL, with macros.
 * @throws {ProxyError} 'tail_not_possible'
 */
export function readTailable(sql: string, parse: ParseStatements): TailableQuery {
  const unpaged = readUnpaged(sql, parse, notTailable);
  const read = onlySelect(unpaged);
  if (read?.node === undefined) {
    throw notTailable(reasonOf(unpaged));
  }
  const table = logSource(read.select);
  const source = table.qualifier === undefined ? '' : `${table.qualifier}.`;
  const at = read.select.listEnd;
  if (at === undefined || source.includes('$')) {
    throw notTailable('The SELECT cannot be changed.');
  }
  const arrival = `${source}insert_time`;
  const items = [
    ...LINE_COLUMNS.flatMap((name) => addedItem(read.select, table, name, `${source}${name}`)),
    `CAST(${arrival} AS BIGINT) / 1000000000 AS ${TAIL_COLUMNS.second}`,
    `CAST(${arrival} AS BIGINT) % 1000000000 AS ${TAIL_COLUMNS.nanos}`,
  ];
  const { where, fromEnd = at } = read.select;
  const tailable: TailableQuery = { lines: read.lines, added: { at, items }, source, where, whereAt: fromEnd };
  verify(sql, read, tailable, parse);
  return tailable;
}

/** The edits that add the condition to WHERE and the identifying columns to SELECT. */
export function tailEdits({ added, where, whereAt }: TailableQuery, condition: string): SqlEdit[] {
  const items: SqlEdit = { at: added.at, sql: added.items.map((item) => `, ${item}`).join('') };
  return where === undefined
    ? [items, { at: whereAt, sql: ` WHERE (${condition})` }]
    : [items, { at: where.start, sql: '(' }, { at: where.end, sql: `) AND (${condition})` }];
}

/** The reason why the query is not one plain SELECT, as a sentence for the user. */
function reasonOf({ root: { branches } }: UnpagedQuery): string {
  const [select] = branches;
  if (branches.length > 1) {
    return 'The query combines several SELECTs, for example with UNION.';
  }
  if (select === undefined) {
    return 'The statement is not a SELECT.';
  }
  return select.isDistinct || select.isAggregated
    ? 'The query groups or counts lines.'
    : 'The SELECT is in parentheses, or has clauses that cannot be changed.';
}

/** Finds the source of the lines. */
function logSource({ sources }: SelectScope): SqlSource {
  const found = sources.filter(readsLogEntries);
  const [source] = found;
  if (source === undefined) {
    throw notTailable(
      sources.some(({ origin }) => origin.kind === 'query')
        ? 'The outermost SELECT reads a subquery, and not log_entries itself.'
        : 'The outermost SELECT does not read log_entries.'
    );
  }
  if (found.length > 1) {
    throw notTailable('The outermost SELECT reads log_entries more than once.');
  }
  if (source.isOptional || source.isHidden) {
    throw notTailable('An outer join or a semi join returns rows that are not lines of log_entries.');
  }
  if (source.qualifier === undefined && sources.length > 1) {
    throw notTailable(
      "The function view_instance has no alias in a join. Give it one: view_instance('log_entries', '...') AS l."
    );
  }
  return source;
}

/** The SELECT item that adds a column. Empty if the result already has the column. */
function addedItem({ sources, items }: SelectScope, source: SqlSource, name: string, column: string): string[] {
  const isOnly = sources.length === 1;
  const hasAll = items.some(
    (item) =>
      item.kind === 'wildcard' && !item.isChanged && (item.qualifier === undefined || item.qualifier === source.name)
  );
  const same = items.filter((item) => item.kind === 'expression' && item.name === name);
  const isOwn = same.some(
    (item) =>
      item.kind === 'expression' &&
      item.column?.name === name &&
      (item.column.qualifier === undefined ? isOnly : item.column.qualifier === source.name)
  );
  // A wildcard may already include a column of this name.
  const mayHave = items.some((item) => item.kind === 'wildcard' && (item.isChanged || !hasAll));
  return hasAll || isOwn ? [] : [`${column} AS ${same.length > 0 || mayHave ? `${LINE_COLUMN_PREFIX}${name}` : name}`];
}

/** Checks that the edited query is the original query with one more condition and more SELECT items. */
function verify(
  sql: string,
  { query, lines, node }: ReadSelect,
  tailable: TailableQuery,
  parse: ParseStatements
): void {
  const condition = `${tailable.source}insert_time >= now()`;
  const edited = applyEdits(sql.slice(0, lines.end), tailEdits(tailable, condition)).sql.slice(lines.start);
  const after = child(parseStatement(edited, parse, notTailable).statement, 'Query');
  const added = tailable.added.items.length;
  const before = selectedItems(query);
  const selection = child(node, 'selection');
  const expected = { projection: before, selection };
  const actual = {
    projection: selectedItems(after).slice(0, -added),
    selection: withoutCondition(child(after, 'body', 'Select', 'selection'), selection !== undefined),
  };
  const names = selectedItems(after)
    .slice(-added)
    .map((item) => child(item, 'ExprWithAlias', 'alias', 'value'));
  const isExpected =
    selectedItems(after).length === before.length + added &&
    names.every((name, index) => tailable.added.items[index].endsWith(` AS ${String(name)}`)) &&
    isEqual(withSelectParts(query, expected), withSelectParts(after, actual));
  if (!isExpected) {
    throw notTailable('The condition on the arrival of lines cannot be inserted into the query.');
  }
}

/**
 * Removes the added condition, and returns the author's condition.
 *
 * @returns The string 'unexpected' if the added condition is not at its position. No tree equals this string.
 */
function withoutCondition(selection: TreeNode, hasOwn: boolean): TreeNode {
  const isAdded = (node: TreeNode) => child(node, 'Nested', 'BinaryOp', 'op') === 'GtEq';
  if (!hasOwn) {
    return isAdded(selection) ? undefined : 'unexpected';
  }
  const operation = child(selection, 'BinaryOp');
  return child(operation, 'op') === 'And' && isAdded(child(operation, 'right'))
    ? child(operation, 'left', 'Nested')
    : 'unexpected';
}
