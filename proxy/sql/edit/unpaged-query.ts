/**
 * Finds the part of the author's SQL that yields all rows of a query: the SQL before ORDER BY, LIMIT, OFFSET and FETCH.
 * This part is parsed again: its tree must equal the query's tree without these clauses.
 */
import { type QueryShape, readScopes, type SelectScope } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type ParsedSql, type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import {
  child,
  childrenOf,
  isAbsent,
  isQueryNode,
  lastEnd,
  listOf,
  variantOf,
} from '../../../contract/sql/syntax-tree';
import { isSqlWord, type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { type ParseError, parseOrThrow } from './parse-or-throw';
import { isEqual } from './verify-edit';

/** A parsed query. All offsets are UTF-16 units in its SQL. */
export interface UnpagedQuery {
  /** The query that yields all rows. It is valid in parentheses. */
  lines: SqlRange;
  query: TreeNode;
  root: QueryShape;
  /** Without comments. */
  tokens: readonly SqlToken[];
  positions: ParsedSql['positions'];
}

/** The only SELECT of a query, with its node in the tree. */
export interface ReadSelect extends UnpagedQuery {
  select: SelectScope;
  /** Undefined if the query is in parentheses. */
  node: TreeNode;
}

/** Parts of a query that order or limit its result. */
const PAGE_PARTS = ['order_by', 'limit_clause', 'fetch'] as const;
/** The first words of these parts. */
const PAGE_WORDS = ['order', 'limit', 'offset', 'fetch'];
/**
 * Parts with the words of their clauses. A query with one of these parts is rejected: DataFusion does not support the
 * part, or the part changes more than the order and number of rows.
 */
const OTHER_PARTS: ReadonlyArray<[part: string, clause: string]> = [
  ['locks', 'FOR UPDATE or FOR SHARE'],
  ['for_clause', 'FOR XML, FOR JSON or FOR BROWSE'],
  ['settings', 'SETTINGS'],
  ['format_clause', 'FORMAT'],
  ['pipe_operators', '|>'],
];

/** @throws {ProxyError} Created by `failed`. */
export function parseStatement(sql: string, parse: ParseStatements, failed: ParseError): ParsedSql {
  return parseOrThrow(sql, parse, failed, 'The query is too long or too deeply nested.');
}

/**
 * Parses a query, and finds the part that yields all rows.
 *
 * @param sql The author's SQL, with macros.
 * @throws {ProxyError} Created by `failed`.
 */
export function readUnpaged(sql: string, parse: ParseStatements, failed: ParseError): UnpagedQuery {
  const before = parseStatement(sql, parse, failed);
  const query = child(before.statement, 'Query');
  const { root } = readScopes(sql, before);
  if (query === undefined || root === undefined) {
    throw failed('The statement is not a SELECT.');
  }
  checkParts(query, failed);
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const lines = linesOf(tokens, before, query);
  const after = child(parseStatement(sql.slice(lines.start, lines.end), parse, failed).statement, 'Query');
  if (hasPage(after) || !isEqual(withoutPage(query), withoutPage(after))) {
    throw failed('ORDER BY, LIMIT, OFFSET and FETCH cannot be found.', {
      advice: 'Write ORDER BY, LIMIT, OFFSET and FETCH as the last clauses of the query.',
    });
  }
  return { lines, query, root, tokens, positions: before.positions };
}

/** True if the query orders or limits its result. */
export function hasPage(query: TreeNode): boolean {
  return PAGE_PARTS.some((part) => !isAbsent(child(query, part)));
}

/** The name of the first clause that limits the result of a query: LIMIT, OFFSET or FETCH. Undefined: none. */
function limitClause(query: TreeNode): string | undefined {
  const limit = child(query, 'limit_clause');
  if (!isAbsent(limit)) {
    return variantOf(limit)[0] === 'LimitOffset' && isAbsent(child(limit, 'LimitOffset', 'limit')) ? 'OFFSET' : 'LIMIT';
  }
  return isAbsent(child(query, 'fetch')) ? undefined : 'FETCH';
}

/** The number of rows that LIMIT or FETCH allows. Undefined if there is none, or if it is not a plain number. */
export function limitOf(query: TreeNode): number | undefined {
  const limits = [child(query, 'limit_clause', 'LimitOffset', 'limit'), child(query, 'fetch', 'quantity')];
  const numbers = limits.flatMap((limit) => {
    const [number] = listOf(child(limit, 'Value', 'value', 'Number'));
    return typeof number === 'string' && /^\d{1,15}$/.test(number) ? Number(number) : [];
  });
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/**
 * True if the rows of a SELECT may depend on other rows, because it has a window function or a subquery. Such a query
 * must not run with a shorter time range: the server would not read rows outside of that range, and the result could
 * differ.
 */
export function dependsOnOtherRows({ tokens, query }: Pick<UnpagedQuery, 'tokens' | 'query'>): boolean {
  return tokens.some((token) => isSqlWord(token, 'over')) || hasSubquery(child(query, 'body', 'Select'));
}

/** True if a node contains a subquery. The tokens do not show this, because a subquery may begin with FROM. */
function hasSubquery(node: TreeNode): boolean {
  return childrenOf(node).some((inner) => isQueryNode(inner) || hasSubquery(inner));
}

/** The query without the clauses that order and limit its result. */
function withoutPage(query: TreeNode): TreeNode {
  return { ...(query as object), order_by: undefined, limit_clause: undefined, fetch: undefined };
}

function checkParts(query: TreeNode, failed: ParseError): void {
  const other = OTHER_PARTS.find(([part]) => !isAbsent(child(query, part)));
  if (other !== undefined) {
    throw failed(`The server does not support ${other[1]}.`, { advice: 'Remove this clause.' });
  }
  checkBody(child(query, 'body'), failed);
}

/** Checks the SELECTs of the result, but not the SELECTs of subqueries. */
function checkBody(body: TreeNode, failed: ParseError): void {
  const [kind, content] = variantOf(body);
  switch (kind) {
    case 'Select':
      if (variantOf(child(content, 'distinct'))[0] === 'On') {
        throw failed('DISTINCT ON depends on ORDER BY.', {
          advice: 'Write both in a subquery: SELECT * FROM (SELECT DISTINCT ON (…) … ORDER BY …).',
        });
      }
      if (!isAbsent(child(content, 'into'))) {
        throw failed('The statement is not a SELECT.');
      }
      return;
    case 'SetOperation':
      checkBody(child(content, 'left'), failed);
      checkBody(child(content, 'right'), failed);
      return;
    case 'Query': {
      const clause = limitClause(content);
      if (clause !== undefined) {
        throw failed(`${clause} is inside the parentheses of a SELECT.`, {
          advice: `Write ${clause} after the last parenthesis, or in a subquery: SELECT * FROM (SELECT … ${clause} …).`,
        });
      }
      checkBody(child(content, 'body'), failed);
      return;
    }
    default:
      throw failed('The statement is not a SELECT.');
  }
}

/** The range from the first word of the query to the last word before ORDER BY, LIMIT, OFFSET or FETCH. */
function linesOf(tokens: readonly SqlToken[], { positions }: ParsedSql, query: TreeNode): SqlRange {
  const bodyEnd = lastEnd(child(query, 'with'), child(query, 'body'));
  const from = bodyEnd === undefined ? 0 : positions.offsetOf(bodyEnd);
  let depth = 0;
  let last = tokens[0];
  for (const token of tokens) {
    const isOutside = depth === 0;
    if (isOutside && (token.raw === ';' || (token.start >= from && isSqlWord(token, ...PAGE_WORDS)))) {
      break;
    }
    depth += token.raw === '(' ? 1 : token.raw === ')' ? -1 : 0;
    last = token;
  }
  return { start: tokens[0]?.start ?? 0, end: last?.end ?? 0 };
}

/** The only SELECT of a query without groups, aggregates and DISTINCT. Undefined for other queries. */
export function onlySelect(unpaged: UnpagedQuery): ReadSelect | undefined {
  const { branches, columnAliases } = unpaged.root;
  const [select] = branches;
  const isPlain =
    branches.length === 1 &&
    columnAliases.length === 0 &&
    select?.isEditable === true &&
    !select.isDistinct &&
    !select.isAggregated;
  return isPlain ? { ...unpaged, select, node: child(unpaged.query, 'body', 'Select') } : undefined;
}

/** The items of the SELECT list. */
export function selectedItems(query: TreeNode): readonly TreeNode[] {
  return listOf(child(query, 'body', 'Select', 'projection'));
}

/** The query with replaced parts of its SELECT, and without the clauses that order and limit its result. */
export function withSelectParts(query: TreeNode, parts: Record<string, TreeNode>): TreeNode {
  const select = child(query, 'body', 'Select');
  return { ...(withoutPage(query) as object), body: { Select: { ...(select as object), ...parts } } };
}
