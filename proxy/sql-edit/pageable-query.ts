/** Finds out how a logs query can be continued: with the same lines, in another order and with another limit. */
import { type TextRange } from '../../contract/sql-syntax/select-clauses';
import { type ParseStatements } from '../../contract/sql-syntax/sql-parser';
import { ProxyError } from '../errors/proxy-error';
import { limitOf, readUnpaged } from './unpaged-query';

export interface PageableQuery {
  /** The query without its outermost ORDER BY, LIMIT, OFFSET and FETCH, in UTF-16 units of the text that was read. */
  lines: TextRange;
  /** The limit that the author wrote. Undefined without a limit, and for a limit that is not a number. */
  limit: number | undefined;
}

function notPageable(detail: string, cause?: unknown): ProxyError {
  return new ProxyError('log_page_not_ordered', { detail, cause });
}

/**
 * @param sql The author's text, with macros.
 * @throws {ProxyError} 'log_page_not_ordered'
 */
export function readPageable(sql: string, parse: ParseStatements): PageableQuery {
  const { lines, query } = readUnpaged(sql, parse, notPageable);
  return { lines, limit: limitOf(query) };
}
