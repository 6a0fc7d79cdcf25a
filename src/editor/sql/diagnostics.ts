/**
 * Syntax errors and hints of SQL, from the tree of the server's own parser. Hints mark valid SQL that often does not
 * return what the author wants.
 */
import { type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { parseSql, type ParseStatements } from '../../../contract/sql/sql-parser';
import { type Diagnostic, queryHints, type QuerySettings } from './hints';

/**
 * True for a variable, but not for a macro. The value of a variable may be a part of SQL, so the surrounding SQL may be
 * complete only after interpolation.
 */
function isVariable(token: SqlToken | undefined): boolean {
  return token?.kind === 'placeholder' && !token.raw.startsWith('$__');
}

function syntaxDiagnostic(sql: string, message: string, offset: number | undefined): Diagnostic[] {
  const tokens = tokenizeSql(sql).filter((token) => token.kind !== 'comment');
  // The parser gives no position for an error at the end of the SQL. The last word is marked then.
  const at = offset === undefined ? -1 : tokens.findIndex(({ end }) => end > offset);
  const index = at < 0 ? tokens.length - 1 : at;
  const token = tokens[index];
  if (token === undefined || isVariable(token) || isVariable(tokens[index - 1])) {
    return [];
  }
  return [{ start: token.start, end: token.end, code: 'syntax', message: message }];
}

/**
 * The syntax error of SQL, or its hints.
 *
 * @throws {ParserCrashError}
 */
export function diagnose(sql: string, parse: ParseStatements, settings: QuerySettings): Diagnostic[] {
  if (sql.trim() === '') {
    return [];
  }
  const result = parseSql(sql, parse);
  switch (result.kind) {
    case 'invalid':
      return syntaxDiagnostic(sql, result.message, result.offset);
    case 'too-large':
      return [];
    case 'parsed':
      return queryHints(sql, result, settings);
  }
}
