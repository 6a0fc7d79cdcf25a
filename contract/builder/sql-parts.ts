/**
 * Splits SQL into the parts that the builder writes: clauses, items and conditions. A split may be wrong, because this
 * file does not parse SQL. So `readBuilderSql` writes SQL from the parts, and rejects the parts if this SQL has another
 * meaning than the author's SQL.
 */
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../sql/sql-scan';

/** Consecutive tokens, and the SQL that they come from. */
export class SqlPart {
  readonly tokens: readonly SqlToken[];
  readonly #sql: string;

  constructor(sql: string, tokens: readonly SqlToken[]) {
    this.#sql = sql;
    this.tokens = tokens;
  }

  /** The SQL of the tokens, as the author wrote it. */
  get sql(): string {
    const { tokens } = this;
    return tokens.length === 0 ? '' : this.#sql.slice(tokens[0].start, tokens[tokens.length - 1].end);
  }

  /** The part without the semicolons at its end. */
  get statement(): SqlPart {
    return this.slice(0, this.tokens.findLastIndex(({ raw }) => raw !== ';') + 1);
  }

  slice(start: number, end?: number): SqlPart {
    return new SqlPart(this.#sql, this.tokens.slice(start, end));
  }

  isWordAt(index: number, ...words: string[]): boolean {
    return isSqlWord(this.tokens[index], ...words);
  }

  /** True if each parenthesis and bracket is closed. */
  get isBalanced(): boolean {
    let depth = 0;
    return this.tokens.every((token) => (depth += depthChange(token)) >= 0) && depth === 0;
  }

  /** The content of the parentheses, if one pair encloses the whole part. Else undefined. */
  get inParentheses(): SqlPart | undefined {
    let depth = 0;
    for (const [index, token] of this.tokens.entries()) {
      depth += depthChange(token);
      if (depth === 0) {
        return index > 0 && index === this.tokens.length - 1 ? this.slice(1, -1) : undefined;
      }
    }
    return undefined;
  }

  /**
   * True if the parts have the same tokens. The layout, the letter case of words and quotes around names are ignored.
   */
  equals({ tokens }: SqlPart): boolean {
    return tokens.length === this.tokens.length && tokens.every((token, index) => isSame(token, this.tokens[index]));
  }

  /** True if the part equals the tokens of `sql`, see `equals`. */
  matches(sql: string): boolean {
    const other = partOf(sql);
    return other !== undefined && this.equals(other);
  }
}

function isSame(left: SqlToken, right: SqlToken): boolean {
  const kind = (token: SqlToken) => (token.kind === 'quoted-name' ? 'word' : token.kind);
  return kind(left) === kind(right) && sqlTokenValue(left) === sqlTokenValue(right);
}

function depthChange({ raw }: SqlToken): number {
  return raw === '(' || raw === '[' ? 1 : raw === ')' || raw === ']' ? -1 : 0;
}

const OPERATORS: readonly string[] = ['<=', '>=', '!=', '<>', '!~', '::', '||'];

/**
 * Merges the tokens of an operator (`<` `=`) or of `[[name]]` into one token. Undefined if something else begins at
 * `index`.
 */
function mergedToken(sql: string, tokens: readonly SqlToken[], index: number): SqlToken | undefined {
  const token = tokens[index];
  const next = tokens[index + 1];
  const last = tokens[index + 4];
  if (token.raw === '[' && next?.raw === '[' && tokens[index + 3]?.raw === ']' && last?.raw === ']') {
    return { ...token, kind: 'placeholder', raw: sql.slice(token.start, last.end), end: last.end };
  }
  if (next?.start === token.end && OPERATORS.includes(token.raw + next.raw)) {
    const merged = token.raw + next.raw;
    return { ...token, raw: merged === '<>' ? '!=' : merged, end: next.end };
  }
  return undefined;
}

/** The tokens of the SQL. Undefined for a comment or an unterminated string, which the builder cannot keep. */
export function partOf(sql: string): SqlPart | undefined {
  const tokens = tokenizeSql(sql);
  if (tokens.some(({ kind, isClosed }) => kind === 'comment' || !isClosed)) {
    return undefined;
  }
  const result: SqlToken[] = [];
  let end = 0;
  tokens.forEach((token, index) => {
    if (token.start >= end) {
      const whole = mergedToken(sql, tokens, index) ?? token;
      result.push(whole);
      end = whole.end;
    }
  });
  return new SqlPart(sql, result);
}

/** Splits at separators outside of parentheses and brackets. */
function splitAt(part: SqlPart, isSeparator: (token: SqlToken, index: number) => boolean): SqlPart[] {
  const parts: SqlPart[] = [];
  let depth = 0;
  let start = 0;
  part.tokens.forEach((token, index) => {
    depth += depthChange(token);
    if (depth === 0 && isSeparator(token, index)) {
      parts.push(part.slice(start, index));
      start = index + 1;
    }
  });
  return [...parts, part.slice(start)];
}

/** The items between the commas outside of parentheses. Empty for an empty part. */
export function itemsOf(part: SqlPart): SqlPart[] {
  return part.tokens.length === 0 ? [] : splitAt(part, ({ raw }) => raw === ',');
}

/** The operands of OR and XOR. If there is no OR or XOR outside of parentheses, the whole part. */
export function alternativesOf(part: SqlPart): SqlPart[] {
  return splitAt(part, (token) => isSqlWord(token, 'or', 'xor'));
}

/** True if IS DISTINCT FROM or IS NOT DISTINCT FROM is outside of parentheses and brackets. */
export function hasDistinctFrom(part: SqlPart): boolean {
  const parts = splitAt(
    part,
    (_token, index) =>
      part.isWordAt(index - 1, 'is', 'not') && part.isWordAt(index, 'distinct') && part.isWordAt(index + 1, 'from')
  );
  return parts.length > 1;
}

/** The operands of AND. If AND is not the outermost operator, the whole part. Empty for an empty part. */
export function conjunctsOf(part: SqlPart): SqlPart[] {
  if (part.tokens.length === 0) {
    return [];
  }
  if (alternativesOf(part).length > 1) {
    return [part];
  }
  let openBetweens = 0;
  let cases = 0;
  return splitAt(part, (token) => {
    openBetweens += isSqlWord(token, 'between') ? 1 : 0;
    cases += isSqlWord(token, 'case') ? 1 : isSqlWord(token, 'end') && cases > 0 ? -1 : 0;
    if (!isSqlWord(token, 'and') || cases > 0) {
      return false;
    }
    // The first AND after BETWEEN belongs to BETWEEN.
    openBetweens -= 1;
    const separates = openBetweens < 0;
    openBetweens = Math.max(openBetweens, 0);
    return separates;
  });
}

/** Clauses in their order. `group` and `order` are followed by `by`. */
const CLAUSES = ['select', 'from', 'where', 'window', 'group', 'order', 'limit'] as const;

type Clause = (typeof CLAUSES)[number];

/** The first words of the clauses that the builder never writes. */
const OTHER_CLAUSES = 'union except intersect having qualify offset fetch for join sort cluster distribute into'.split(
  ' '
);

/**
 * The clauses of a SELECT, without their keywords. Undefined if FROM is missing, or if a word is in `OTHER_CLAUSES`.
 */
export function clausesOf(part: SqlPart): Readonly<Record<Clause, SqlPart>> | undefined {
  const starts = new Map<Clause, number>();
  let depth = 0;
  let stage = 0;
  for (const [position, token] of part.tokens.entries()) {
    depth += depthChange(token);
    if (depth !== 0) {
      continue;
    }
    if (isSqlWord(token, ...OTHER_CLAUSES)) {
      return undefined;
    }
    const clause = CLAUSES.findIndex((word, index) => index >= stage && isSqlWord(token, word));
    if (clause >= 0) {
      starts.set(CLAUSES[clause], position);
      stage = clause + 1;
    }
  }
  return starts.get('select') === 0 && starts.has('from') ? sliced(part, [...starts]) : undefined;
}

function sliced(part: SqlPart, starts: ReadonlyArray<[Clause, number]>): Record<Clause, SqlPart> | undefined {
  const empty = part.slice(0, 0);
  const result = { select: empty, from: empty, where: empty, window: empty, group: empty, order: empty, limit: empty };
  for (const [index, [clause, start]] of starts.entries()) {
    const hasBy = clause === 'group' || clause === 'order';
    if (hasBy && !part.isWordAt(start + 1, 'by')) {
      return undefined;
    }
    result[clause] = part.slice(start + (hasBy ? 2 : 1), starts[index + 1]?.[1]);
  }
  return result;
}
