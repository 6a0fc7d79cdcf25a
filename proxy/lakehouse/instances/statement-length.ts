import { ProxyError } from '../../base/errors/proxy-error';

/** Maximum number of UTF-16 units of a statement: as many as a query may have after its macros are expanded. */
export const MAX_STATEMENT_CHARACTERS = 2 * 1024 * 1024;

/** @throws {ProxyError} 'query_too_long' */
export function checkStatementLength(sql: string): void {
  if (sql.length > MAX_STATEMENT_CHARACTERS) {
    const [length, most] = [sql.length, MAX_STATEMENT_CHARACTERS].map((count) => count.toLocaleString('en-US'));
    throw new ProxyError('query_too_long', {
      detail: `The statement for the server has ${length} characters; at most ${most} are allowed.`,
    });
  }
}
