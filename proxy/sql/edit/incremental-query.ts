/**
 * Decides whether a query with time bins can be refreshed in parts. Each row of the result must depend on the rows of
 * one bin only, and the SQL must have a place for a condition that selects bins.
 *
 * The query must be one SELECT from `log_entries` or `measures`. Rows of these tables never change, and have a column
 * with the time of their arrival. Queries with unknown clauses or functions are rejected.
 */
import { readScopes, type SelectScope, type SqlSource } from '../../../contract/sql/query-scopes';
import { mayHaveSeveralColumns, RANGE_MACROS } from '../../../contract/sql/macro-kinds';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import {
  type LineColumn,
  type LinePositions,
  parseSql,
  type ParseStatements,
  type TreeNode,
} from '../../../contract/sql/sql-parser';
import { type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import {
  child,
  childrenOf,
  isAbsent,
  isQueryNode,
  listOf,
  nameOf,
  objectName,
} from '../../../contract/sql/syntax-tree';
import { applyEdits, type EditedSql, type SqlEdit } from '../../../contract/sql/sql-edits';
import { hasOnly, isPlainTable } from './plain-table';
import { indexesOf, readBin, type SelectContext, type TimeBin, tokenAt } from './read-bin';
import { isStable } from './stable-functions';
import { readTimeConditions } from './time-conditions';
import { isEqual } from './verify-edit';

/**
 * Why a query cannot be refreshed in parts.
 *
 * - `statement`: it is not a single SELECT, or it has clauses such as WITH or LIMIT.
 * - `source`: it reads other tables, several tables, or subqueries.
 * - `across-bins`: it has no GROUP BY, or one row of its result may depend on several bins, for example with DISTINCT
 *   or ROLLUP.
 * - `function`: it calls a function that may depend on more than its arguments.
 * - `bin`: it does not group by a bin of the event time, its result does not have the bin as a column, or another macro
 *   may expand to several columns.
 * - `order`: the first key of its ORDER BY is not the bin, or its ORDER BY has more than keys with ASC, DESC, NULLS
 *   FIRST or NULLS LAST.
 * - `range`: it uses the time range outside of a condition on the event time.
 */
export type NotIncremental = 'statement' | 'source' | 'across-bins' | 'function' | 'bin' | 'order' | 'range';

/** A query that can be refreshed in parts. All offsets are UTF-16 units in the SQL that was read. */
export interface IncrementalQuery {
  kind: 'incremental';
  /** The prefix of the table's columns: the qualifier with a dot, or an empty string. */
  source: string;
  /** The bin in the SELECT list. */
  bin: TimeBin;
  /** Index of the bin in the result. */
  column: number;
  /** The order of the bins in the result. Undefined: none. */
  order: 'ascending' | 'descending' | undefined;
  /** True if the query has HAVING, so that groups may be missing in the result. */
  hasHaving: boolean;
  /** The range from the word FROM to the end of the WHERE conditions. Without WHERE, to the end of the tables. */
  from: SqlRange;
  /** The condition after WHERE. Undefined if there is no WHERE: it can be inserted at the end of `from`. */
  where: SqlRange | undefined;
  /** Parts of the condition that only repeat the time range, such as `$__timeFilter(time)`. */
  timeConditions: readonly SqlRange[];
}

export type IncrementalResult = IncrementalQuery | { kind: 'not-incremental'; reason: NotIncremental };

class NotIncrementalError extends Error {
  constructor(readonly reason: NotIncremental) {
    super(reason);
  }
}

/** Tables whose rows never change. Each row has a column with the time of its arrival. */
const TABLES = new Set(['log_entries', 'measures']);

/** The fields that nodes of an incremental query may have in the syntax tree. */
const QUERY_FIELDS = new Set(['body', 'order_by']);
const SELECT_FIELDS = new Set(['select_token', 'projection', 'from', 'selection', 'group_by', 'having', 'flavor']);
const ORDER_FIELDS = new Set(['expr', 'options']);

/** Nodes of GROUP BY that may make groups with rows of several bins. */
const GROUPING_SETS = ['Rollup', 'Cube', 'GroupingSets', 'Tuple'];

/**
 * Reads the parts of a query that its refreshes need.
 *
 * @param sql The author's SQL, with macros.
 * @returns The parts of the query, or the reason why it is rejected. For SQL that cannot be parsed, the reason is
 *   `statement`.
 */
export function readIncremental(sql: string, parse: ParseStatements): IncrementalResult {
  try {
    return read(sql, parse);
  } catch (error) {
    if (error instanceof NotIncrementalError) {
      return { kind: 'not-incremental', reason: error.reason };
    }
    throw error;
  }
}

/** @throws {NotIncrementalError} */
function read(sql: string, parse: ParseStatements): IncrementalQuery {
  const { query, select, scope, positions } = onlySelect(sql, parse);
  const source = onlySource(select, scope);
  checkRows(query, select);
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const context: SelectContext = { sql, tokens, indexAt: indexesOf(tokens), positions, source };
  const projection = listOf(child(select, 'projection'));
  checkCalls([projection, child(select, 'selection'), child(select, 'group_by'), child(select, 'having')], context);
  checkCalls([child(query, 'order_by')], context);
  const items = projection.map((item) => child(item, 'UnnamedExpr') ?? child(item, 'ExprWithAlias', 'expr'));
  if (items.includes(undefined)) {
    throw new NotIncrementalError('across-bins');
  }
  const found = firstBin(projection, items, context);
  if (found === undefined || !isGrouped(select, found) || hasOtherColumns(tokens, found.bin)) {
    throw new NotIncrementalError('bin');
  }
  const from = fromClause(scope);
  const timeConditions = readTimeConditions(child(select, 'selection'), context);
  checkRange(tokens, timeConditions);
  const incremental: IncrementalQuery = {
    kind: 'incremental',
    source: qualifierOf(source),
    bin: found.bin,
    column: found.column,
    order: orderOf(query, found),
    hasHaving: child(select, 'having') !== undefined,
    from,
    where: scope.where,
    timeConditions,
  };
  verify(sql, incremental, { query, select, expr: found.expr }, parse);
  return incremental;
}

interface ReadSelect {
  query: TreeNode;
  select: TreeNode;
  scope: SelectScope;
  positions: LinePositions;
}

function onlySelect(sql: string, parse: ParseStatements): ReadSelect {
  const parsed = parseSql(sql, parse);
  const query = parsed.kind === 'parsed' ? child(parsed.statement, 'Query') : undefined;
  const select = child(query, 'body', 'Select');
  if (parsed.kind !== 'parsed' || select === undefined || !hasOnly(query, QUERY_FIELDS)) {
    throw new NotIncrementalError('statement');
  }
  const { root } = readScopes(sql, parsed);
  const [scope] = root?.branches ?? [];
  if (scope === undefined || !scope.isEditable || root?.branches.length !== 1 || root.columnAliases.length > 0) {
    throw new NotIncrementalError('statement');
  }
  return { query, select, scope, positions: parsed.positions };
}

function onlySource(select: TreeNode, { sources }: SelectScope): SqlSource {
  const from = listOf(child(select, 'from'));
  const [source] = sources;
  const table = child(from[0], 'relation', 'Table') ?? child(from[0], 'relation', 'Function');
  const isPlain =
    from.length === 1 &&
    sources.length === 1 &&
    isAbsent(child(from[0], 'joins')) &&
    table !== undefined &&
    isPlainTable(table) &&
    readsEvents(source) &&
    !qualifierOf(source).includes('$');
  if (!isPlain) {
    throw new NotIncrementalError('source');
  }
  return source;
}

function readsEvents({ origin, columnAliases }: SqlSource): boolean {
  if (columnAliases.length > 0) {
    return false;
  }
  return origin.kind === 'table'
    ? TABLES.has(origin.table)
    : origin.kind === 'function' &&
        origin.name === 'view_instance' &&
        origin.args.length === 2 &&
        TABLES.has(origin.args[0] ?? '') &&
        origin.args[1] !== undefined;
}

function qualifierOf({ qualifier }: SqlSource): string {
  return qualifier === undefined ? '' : `${qualifier}.`;
}

/** Checks that each row of the result is a group of rows of the table, and that ORDER BY is a list of keys. */
function checkRows(query: TreeNode, select: TreeNode): void {
  const [keys, modifiers] = listOf(child(select, 'group_by', 'Expressions'));
  const isPlainGroup =
    listOf(keys).length > 0 &&
    isAbsent(modifiers) &&
    listOf(keys).every((key) => GROUPING_SETS.every((kind) => child(key, kind) === undefined));
  if (!hasOnly(select, SELECT_FIELDS) || !isPlainGroup) {
    throw new NotIncrementalError('across-bins');
  }
  const order = child(query, 'order_by');
  if (order !== undefined && child(order, 'kind', 'Expressions') === undefined) {
    throw new NotIncrementalError('order');
  }
}

/** Checks that each value of a row of the result depends only on the rows of its group. */
function checkCalls(nodes: readonly TreeNode[], context: SelectContext): void {
  const open = [...nodes];
  while (open.length > 0) {
    const node = open.pop();
    if (isQueryNode(node)) {
      throw new NotIncrementalError('source');
    }
    const call = child(node, 'Function');
    if (call !== undefined) {
      if (child(call, 'over') !== undefined) {
        throw new NotIncrementalError('across-bins');
      }
      const name = objectName(child(call, 'name'));
      if (name?.length !== 1 || !isStable(macroAt(name[0].start, context) ?? name[0].value)) {
        throw new NotIncrementalError('function');
      }
    }
    open.push(...childrenOf(node));
  }
}

/** The SQL of the macro at a position. The syntax tree has a placeholder name there. Undefined if there is no macro. */
function macroAt(start: LineColumn, context: SelectContext): string | undefined {
  const index = tokenAt(context, start);
  const raw = index === undefined ? '' : context.tokens[index].raw;
  return raw.startsWith('$') ? raw : undefined;
}

interface FoundBin {
  bin: TimeBin;
  column: number;
  expr: TreeNode;
  /** The alias as the server normalizes it. */
  alias: string | undefined;
}

/**
 * The first bin of a SELECT list. GROUP BY is compared with this bin only. If the list has a second bin that is not in
 * GROUP BY, the server itself rejects the query.
 */
function firstBin(
  projection: readonly TreeNode[],
  items: readonly TreeNode[],
  context: SelectContext
): FoundBin | undefined {
  for (const [column, expr] of items.entries()) {
    const bin = readBin(expr, context);
    if (bin !== undefined) {
      const alias = nameOf(child(projection[column], 'ExprWithAlias', 'alias'))?.value ?? bin.alias;
      return { bin, column, expr, alias };
    }
  }
  return undefined;
}

/** True if the expression is the bin itself, its position, or its alias. */
function isBin(expr: TreeNode, { column, expr: bin, alias }: FoundBin): boolean {
  const [position] = listOf(child(expr, 'Value', 'value', 'Number'));
  const name = nameOf(child(expr, 'Identifier'))?.value;
  return isEqual(expr, bin) || position === String(column + 1) || (alias !== undefined && name === alias);
}

function isGrouped(select: TreeNode, bin: FoundBin): boolean {
  const [keys] = listOf(child(select, 'group_by', 'Expressions'));
  return listOf(keys).some((key) => isBin(key, bin));
}

/** True if a macro outside of the bin may expand to several columns. */
function hasOtherColumns(tokens: readonly SqlToken[], { range }: TimeBin): boolean {
  return tokens.some(({ raw, start }) => mayHaveSeveralColumns(raw) && (start < range.start || start >= range.end));
}

function orderOf(query: TreeNode, bin: FoundBin): IncrementalQuery['order'] {
  const keys = listOf(child(query, 'order_by', 'kind', 'Expressions'));
  const [first] = keys;
  if (first === undefined) {
    return undefined;
  }
  if (!keys.every((key) => hasOnly(key, ORDER_FIELDS)) || !isBin(child(first, 'expr'), bin)) {
    throw new NotIncrementalError('order');
  }
  return child(first, 'options', 'asc') === false ? 'descending' : 'ascending';
}

/** From the word FROM to the end of the condition. */
function fromClause({ where, fromStart, fromEnd }: SelectScope): SqlRange {
  const end = where?.end ?? fromEnd;
  if (fromStart === undefined || end === undefined) {
    throw new NotIncrementalError('statement');
  }
  return { start: fromStart, end };
}

/** The macro or global variable of a token, also in the notation `${__from:date}`. */
function macroIn(raw: string): string {
  return raw.replace(/^\$\{(\w+).*/, '$$$1');
}

/**
 * Rejects macros for the range outside of the time conditions, because their values change with each refresh. Macros in
 * quoted strings are not checked. The last result is found by the expanded SQL, which contains their values.
 */
function checkRange(tokens: readonly SqlToken[], conditions: readonly SqlRange[]): void {
  const isElsewhere = tokens.some(
    ({ raw, start }) =>
      RANGE_MACROS.includes(macroIn(raw)) && !conditions.some((range) => start >= range.start && start < range.end)
  );
  if (isElsewhere) {
    throw new NotIncrementalError('range');
  }
}

/** Edits that add a condition to WHERE. */
function conditionEdits({ where, from }: Pick<IncrementalQuery, 'where' | 'from'>, condition: string): SqlEdit[] {
  return where === undefined
    ? [{ at: from.end, sql: ` WHERE (${condition})` }]
    : [
        { at: where.start, sql: '(' },
        { at: where.end, sql: `) AND (${condition})` },
      ];
}

/** The query with one more condition. */
export function withCondition(sql: string, query: IncrementalQuery, condition: string): EditedSql {
  return applyEdits(sql, conditionEdits(query, condition));
}

/** A query for the bins that have rows that meet the condition. The only column of its result is the bin. */
export function binsSql(sql: string, { bin, from, where }: IncrementalQuery, condition: string): string {
  const rows = sql.slice(from.start, where?.start ?? from.end);
  const conditions =
    where === undefined ? ` WHERE (${condition})` : `(${sql.slice(where.start, where.end)}) AND (${condition})`;
  return `SELECT ${sql.slice(bin.range.start, bin.range.end)} ${rows}${conditions} GROUP BY 1`;
}

/** The query without its conditions on the time range, so that its SQL is equal for all ranges. */
export function withoutRange(sql: string, { timeConditions }: IncrementalQuery): EditedSql {
  return applyEdits(
    sql,
    timeConditions.map(({ start, end }) => ({ at: start, removed: end - start, sql: 'true' }))
  );
}

/** Checks the queries of `withCondition` and `binsSql` by their syntax trees. */
function verify(
  sql: string,
  incremental: IncrementalQuery,
  { query, select, expr }: { query: TreeNode; select: TreeNode; expr: TreeNode },
  parse: ParseStatements
): void {
  const condition = `${incremental.source}time >= 1`;
  const added = { Nested: child(queryOf(`SELECT 1 FROM t WHERE ${condition}`, parse), 'body', 'Select', 'selection') };
  const own = child(select, 'selection');
  const selection = own === undefined ? added : { BinaryOp: { left: { Nested: own }, op: 'And', right: added } };
  const edited = queryOf(withCondition(sql, incremental, condition).sql, parse);
  const expected = { ...(query as object), body: { Select: { ...(select as object), selection } } };
  const bins = child(queryOf(binsSql(sql, incremental, condition), parse), 'body', 'Select');
  const isExpected =
    isEqual(edited, expected) &&
    isEqual(child(bins, 'selection'), selection) &&
    isEqual(child(bins, 'from'), child(select, 'from')) &&
    isEqual(child(bins, 'projection'), [{ UnnamedExpr: expr }]);
  if (!isExpected) {
    throw new NotIncrementalError('statement');
  }
}

function queryOf(sql: string, parse: ParseStatements): TreeNode {
  const parsed = parseSql(sql, parse);
  return parsed.kind === 'parsed' ? child(parsed.statement, 'Query') : undefined;
}
