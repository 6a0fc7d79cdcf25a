/** Finds out how a logs query can be continued: with the same lines, in another order and with another limit. */
import { type TextRange } from '../../contract/sql-syntax/select-clauses';
import { type ParseStatements, type TreeNode } from '../../contract/sql-syntax/sql-parser';
import { child, listOf } from '../../contract/sql-syntax/syntax-tree';
import { ProxyError } from '../errors/proxy-error';
import { readUnpaged } from './unpaged-query';

export interface PageableQuery {
  /** The query without its outermost ORDER BY, LIMIT, OFFSET and FETCH, in UTF-16 units of the text that was read. */
  lines: TextRange;
  /** The limit that the author wrote. Undefined without a limit, and for a limit that is not a number. */
  limit: number | undefined;
}

function notPageable(detail: string, cause?: unknown): ProxyError {
  return new ProxyError('log_page_not_ordered', { detail, cause });
}

/** The number of rows that LIMIT or FETCH allows. Undefined if there is none, or if it is not a plain number. */
function limitOf(query: TreeNode): number | undefined {
  const limits = [child(query, 'limit_clause', 'LimitOffset', 'limit'), child(query, 'fetch', 'quantity')];
  const numbers = limits.flatMap((limit) => {
    const [text] = listOf(child(limit, 'Value', 'value', 'Number'));
    return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : [];
  });
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/**
 * @param sql The author's text, with macros.
 * @throws {ProxyError} 'log_page_not_ordered'
 */
export function readPageable(sql: string, parse: ParseStatements): PageableQuery {
  const { lines, query } = readUnpaged(sql, parse, notPageable);
  return { lines, limit: limitOf(query) };
}
