/** The tokens of a query, and the positions in its error messages. */
import { type SqlToken, sqlTokenValue, tokenizeSql } from '../../contract/sql/sql-scan';

/** Tokens without comments. */
export function codeTokens(sql: string): SqlToken[] {
  return tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
}

/** Line and column of an offset, both from 1. Columns count Unicode characters, as in DataFusion. */
export function lineAndColumn(sql: string, offset: number): { line: number; column: number } {
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 };
}

/**
 * The position of a name, for the end of an error message: ` (at line 1, column 8)`. Empty if the name is not in the
 * SQL.
 */
export function placeOf(sql: string, name: string): string {
  const token = codeTokens(sql).find((each) => each.kind !== 'string' && sqlTokenValue(each) === name.toLowerCase());
  if (token === undefined) {
    return '';
  }
  const { line, column } = lineAndColumn(sql, token.start);
  return ` (at line ${line}, column ${column})`;
}
