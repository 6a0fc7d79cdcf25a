/**
 * Splits SQL into tokens exactly as the server does, for the check of statements. `contract/sql/sql-scan.ts`, which
 * macros, edits and editors use, reads some literals differently.
 *
 * The rules are those of `tokenizer.rs` of the Rust crate `sqlparser` 0.62 for its `GenericDialect`. Input becomes a
 * token of the kind `unknown` if `tokenizer.rs` rejects it, or if queries do not need its syntax. No token follows an
 * `unknown` token.
 *
 * Offsets are UTF-16 units. Each character is read a constant number of times.
 */

export interface StatementToken {
  /**
   * `string` is `'…'` without a prefix: the server also accepts it as a name. `literal` is any other literal, or a
   * placeholder. `code-comment` is a comment that starts with `/*!`: its content is code for the server. `unclosed` is
   * a literal, name or comment without its end.
   */
  kind: 'word' | 'quoted-name' | 'string' | 'literal' | 'symbol' | 'code-comment' | 'unclosed' | 'unknown';
  /**
   * The source of the token, as written. For the kinds `code-comment`, `unclosed` and `unknown`: only the first
   * characters.
   */
  raw: string;
  start: number;
}

type Kind = StatementToken['kind'];

/** `char::is_whitespace` of Rust. */
const WHITE_SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/y;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const LINE_COMMENT = /--[^\n]*/y;
const COMMENT_MARK = /\/\*|\*\//g;

