/**
 * Finds the parts of SQL in which macros are left alone: quoted text and comments.
 *
 * Rules: the generic dialect of DataFusion's parser. `'…'` doubles its quote, `"…"` names an identifier, `--` ends with
 * the line, block comments nest, dollar quoting is not used.
 */

export interface SpecialPart {
  kind: 'string' | 'identifier' | 'comment';
  /** Index behind its last character. */
  end: number;
}

/** End of a quoted part that opens at `start`; the end of the text when it is never closed. */
function quotedEnd(sql: string, start: number): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] === quote) {
      if (sql[at + 1] !== quote) {
        return at + 1;
      }
      at++;
    }
  }
  return sql.length;
}

function lineEnd(sql: string, start: number): number {
  const end = sql.indexOf('\n', start);
  return end === -1 ? sql.length : end;
}

function blockCommentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql[at] === '/' && sql[at + 1] === '*') {
      depth++;
      at++;
    } else if (sql[at] === '*' && sql[at + 1] === '/') {
      depth--;
      at++;
      if (depth === 0) {
        return at + 1;
      }
    }
  }
  return sql.length;
}

/** What starts at `at`; undefined for code. Reads no further than its end. */
export function specialAt(sql: string, at: number): SpecialPart | undefined {
  switch (sql[at]) {
    case "'":
      return { kind: 'string', end: quotedEnd(sql, at) };
    case '"':
      return { kind: 'identifier', end: quotedEnd(sql, at) };
    case '-':
      return sql[at + 1] === '-' ? { kind: 'comment', end: lineEnd(sql, at) } : undefined;
    case '/':
      return sql[at + 1] === '*' ? { kind: 'comment', end: blockCommentEnd(sql, at) } : undefined;
    default:
      return undefined;
  }
}
