/**
 * Splits SQL into quoted parts, comments and tokens. The frontend, the backend and the demo use this code, so that they
 * split SQL in the same way.
 *
 * Rules: the generic dialect of DataFusion's parser (the Rust crate `sqlparser`). Inside `'…'`, `"…"` and backticks, a
 * doubled quote character stands for one. A backslash is an ordinary character, but in `E'…'` it escapes the next
 * character. A `--` comment ends with the line, and block comments nest. `$$…$$` is a string. `$tag$…$tag$` is not read
 * as a string, because `$tag` is a variable of Grafana.
 *
 * Offsets are UTF-16 units. Each function reads every character a constant number of times.
 */

/** A quoted part or a comment of the SQL. */
export interface NonCodePart {
  kind: 'string' | 'quoted-name' | 'line-comment' | 'block-comment';
  /** Offset after the last character. */
  end: number;
  /** False if the SQL ends before the part is closed. A line comment is closed by a line break. */
  isClosed: boolean;
  /** How deep block comments are nested in the part. 0 for other parts. */
  depth: number;
}

/**
 * A token. Each character of an operator such as `<=` is a separate token. Only quoted parts, comments and variables
 * such as `${name}` may contain white space.
 */
export interface SqlToken {
  kind: 'word' | 'number' | 'quoted-name' | 'string' | 'comment' | 'placeholder' | 'symbol';
  /** As written, with quotes. */
  raw: string;
  start: number;
  /** Offset after the last character. */
  end: number;
  /** False for an unterminated string, name or comment, which is usual while the author types. */
  isClosed: boolean;
}

function quotedPart(sql: string, start: number): NonCodePart {
  const quote = sql[start];
  const kind = quote === "'" ? 'string' : 'quoted-name';
  let at = sql.indexOf(quote, start + 1);
  while (at >= 0 && sql[at + 1] === quote) {
    at = sql.indexOf(quote, at + 2);
  }
  return { kind, end: at < 0 ? sql.length : at + 1, isClosed: at >= 0, depth: 0 };
}

const WORD_END = /[\p{L}\p{N}_$]$/u;

/**
 * True if the character before the offset belongs to a word. Then `$$` at the offset is a part of the word, and an `E`
 * at the offset is not the prefix of a string.
 */
function isInWord(sql: string, at: number): boolean {
  return WORD_END.test(sql.slice(Math.max(0, at - 2), at));
}

/** True for the opening quote of `E'…'`. In this string, a backslash escapes the next character. */
export function isEscapeString(sql: string, quote: number): boolean {
  return sql[quote] === "'" && /[eE]/.test(sql[quote - 1] ?? '') && !isInWord(sql, quote - 1);
}

function escapeString(sql: string, start: number): NonCodePart {
  const kind = 'string';
  const stops = /\\|''?/g;
  stops.lastIndex = start + 1;
  for (let stop = stops.exec(sql); stop !== null; stop = stops.exec(sql)) {
    if (stop[0] === "'") {
      return { kind, end: stops.lastIndex, isClosed: true, depth: 0 };
    }
    // The character after a backslash is a part of the string.
    stops.lastIndex += stop[0] === '\\' ? 1 : 0;
  }
  return { kind, end: sql.length, isClosed: false, depth: 0 };
}

/** The string `$$…$$`. Undefined if it is not closed. */
function dollarString(sql: string, start: number): NonCodePart | undefined {
  const close = sql[start + 1] === '$' && !isInWord(sql, start) ? sql.indexOf('$$', start + 2) : -1;
  return close < 0 ? undefined : { kind: 'string', end: close + 2, isClosed: true, depth: 0 };
}

function lineComment(sql: string, start: number): NonCodePart {
  const end = sql.indexOf('\n', start);
  return { kind: 'line-comment', end: end < 0 ? sql.length : end, isClosed: end >= 0, depth: 0 };
}

function blockComment(sql: string, start: number): NonCodePart {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let open = 0;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    open += mark[0] === '/*' ? 1 : -1;
    depth = Math.max(depth, open);
    if (open === 0) {
      return { kind: 'block-comment', end: marks.lastIndex, isClosed: true, depth };
    }
  }
  return { kind: 'block-comment', end: sql.length, isClosed: false, depth };
}

/** True for both kinds of comments. */
export function isComment({ kind }: NonCodePart): boolean {
  return kind === 'line-comment' || kind === 'block-comment';
}

/** The quoted part or comment that starts at `at`. Undefined for code. */
export function sqlPartAt(sql: string, at: number): NonCodePart | undefined {
  switch (sql[at]) {
    case "'":
    case '"':
    case '`':
      return isEscapeString(sql, at) ? escapeString(sql, at) : quotedPart(sql, at);
    case '$':
      return dollarString(sql, at);
    case '-':
      return sql[at + 1] === '-' ? lineComment(sql, at) : undefined;
    case '/':
      return sql[at + 1] === '*' ? blockComment(sql, at) : undefined;
    default:
      return undefined;
  }
}

/**
 * Offset of the first statement, after white space, comments and empty statements. If there is no statement, the length
 * of the SQL.
 */
export function statementStart(sql: string): number {
  let at = 0;
  while (at < sql.length) {
    const part = sqlPartAt(sql, at);
    const isSkipped = part === undefined ? sql[at] === ';' || sql[at].trim() === '' : isComment(part);
    if (!isSkipped) {
      return at;
    }
    at = part?.end ?? at + 1;
  }
  return at;
}

/**
 * Patterns of the tokens outside of quotes and comments. Variables and macros of Grafana are not SQL, but occur in the
 * SQL of the editor: `$name`, `${name:format}`.
 */
const CODE: ReadonlyArray<[SqlToken['kind'], RegExp]> = [
  ['placeholder', /\$\{[^}\n]*\}?|\$\w*/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}\p{N}_]+/uy],
  ['symbol', /\S/uy],
];

function codeTokenAt(sql: string, start: number): SqlToken | undefined {
  for (const [kind, pattern] of CODE) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (match !== null) {
      return { kind, raw: match[0], start, end: start + match[0].length, isClosed: true };
    }
  }
  return undefined;
}

function tokenAt(sql: string, start: number): SqlToken | undefined {
  const part = sqlPartAt(sql, start);
  if (part === undefined) {
    return codeTokenAt(sql, start);
  }
  const { kind, end, isClosed } = part;
  const isQuoted = kind === 'string' || kind === 'quoted-name';
  return { kind: isQuoted ? kind : 'comment', raw: sql.slice(start, end), start, end, isClosed };
}

/** All tokens in order, without white space. */
export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at);
    if (token !== undefined) {
      tokens.push(token);
    }
    at = token?.end ?? at + 1;
  }
  return tokens;
}

/** True for one of the words in any letter case. Quoted names are not keywords. @param words In lower case. */
export function isSqlWord(token: SqlToken | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.raw.toLowerCase());
}

/**
 * The value of a token. For a string or quoted name: the content without quotes. The escapes of `E'…'` stay. For a
 * word: the word in lower case, because the server ignores its letter case. For any other token: the token as written.
 */
export function sqlTokenValue({ kind, raw, isClosed }: SqlToken): string {
  switch (kind) {
    case 'string':
    case 'quoted-name':
      if (raw.startsWith('$')) {
        return raw.slice(2, -2);
      }
      return raw.slice(1, isClosed ? -1 : undefined).replaceAll(raw[0] + raw[0], raw[0]);
    case 'word':
      return raw.toLowerCase();
    default:
      return raw;
  }
}
