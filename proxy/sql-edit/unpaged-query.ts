/**
 * Finds the part of a query that yields all rows of its result: without its outermost ORDER BY, LIMIT, OFFSET and FETCH.
 */
import { type TextRange } from '../../contract/sql-syntax/select-clauses';
import { type ParsedSql, type ParseStatements, type TreeNode } from '../../contract/sql-syntax/sql-parser';
import { child, lastEnd, listOf, variantOf } from '../../contract/sql-syntax/syntax-tree';
import { isSqlWord, type SqlToken, tokenizeSql } from '../../contract/sql-scan';
import { type ParseError, parseOrThrow } from './parse-or-throw';
import { isEqual } from './verify-edit';

export interface UnpagedQuery {
  /** UTF-16 units in the text that was read. The part can stand in parentheses. */
  lines: TextRange;
  /** The whole query, with its pages. */
  query: TreeNode;
  parsed: ParsedSql;
  /** Without comments. */
  tokens: readonly SqlToken[];
}

/** @throws {ProxyError} Created by `failed`. */
export function parsedQuery(sql: string, parse: ParseStatements, failed: ParseError): ParsedSql {
  return parseOrThrow(sql, parse, failed, 'The query is too long or too deeply nested.');
}

/** Parts of a query that order or limit its result. */
const PAGE_PARTS = ['order_by', 'limit_clause', 'fetch'] as const;
/** Words that begin these parts. */
const PAGE_WORDS = ['order', 'limit', 'offset', 'fetch'];
/** Parts of a query that DataFusion does not have, or that change the result in other ways. */
const OTHER_PARTS = ['locks', 'for_clause', 'settings', 'format_clause', 'pipe_operators'] as const;

function isPresent(node: TreeNode): boolean {
  return node !== undefined && !(Array.isArray(node) && node.length === 0);
}

/**
 * @param sql    With macros.
 * @param failed Creates the error of a query that cannot be read without its order and limit.
 * @throws {ProxyError} Created by `failed`.
 */
export function readUnpaged(sql: string, parse: ParseStatements, failed: ParseError): UnpagedQuery {
  const parsed = parsedQuery(sql, parse, failed);
  const query = child(parsed.statement, 'Query');
  if (query === undefined) {
    throw failed('The statement is not a SELECT.');
  }
  checkParts(query, failed);
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  const lines = linesOf(tokens, parsed, query);
  const after = child(parsedQuery(sql.slice(lines.start, lines.end), parse, failed).statement, 'Query');
  const isSame = PAGE_PARTS.every((part) => !isPresent(child(after, part)));
  if (!isSame || !isEqual(withoutPage(query), withoutPage(after))) {
    throw failed('ORDER BY and LIMIT cannot be removed from the query.');
  }
  return { lines, query, parsed, tokens };
}

/** The number of rows that LIMIT or FETCH allows. Undefined if there is none, or if it is not a plain number. */
export function limitOf(query: TreeNode): number | undefined {
  const limits = [child(query, 'limit_clause', 'LimitOffset', 'limit'), child(query, 'fetch', 'quantity')];
  const numbers = limits.flatMap((limit) => {
    const [text] = listOf(child(limit, 'Value', 'value', 'Number'));
    return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : [];
  });
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/** The query without the parts that order and limit its result. */
export function withoutPage(query: TreeNode): TreeNode {
  return { ...(query as object), order_by: undefined, limit_clause: undefined, fetch: undefined };
}

function checkParts(query: TreeNode, failed: ParseError): void {
  const other = OTHER_PARTS.find((part) => isPresent(child(query, part)));
  if (other !== undefined) {
    throw failed('The query has a clause that the server does not support.');
  }
  checkBody(child(query, 'body'), failed);
}

/** Checks the SELECTs of the result. Those of subqueries stay as they are. */
function checkBody(body: TreeNode, failed: ParseError): void {
  const [kind, content] = variantOf(body);
  switch (kind) {
    case 'Select':
      if (variantOf(child(content, 'distinct'))[0] === 'On') {
        throw failed('DISTINCT ON depends on ORDER BY.');
      }
      if (isPresent(child(content, 'into'))) {
        throw failed('The statement is not a SELECT.');
      }
      return;
    case 'SetOperation':
      checkBody(child(content, 'left'), failed);
      checkBody(child(content, 'right'), failed);
      return;
    case 'Query':
      if (PAGE_PARTS.slice(1).some((part) => isPresent(child(content, part)))) {
        throw failed('A LIMIT is inside the parentheses of a SELECT.');
      }
      checkBody(child(content, 'body'), failed);
      return;
    default:
      throw failed('The statement is not a SELECT.');
  }
}

/** From the first word to the last one before ORDER BY, LIMIT, OFFSET or FETCH. */
function linesOf(tokens: readonly SqlToken[], { positions }: ParsedSql, query: TreeNode): TextRange {
  const bodyEnd = lastEnd(child(query, 'with'), child(query, 'body'));
  const from = bodyEnd === undefined ? 0 : positions.offsetOf(bodyEnd);
  let depth = 0;
  let last = tokens[0];
  for (const token of tokens) {
    const isOutside = depth === 0;
    if (isOutside && (token.text === ';' || (token.start >= from && isSqlWord(token, ...PAGE_WORDS)))) {
      break;
    }
    depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
    last = token;
  }
  return { start: tokens[0]?.start ?? 0, end: last?.end ?? 0 };
}
