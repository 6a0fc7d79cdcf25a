/**
 * Checks that a statement only reads, and that neither its text nor a size in it is too large. Nothing is sent without
 * this check: users who may query can write any SQL, and the server lets every account run statements that write files,
 * tables and settings.
 *
 * The server's parser chooses the kind of a statement by its first word. This word must start a statement that only
 * reads. Functions that change the lakehouse can be called in queries, so their names are rejected.
 */
import { LinePositions } from '../../../contract/sql/sql-parser';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkCode, isWorthReading } from './statement-code';
import { checkStart } from './statement-start';
import { StatementError } from './statement-error';

declare const CHECKED: unique symbol;

/** Maximum number of UTF-16 units of a statement: as many as a query may have after its macros are expanded. */
export const MAX_STATEMENT_CHARACTERS = 2 * 1024 * 1024;

/** SQL of one statement that only reads. Only `checkedSql` creates this type, and the client accepts no other SQL. */
export type CheckedSql = string & { readonly [CHECKED]: true };

/** UTF-8 has no lone surrogates: they are sent as U+FFFD. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * Checks SQL in linear time, and returns the SQL to send.
 *
 * @param sql The statement as it would be sent, with expanded macros.
 * @throws {ProxyError} `query_too_long`, or `statement_not_allowed` or `statement_too_large` with the position of the
 *   rejected word.
 */
export function checkedSql(sql: string): CheckedSql {
  if (sql.length > MAX_STATEMENT_CHARACTERS) {
    throw tooLong(sql.length);
  }
  const sent = sql.replace(LONE_SURROGATES, '\ufffd');
  try {
    checkStart(sent);
    if (isWorthReading(sent)) {
      checkCode(sent);
    }
  } catch (reason) {
    throw reason instanceof StatementError ? rejected(sent, reason) : reason;
  }
  return sent as CheckedSql;
}

function tooLong(characters: number): ProxyError {
  const [length, most] = [characters, MAX_STATEMENT_CHARACTERS].map((count) => count.toLocaleString('en-US'));
  return new ProxyError('query_too_long', {
    detail: `The statement for the server has ${length} characters; at most ${most} are allowed.`,
  });
}

function rejected(sql: string, { code, message, start, advice }: StatementError): ProxyError {
  const sentPosition = new LinePositions(sql).positionOf(start);
  return new ProxyError(code, { detail: message, advice, sentPosition });
}
