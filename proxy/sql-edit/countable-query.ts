/**
 * Finds out how the lines of a logs query can be counted: the part of the author's text that yields all of them, and whether
 * the table `log_stats`, which has counts per minute, contains the answer.
 *
 * The lines are those of the result without ORDER BY, LIMIT, OFFSET and FETCH. The author's query is counted as a subquery, so
 * joins, CTEs, UNION, DISTINCT and GROUP BY mean the same as in the query itself.
 */
import { type QueryShape, readScopes, type SelectScope } from '../../contract/sql-syntax/query-scopes';
import { type TextRange } from '../../contract/sql-syntax/select-clauses';
import { parserInput } from '../../contract/sql-syntax/parser-input';
import { type ParsedSql, type ParseStatements, type TreeNode } from '../../contract/sql-syntax/sql-parser';
import { child, lastEnd, listOf } from '../../contract/sql-syntax/syntax-tree';
import { isSqlWord, type SqlToken } from '../../contract/sql-scan';
import { ProxyError } from '../errors/proxy-error';
import { readStatistics, readsLogEntries, type StatisticsQuery } from './statistics-query';
import { parsedQuery, readUnpaged, withoutPage } from './unpaged-query';
import { isEqual } from './verify-edit';

/** What is counted. All offsets are UTF-16 units in the text that was read. */
export interface CountableQuery {
  /** The query that yields all lines. It can stand in parentheses. */
  lines: TextRange;
  /** A column to add to the SELECT list, because the result has no level and its table has. Undefined: nothing to add. */
  level: { at: number; column: string } | undefined;
  /** Undefined if `log_stats` cannot have the same lines. */
  statistics: StatisticsQuery | undefined;
}

/** Name of the level column that is added to a SELECT list. */
export const ADDED_LEVEL = '__line_level';

function notCountable(detail: string, cause?: unknown): ProxyError {
  return new ProxyError('volume_not_countable', { detail, cause });
}

/**
 * Reads how to count the lines of a query.
 *
 * @param sql The author's text, with macros.
 * @throws {ProxyError} 'volume_not_countable'
 */
export function readCountable(sql: string, parse: ParseStatements): CountableQuery {
  const { lines, query, tokens, parsed: before } = readUnpaged(sql, parse, notCountable);
  const { root } = readScopes(sql, before);
  if (root === undefined) {
    throw notCountable('The statement is not a SELECT.');
  }
  const select = onlySelect(root);
  if (select === undefined) {
    return { lines, level: undefined, statistics: undefined };
  }
  const node = child(query, 'body', 'Select');
  return {
    lines,
    level: addedLevel(sql, { select, node, query, tokens, positions: before.positions }, lines, parse),
    statistics:
      child(query, 'with') === undefined
        ? readStatistics({ sql, tokens, select, node, positions: before.positions })
        : undefined,
  };
}

/** The only SELECT of the result, if its rows are rows of its tables. */
function onlySelect({ branches, columnAliases }: QueryShape): SelectScope | undefined {
  const [select] = branches;
  const isPlain =
    branches.length === 1 &&
    columnAliases.length === 0 &&
    select?.isEditable === true &&
    !select.isDistinct &&
    !select.isAggregated;
  return isPlain ? select : undefined;
}

interface ReadSelect {
  select: SelectScope;
  node: TreeNode;
  query: TreeNode;
  tokens: readonly SqlToken[];
  positions: ParsedSql['positions'];
}

/** Names of the columns that the log lines take their level from. */
const LEVELS = ['level', 'severity'];

/** The level of the lines of `log_entries`, if the SELECT list leaves it out. */
function addedLevel(
  sql: string,
  { select, node, query, tokens, positions }: ReadSelect,
  lines: TextRange,
  parse: ParseStatements
): CountableQuery['level'] {
  const [source, ...others] = select.sources;
  const hasLevel = select.items.some(
    (item) => item.kind === 'wildcard' || LEVELS.includes(item.name?.toLowerCase() ?? '')
  );
  // The body of a query in parentheses is not a SELECT.
  if (hasLevel || source === undefined || others.length > 0 || !readsLogEntries(source) || node === undefined) {
    return undefined;
  }
  const listEnd = lastEnd(child(node, 'projection'));
  const from = fromAfter(tokens, select.range.start, listEnd === undefined ? 0 : positions.offsetOf(listEnd));
  if (from === undefined) {
    return undefined;
  }
  const at = tokens[from - 1].end;
  const column = source.qualifier === undefined ? 'level' : `${source.qualifier}.level`;
  const text = `${sql.slice(lines.start, at)}, ${column} AS ${ADDED_LEVEL}${sql.slice(at, lines.end)}`;
  if ('problem' in parserInput(text)) {
    return undefined;
  }
  const after = child(parsedQuery(text, parse, notCountable).statement, 'Query');
  const items = listOf(child(after, 'body', 'Select', 'projection'));
  const added = child(items.at(-1), 'ExprWithAlias', 'alias', 'value');
  return added === ADDED_LEVEL &&
    isEqual(withItems(query, listOf(child(node, 'projection'))), withItems(after, items.slice(0, -1)))
    ? { at, column }
    : undefined;
}

/** The query with another SELECT list, and without the parts that order and limit its result. */
function withItems(query: TreeNode, projection: readonly TreeNode[]): TreeNode {
  const select = child(query, 'body', 'Select');
  return { ...(withoutPage(query) as object), body: { Select: { ...(select as object), projection } } };
}

/** Index of the word FROM of the SELECT that begins at an offset. */
function fromAfter(tokens: readonly SqlToken[], start: number, listEnd: number): number | undefined {
  let depth = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token.start < start) {
      continue;
    }
    if (depth === 0 && token.start >= listEnd && isSqlWord(token, 'from')) {
      return index;
    }
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
  }
  return undefined;
}
