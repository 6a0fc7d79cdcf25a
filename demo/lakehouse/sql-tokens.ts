/** Splits SQL into tokens, just far enough to find names and calls without being fooled by strings and comments. */

export interface Token {
  kind: 'word' | 'quoted' | 'text' | 'number' | 'sign';
  /** As written, quotes included. */
  text: string;
  /** Offset of the first character. */
  start: number;
  end: number;
}

const PATTERNS: ReadonlyArray<[Token['kind'] | 'space', RegExp]> = [
  ['space', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['text', /'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['sign', /[\s\S]/y],
];

export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const match = pattern.exec(sql);
      if (match !== null) {
        if (kind !== 'space') {
          tokens.push({ kind, text: match[0], start: at, end: pattern.lastIndex });
        }
        at = pattern.lastIndex;
        break;
      }
    }
  }
  return tokens;
}

export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toLowerCase());
}

/** Content of a text literal or a quoted name; a word in lower case, as the server folds it. */
export function tokenValue(token: Token): string {
  if (token.kind === 'text') {
    return token.text.slice(1, -1).replaceAll("''", "'");
  }
  return token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text.toLowerCase();
}

/** Where a name stands, as the server's messages end: ` (at line 1, column 8)`. Empty if it is not in the SQL. */
export function placeOf(sql: string, name: string): string {
  const token = tokenize(sql).find((each) => each.kind !== 'text' && tokenValue(each) === name.toLowerCase());
  if (token === undefined) {
    return '';
  }
  const { line, column } = lineAndColumn(sql, token.start);
  return ` (at line ${line}, column ${column})`;
}

export function lineAndColumn(sql: string, offset: number): { line: number; column: number } {
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