/** Symbols that are not the beginning of a longer symbol. */
const ONE_CHARACTER = '(),;[]{}+*%\\';
/** The possible first characters of `OPENING`. */
const BEFORE_QUOTE = '\'"`bBrRnNqQeExXuU';
/** The prefix and the opening quote of a literal, or the opening quote of a name. */
const OPENING = /(?:[bBrR](?=['"])|[nN]?[qQ](?=')|[nNeExX](?=')|[uU]&(?='))?['"`]/y;
/**
 * `char::is_alphabetic` of Rust is the Unicode property Alphabetic. Of all digits, only 0 to 9 can be part of a word.
 */
const WORD =
  /(?:\p{Alphabetic}|_|#(?=[\p{Alphabetic}0-9_$#@])|@(?=[\p{Alphabetic}0-9_$#])|@@(?=[\p{Alphabetic}0-9_$#@]))[\p{Alphabetic}0-9_$#@]*/uy;
const ASCII_WORD = /[a-z_][\w$#@]*/iy;
const NUMBER = /0x[\da-fA-F]*|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?L?/y;
const PLACEHOLDER = /\?\p{N}*/uy;
const DOLLAR_TAG = /\$[\p{Alphabetic}\p{N}_]*/uy;
/** Maximum length of `$tag$`. With a longer delimiter, the search for the end of the literal could be slow. */
const MAX_DELIMITER_CHARACTERS = 100;
const SYMBOL =
  /->>?|\/\/|\|\|\/|\|[|/>]?|=[>=]?|!(?:~~?\*?|[=!])?|<(?:=>|[=><@])?|>[=>]?|:[:=]?|&&?|\^@?|~~?\*?|#(?:-|>>?|(?= |$))|@(?:[>?]|@(?= |$)|(?=[ '"`]|$))|[-/.]/y;

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/** The word at an offset. Most words are ASCII, and ASCII words are matched faster. */
function wordAt(sql: string, at: number): string | undefined {
  const word = matchAt(ASCII_WORD, sql, at);
  const isWhole = word !== undefined && !(sql.charCodeAt(at + word.length) > 0x7f);
  return isWhole ? word : matchAt(WORD, sql, at);
}

/**
 * Offset after the closing quote of a literal. A doubled quote does not close the literal. -1 if there is no closing
 * quote.
 */
function quotedEnd(sql: string, quote: string, from: number): number {
  let at = sql.indexOf(quote, from);
  while (at >= 0 && sql[at + 1] === quote) {
    at = sql.indexOf(quote, at + 2);
  }
  return at < 0 ? -1 : at + 1;
}

/** Like `quotedEnd`, for `E'…'` and `X'…'`: there, a backslash also escapes the next character. */
function escapedEnd(sql: string, from: number): number {
  const stops = /\\|''?/g;
  stops.lastIndex = from;
  for (let stop = stops.exec(sql); stop !== null; stop = stops.exec(sql)) {
    if (stop[0] === "'") {
      return stops.lastIndex;
    }
    stops.lastIndex += stop[0] === '\\' ? 1 : 0;
  }
  return -1;
}

/** The tokens of one statement. White space and comments are not tokens, except comments that the server runs. */
export class StatementTokens {
  readonly #sql: string;
  #at = 0;
  #isOver = false;
  #isAfterWord = false;

  constructor(sql: string) {
    this.#sql = sql;
  }

  /** The next token; undefined at the end of the SQL. */
  next(): StatementToken | undefined {
    if (this.#isOver) {
      return undefined;
    }
    const token = this.#skipSpace() ?? this.#token();
    this.#isOver = token === undefined || ['unclosed', 'unknown'].includes(token.kind);
    return token;
  }

  /**
   * Skips white space and comments. @returns A comment that is unclosed or that the server reads as code. Undefined if
   * there is none.
   */
  #skipSpace(): StatementToken | undefined {
    for (;;) {
      const start = this.#at;
      const space = this.#spaceAt(start);
      if (space !== undefined) {
        this.#at += space.length;
      } else if (this.#sql.startsWith('/*', start)) {
        const end = this.#commentEnd(start);
        if (end < 0) {
          return { kind: 'unclosed', raw: '/*', start };
        }
        this.#at = end;
        if (this.#sql[start + 2] === '!') {
          return { kind: 'code-comment', raw: '/*!', start };
        }
      } else {
        return undefined;
      }
      // The server accepts "._" only directly after a word, without white space or a comment between them.
      this.#isAfterWord = false;
    }
  }

  #spaceAt(start: number): string | undefined {
    const code = this.#sql.charCodeAt(start);
    if (code === HYPHEN) {
      return matchAt(LINE_COMMENT, this.#sql, start);
    }
    return code <= SPACE || code > 0x7f ? matchAt(WHITE_SPACE, this.#sql, start) : undefined;
  }

  #commentEnd(start: number): number {
    COMMENT_MARK.lastIndex = start;
    let open = 0;
    for (let mark = COMMENT_MARK.exec(this.#sql); mark !== null; mark = COMMENT_MARK.exec(this.#sql)) {
      open += mark[0] === '/*' ? 1 : -1;
      if (open === 0) {
        return COMMENT_MARK.lastIndex;
      }
    }
    return -1;
  }

  #token(): StatementToken | undefined {
    const sql = this.#sql;
    const start = this.#at;
    if (start >= sql.length) {
      return undefined;
    }
    // Most kinds of tokens are determined by the first character.
    if (ONE_CHARACTER.includes(sql[start])) {
      return this.#plain('symbol', sql[start]);
    }
    const opening = BEFORE_QUOTE.includes(sql[start]) ? matchAt(OPENING, sql, start) : undefined;
    if (opening !== undefined) {
      return this.#quoted(opening);
    }
    const word = wordAt(sql, start);
    if (word !== undefined) {
      return this.#plain('word', word);
    }
    if (sql[start] === '$') {
      return this.#dollar();
    }
    if (sql[start] === '.' && sql[start + 1] === '_' && !this.#isAfterWord) {
      return this.#unknown();
    }
    const literal = matchAt(NUMBER, sql, start) ?? matchAt(PLACEHOLDER, sql, start);
    if (literal !== undefined) {
      return this.#plain('literal', literal);
    }
    const symbol = matchAt(SYMBOL, sql, start);
    return symbol === undefined ? this.#unknown() : this.#plain('symbol', symbol);
  }

  #plain(kind: Kind, raw: string): StatementToken {
    const start = this.#at;
    this.#at += raw.length;
    this.#isAfterWord = kind === 'word' || kind === 'quoted-name';
    return { kind, raw, start };
  }

  #unknown(): StatementToken {
    const value = String.fromCodePoint(this.#sql.codePointAt(this.#at) ?? 0);
    return { kind: 'unknown', raw: value, start: this.#at };
  }

  #quoted(opening: string): StatementToken {
    const sql = this.#sql;
    const start = this.#at;
    const from = start + opening.length;
    const quote = opening[opening.length - 1];
    const prefix = opening.slice(0, -1).toUpperCase();
    // Servers of different versions read Q'[…]', and three quotes after R, differently.
    const isNew = prefix.endsWith('Q') || (prefix === 'R' && sql.startsWith(quote.repeat(2), from));
    if (isNew) {
      return this.#unknown();
    }
    const hasEscapes = prefix === 'E' || prefix === 'X';
    const end = hasEscapes ? escapedEnd(sql, from) : quotedEnd(sql, quote, from);
    if (end < 0) {
      return { kind: 'unclosed', raw: opening, start };
    }
    const kind = prefix !== '' ? 'literal' : quote === "'" ? 'string' : 'quoted-name';
    return this.#plain(kind, sql.slice(start, end));
  }

  /** `$$…$$` and `$tag$…$tag$`, or the placeholder `$1`. */
  #dollar(): StatementToken {
    const sql = this.#sql;
    const start = this.#at;
    const tag = matchAt(DOLLAR_TAG, sql, start) ?? '';
    if (sql[start + tag.length] !== '$') {
      return this.#plain('literal', tag);
    }
    const delimiter = `${tag}$`;
    if (delimiter.length > MAX_DELIMITER_CHARACTERS) {
      return this.#unknown();
    }
    const close = sql.indexOf(delimiter, start + delimiter.length);
    return close < 0
      ? { kind: 'unclosed', raw: delimiter, start }
      : this.#plain('literal', sql.slice(start, close + delimiter.length));
  }
}
