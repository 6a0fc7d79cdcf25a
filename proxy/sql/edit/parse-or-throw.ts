/** Parses SQL, or throws an error that the caller creates. */
import { type ParsedSql, ParserCrashError, type ParseStatements, parseSql } from '../../../contract/sql/sql-parser';
import { foreignLine } from '../../base/errors/foreign-string';
import { type ProxyError, type ProxyErrorOptions } from '../../base/errors/proxy-error';

/**
 * Creates the error for SQL that cannot be parsed or edited.
 *
 * @param detail A sentence.
 * @param options `advice` says in one or more sentences how the author can change the query. A caller that needs a
 *   query of one SELECT ignores it.
 */
export type ParseError = (detail: string, options?: Pick<ProxyErrorOptions, 'cause' | 'advice'>) => ProxyError;

/**
 * Parses SQL, and returns its syntax tree.
 *
 * @param tooLarge The error detail for SQL that exceeds the limits of the parser.
 * @throws {ProxyError} Created by `failed`.
 */
export function parseOrThrow(sql: string, parse: ParseStatements, failed: ParseError, tooLarge: string): ParsedSql {
  try {
    const result = parseSql(sql, parse);
    switch (result.kind) {
      case 'parsed':
        return result;
      case 'too-large':
        throw failed(tooLarge);
      case 'invalid':
        throw failed(`The query cannot be parsed: ${foreignLine(result.message, 300)}.`);
    }
  } catch (reason) {
    throw reason instanceof ParserCrashError ? failed('The query cannot be parsed.', { cause: reason }) : reason;
  }
}
