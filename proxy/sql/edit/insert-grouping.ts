/**
 * Groups the result of the author's SQL by further columns. The columns are added to the SELECT list and to the GROUP
 * BY of the aggregating SELECT. The author's columns come first, so positions such as `GROUP BY 1` remain valid.
 *
 * The edited SQL is parsed again, and its tree must equal the original tree with these columns.
 */
import {
  type ColumnUse,
  type QueryShape,
  type SelectItem,
  type SelectScope,
  type SqlScopes,
} from '../../../contract/sql/query-scopes';
import { type ParsedSql, type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import { quoteName } from '../../../contract/sql/sql-names';
import { isSqlWord, type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { child, childrenOf, columnName, isQueryNode, listOf, variantOf } from '../../../contract/sql/syntax-tree';
import { applyEdits, type SqlEdit } from '../../../contract/sql/sql-edits';
import { foreignLine, shownName } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { targetAsString } from './filter-conditions';
import { parseOrThrow } from './parse-or-throw';
import { type Catalogue, type FilterPlace, FilterResolver } from './resolve-filters';
import { selectedItems } from './unpaged-query';
import { isEqual } from './verify-edit';

/** SQL to which groups can be added. */
interface GroupableSql {
  sql: string;
  /** Undefined for SQL that is too long. */
  parsed: ParsedSql | undefined;
  scopes: SqlScopes;
  parse: ParseStatements;
}

interface GroupingOptions {
  keys: readonly string[];
  catalogue: Catalogue;
}

export interface InsertedGrouping {
  edits: readonly SqlEdit[];
  /** Sentences about keys without effect. */
  notices: readonly string[];
}

/** The SELECT that gets the columns. */
interface GroupedSelect {
  scope: SelectScope;
  /** The expressions of GROUP BY. Undefined for GROUP BY ALL. */
  groups: readonly TreeNode[] | undefined;
}

/** A column to add. */
interface AddedColumn {
  key: string;
  /** The expression of the SELECT list and of GROUP BY. */
  sql: string;
  /** True if GROUP BY already has the column, or is GROUP BY ALL. */
  isGrouped: boolean;
}

const MACRO = /\$(__|\{__)/;

function noEffect(keys: readonly string[]): string {
  return `Grouping by ${foreignLine(keys.map(shownName).join(', '), 300)} has no effect on this query`;
}

/** The sentence for the user about keys without effect. @param cause The reason, as the end of the sentence. */
function noGroupingNotice(keys: readonly string[], cause: string): string {
  return `${noEffect(keys)}: ${cause}.`;
}

/** The notice for the user about keys without effect, with the details of the error that is the reason. */
export function failedGroupingNotice(keys: readonly string[], { detail, advice, messages }: ProxyError): string {
  // The advice of the catalogue is about filters.
  const ownAdvice = messages.advice === undefined ? undefined : advice;
  return [`${noEffect(keys)}.`, detail, ownAdvice].filter((sentence) => sentence !== undefined).join(' ');
}

/**
 * Returns the edits that add the columns of the keys, and notices about keys without effect. Both lists are empty for a
 * query that does not aggregate, because Grafana's dashboard itself shows that grouping does not apply to the panel.
 *
 * @throws {ProxyError} 'filter_not_applicable' if the query is too long with the columns.
 */
export function insertGrouping(source: GroupableSql, { keys, catalogue }: GroupingOptions): InsertedGrouping {
  const { parsed, scopes } = source;
  if (parsed === undefined) {
    return { edits: [], notices: [noGroupingNotice(keys, 'it is too long')] };
  }
  const select = groupedSelect(parsed, scopes);
  if (select === undefined) {
    return { edits: [], notices: [] };
  }
  if (typeof select === 'string') {
    return { edits: [], notices: [noGroupingNotice(keys, select)] };
  }
  const resolver = new FilterResolver(scopes, catalogue, false);
  const notices: string[] = [];
  const added: AddedColumn[] = [];
  for (const key of keys) {
    const column = addedColumn(key, select, resolver);
    if (typeof column === 'string') {
      notices.push(noGroupingNotice([key], column));
    } else if (column !== undefined && added.every(({ sql }) => sql !== column.sql)) {
      added.push(column);
    }
  }
  const edits = added.length === 0 ? [] : editsOf(source.sql, select, added);
  if (edits === undefined || !isExpected(source, parsed, select, { added, edits })) {
    const cause = 'the clauses of its SELECT cannot be changed';
    const changed = added.map(({ key }) => key);
    return { edits: [], notices: [...notices, noGroupingNotice(changed, cause)] };
  }
  return { edits, notices };
}

/** The SELECT to change, or the reason why no SELECT can be changed. Undefined if nothing is aggregated. */
function groupedSelect({ statement }: ParsedSql, { root, selects }: SqlScopes): GroupedSelect | string | undefined {
  if (!selects.some(({ isAggregated }) => isAggregated)) {
    return undefined;
  }
  const query = child(statement, 'Query');
  const node = child(query, 'body', 'Select');
  const scope = onlyBranch(root);
  if (node === undefined || scope === undefined) {
    return 'its result does not come from a single SELECT';
  }
  if (!scope.isAggregated) {
    return 'its outermost SELECT does not aggregate, only a subquery does';
  }
  if (scope.isDistinct || !scope.isEditable) {
    return 'its SELECT has DISTINCT or other clauses that cannot be changed';
  }
  if (scope.items.some(({ kind }) => kind === 'wildcard') || hasWindow(child(node, 'projection'))) {
    return 'its SELECT list has * or a window function';
  }
  if (child(query, 'limit_clause') !== undefined || child(query, 'fetch') !== undefined) {
    return 'it has LIMIT, OFFSET or FETCH, which would remove rows of the groups';
  }
  const [kind, content] = variantOf(child(node, 'group_by'));
  const [list, modifiers] = kind === 'Expressions' ? listOf(content) : [undefined, content];
  const groups = kind === 'All' ? undefined : listOf(list);
  const isPlain = (groups ?? []).every((group) => !['Rollup', 'Cube', 'GroupingSets'].includes(variantOf(group)[0]));
  return isPlain && listOf(modifiers).length === 0
    ? { scope, groups }
    : 'it has GROUP BY with ROLLUP, CUBE or GROUPING SETS';
}

function onlyBranch(root: QueryShape | undefined): SelectScope | undefined {
  return root?.branches.length === 1 && root.columnAliases.length === 0 ? root.branches[0] : undefined;
}

/**
 * True if an expression has a window function. If columns were added to GROUP BY, the window of such a function would
 * contain the rows of all groups.
 */
function hasWindow(node: TreeNode): boolean {
  if (isQueryNode(node)) {
    return false;
  }
  return child(node, 'Function', 'over') !== undefined || childrenOf(node).some(hasWindow);
}

/**
 * The column to add for a key, or the reason why it cannot be added. Undefined if the result already has the column.
 */
function addedColumn(key: string, { scope, groups }: GroupedSelect, resolver: FilterResolver) {
  if (MACRO.test(key)) {
    return 'a name with a macro cannot be a column of the result';
  }
  const named = scope.items.find((item) => item.kind === 'expression' && item.name === key);
  if (named !== undefined) {
    return isColumn(named) ? undefined : 'its result has another column of this name';
  }
  const place = placeOf(key, scope, resolver);
  if (typeof place === 'string') {
    return place;
  }
  if (scope.items.some((item) => isShown(item, place))) {
    return undefined;
  }
  const isGrouped = groups?.some((group) => isUseOf(useOf(group), place)) ?? true;
  return { key, sql: targetAsString(place.target), isGrouped };
}

function isColumn(item: SelectItem): boolean {
  return item.kind === 'expression' && (item.column !== undefined || item.property !== undefined);
}

/** The column of a key as the SELECT reads it, or the reason why the SELECT cannot be grouped by this column. */
function placeOf(key: string, select: SelectScope, resolver: FilterResolver): FilterPlace | string {
  try {
    const places = resolver.resolve({ key }, { selects: [select], mayUseSubqueries: true });
    if (typeof places !== 'string') {
      return places[0];
    }
    return places === 'not-comparable'
      ? 'the column has a type by which it cannot be grouped'
      : 'its SELECT reads no such column';
  } catch (reason) {
    if (reason instanceof ProxyError && reason.code === 'filter_not_applicable') {
      return 'several tables of its SELECT have the column';
    }
    throw reason;
  }
}

function isShown(item: SelectItem, place: FilterPlace): boolean {
  return item.kind === 'expression' && (isUseOf(item.column, place) || isUseOf(item.property, place));
}

function useOf(expression: TreeNode): Pick<ColumnUse, 'qualifier' | 'name'> | undefined {
  const names = columnName(expression);
  return names && { qualifier: names.at(-2)?.value, name: names[names.length - 1].value };
}

/** True if the expression is the column or the property of `place`. */
function isUseOf(
  use: Pick<ColumnUse, 'qualifier' | 'name'> | { column: ColumnUse; key: string } | undefined,
  { source, name, target }: FilterPlace
): boolean {
  if (use === undefined) {
    return false;
  }
  const [column, property] = 'column' in use ? [use.column, use.key] : [use, undefined];
  const isOfSource = column.qualifier === undefined || column.qualifier === source.name;
  return isOfSource && column.name === name && property === target.property;
}

/** Words that follow GROUP BY in a SELECT. */
const AFTER_GROUP_BY = ['having', 'qualify', 'window'];

/** The edits that add the columns. Undefined if their positions are not found. */
function editsOf(sql: string, { scope, groups }: GroupedSelect, added: readonly AddedColumn[]): SqlEdit[] | undefined {
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const { listEnd } = scope;
  const conditionsEnd = scope.where?.end ?? scope.fromEnd;
  if (listEnd === undefined || conditionsEnd === undefined) {
    return undefined;
  }
  const items = added.map(({ key, sql }) => `, ${sql} AS ${quoteName(key)}`).join('');
  const newGroups = added.filter(({ isGrouped }) => !isGrouped).map(({ sql }) => sql);
  const grouping =
    groups === undefined || newGroups.length === 0
      ? []
      : groups.length === 0
        ? [{ at: conditionsEnd, sql: ` GROUP BY ${newGroups.join(', ')}` }]
        : [{ at: groupsEnd(tokens, scope, conditionsEnd), sql: `, ${newGroups.join(', ')}` }];
  return [{ at: listEnd, sql: items }, ...grouping];
}

/** The offset of the end of the GROUP BY list. */
function groupsEnd(tokens: readonly SqlToken[], { range }: SelectScope, from: number): number {
  let depth = 0;
  let end = from;
  for (const token of tokens) {
    if (token.start >= from && token.end <= range.end) {
      if (depth === 0 && isSqlWord(token, ...AFTER_GROUP_BY)) {
        break;
      }
      depth += token.raw === '(' ? 1 : token.raw === ')' ? -1 : 0;
      end = token.end;
    }
  }
  return end;
}

/** True if the tree of the edited query is the original tree with these columns. */
function isExpected(
  { sql, parse }: GroupableSql,
  { statement }: ParsedSql,
  { groups }: GroupedSelect,
  { added, edits }: { added: readonly AddedColumn[]; edits: readonly SqlEdit[] }
): boolean {
  if (added.length === 0) {
    return true;
  }
  const read = (sql: string) => parseOrThrow(sql, parse, notApplicable, 'The query is too long with its groups.');
  const after = read(applyEdits(sql, edits).sql);
  const items = selectedItems(
    child(read(`SELECT ${added.map(({ key, sql }) => `${sql} AS ${quoteName(key)}`).join(', ')}`).statement, 'Query')
  );
  const newGroups = items
    .map((item) => child(item, 'ExprWithAlias', 'expr'))
    .filter((_group, at) => !added[at].isGrouped);
  const query = child(statement, 'Query');
  const select = child(query, 'body', 'Select');
  const expected = {
    ...(query as object),
    body: {
      Select: {
        ...(select as object),
        projection: [...selectedItems(query), ...items],
        group_by: groups === undefined ? child(select, 'group_by') : { Expressions: [[...groups, ...newGroups], []] },
      },
    },
  };
  return isEqual(expected, child(after.statement, 'Query'));
}

function notApplicable(detail: string, { cause }: { cause?: unknown } = {}): ProxyError {
  return new ProxyError('filter_not_applicable', { detail, cause });
}
