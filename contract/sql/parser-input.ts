/**
 * Prepares the author's SQL for the parser, and rejects SQL for which the parser would take too long or crash.
 *
 * The parser does not know Grafana's macros and variables, so a name of the same length replaces each of them. All
 * positions that the parser returns are then also positions in the author's SQL.
 *
 * The parser has no limit for chains such as `a OR b OR c …`: each operator adds a level to the syntax tree, and the
 * parser crashes at about 1000 levels. `[1]` and `UNION` also add levels. For nested parentheses, the parser has its
 * own limit. The parser has no time limit, see `parser-cost.ts`.
 */
import { isSqlWord, type SqlToken, tokenizeSql } from './sql-scan';
import { EXPRESSION_STARTS, OPERATOR_WORDS, tokenReads } from './parser-cost';

/** Maximum length of SQL that is parsed, in UTF-16 units. */
export const MAX_PARSED_CHARACTERS = 200_000;
/**
 * Maximum number of tokens of SQL that is parsed. At this size, parsing takes about 25 ms, and the tree about 10 MB.
 */
export const MAX_PARSED_TOKENS = 5_000;
/**
 * Maximum number of token reads. The parser may read a token several times, and reads about 300 tokens per millisecond.
 */
export const MAX_TOKEN_READS = 40_000;
/** Maximum number of operators on a path from the root of the tree to a leaf. */
export const MAX_OPERATOR_DEPTH = 300;

export type InputProblem = 'too-long' | 'too-deep';

const SEPARATORS = new Set([',', ';']);
function isOperator(token: SqlToken): boolean {
  return token.kind === 'symbol' ? !'(),;.'.includes(token.raw) : isSqlWord(token, ...OPERATOR_WORDS);
}

/** One level of parentheses. */
interface Level {
  /** Operators since the last separator. */
  run: number;
  /** Largest depth of the completed expressions of this level. */
  deepest: number;
  /** Number of set operators, such as UNION, since the start of the level. */
  unions: number;
}

/** Estimates the nesting depth of operators. The real depth is never larger. */
function operatorDepth(tokens: readonly SqlToken[]): number {
  const levels: Level[] = [{ run: 0, deepest: 0, unions: 0 }];
  const endRun = (level: Level) => {
    level.deepest = Math.max(level.deepest, level.run);
    level.run = 0;
  };
  const depthOf = (level: Level) => Math.max(level.deepest, level.run) + level.unions;
  for (const token of tokens) {
    const level = levels[levels.length - 1];
    if (token.raw === '(') {
      levels.push({ run: 0, deepest: 0, unions: 0 });
    } else if (token.raw === ')' && levels.length > 1) {
      levels.pop();
      const outer = levels[levels.length - 1];
      outer.run += depthOf(level);
    } else if (SEPARATORS.has(token.raw) || isSqlWord(token, ...EXPRESSION_STARTS)) {
      endRun(level);
    } else if (isSqlWord(token, 'union', 'except', 'intersect')) {
      level.unions++;
    } else if (isOperator(token)) {
      level.run++;
    }
  }
  return levels.reduce((sum, level) => sum + depthOf(level), 0);
}

/**
 * Matches the last character of a word directly before a quote. The word is the prefix of a string, as in `X'00'`, or a
 * name.
 */
const STRING_PREFIX = /[\p{L}\p{N}_$@#&]$/u;
/** The prefix of `E'…'`, which `tokenizeSql` and the parser read in the same way. */
const ESCAPE_PREFIX = /(?:^|[^\p{L}\p{N}_$@#&])[eE]$/u;
/** A character that forms an operator with the first character of a comment, such as `@-` and `|/`. */
const OPERATOR_START = /[@#?<>|&^~!:]$/;
/**
 * Characters that a name cannot contain. Directly after `@` or `#`, the parser still reads them as a part of the name.
 */
const NO_NAME = /['"`()[\]{},;.$]/;

/**
 * True for a token whose start or end may differ between the parser and `tokenizeSql`. The estimate of the parser's
 * time may then miss code that the parser reads. Examples: `Q'[…]'`, `R'''…'''`, `X'…\'`, and comments with a hint,
 * which contain code.
 */
function mayContainCode({ kind, raw, start, end }: SqlToken, sql: string): boolean {
  const before = sql.slice(Math.max(0, start - 2), start);
  switch (kind) {
    case 'symbol':
      return '@#'.includes(raw) && NO_NAME.test(sql.charAt(end));
    case 'comment':
      return raw.startsWith('/*!') || OPERATOR_START.test(before);
    case 'string':
    case 'quoted-name':
      return (
        STRING_PREFIX.test(before) &&
        !ESCAPE_PREFIX.test(before) &&
        (/[qQ]$/.test(before) ||
          raw.startsWith('$') ||
          (raw.includes('\\') && !/[rRbBnN]$/.test(before)) ||
          /^(?:'''|""")/.test(raw))
      );
    default:
      return false;
  }
}

/** A Grafana variable in the notation `[[name]]`. */
const BRACKETS = /\[\[\w+(?::\w+)?\]\]/y;
/** The number of an interval without quotes, as in `$__timeGroup(time, 5m)`. */
const INTERVAL = /^\d+$/;

/** A part of the SQL that the parser does not know: a macro, a variable, or the number of an interval. */
interface ReplacedPart {
  start: number;
  raw: string;
}

/** The parts of the SQL that are replaced by names for the parser, in ascending order. */
export function replacedParts(sql: string, tokens: readonly SqlToken[] = tokenizeSql(sql)): ReplacedPart[] {
  const parts: ReplacedPart[] = [];
  let end = 0;
  tokens.forEach((token, index) => {
    if (token.start < end) {
      return;
    }
    BRACKETS.lastIndex = token.start;
    const brackets = token.raw === '[' ? BRACKETS.exec(sql)?.[0] : undefined;
    const isReplaced = token.kind === 'placeholder' || isInterval(token, tokens[index + 1]);
    const raw = brackets ?? (isReplaced ? token.raw : undefined);
    if (raw !== undefined) {
      parts.push({ start: token.start, raw });
      end = token.start + raw.length;
    }
  });
  return parts;
}

/**
 * A name of the same length, in ASCII, so that positions stay the same. The name keeps the letters of a macro or
 * variable, so that messages of the parser remain readable.
 */
function nameFor(raw: string): string {
  return INTERVAL.test(raw) ? '_'.repeat(raw.length) : raw.replace(/\W/g, '_');
}

/**
 * The SQL for the parser, in which names of the same length replace macros and variables. If the SQL must not be
 * parsed, the problem.
 *
 * @param sql As the author wrote it.
 */
export function parserInput(sql: string): { sql: string } | { problem: InputProblem } {
  if (sql.length > MAX_PARSED_CHARACTERS) {
    return { problem: 'too-long' };
  }
  const tokens = tokenizeSql(sql);
  if (tokens.length > MAX_PARSED_TOKENS) {
    return { problem: 'too-long' };
  }
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  if (
    tokens.some((token) => mayContainCode(token, sql)) ||
    operatorDepth(code) > MAX_OPERATOR_DEPTH ||
    tokenReads(code, sql.length, MAX_TOKEN_READS) > MAX_TOKEN_READS
  ) {
    return { problem: 'too-deep' };
  }
  const parts: string[] = [];
  let end = 0;
  for (const { start, raw } of replacedParts(sql, tokens)) {
    parts.push(sql.slice(end, start), nameFor(raw));
    end = start + raw.length;
  }
  parts.push(sql.slice(end));
  return { sql: parts.join('') };
}

/**
 * Estimates how often the parser reads a token of the SQL. The real number is never larger. The parser may read a token
 * several times, and the time that it takes is proportional to the number of reads.
 *
 * @returns Infinity for SQL that is not parsed.
 */
export function parserReads(sql: string): number {
  if ('problem' in parserInput(sql)) {
    return Infinity;
  }
  const code = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  return tokenReads(code, sql.length, MAX_TOKEN_READS);
}

/** True for the token `5` of an interval such as `5m`. */
function isInterval(token: SqlToken, next: SqlToken | undefined): boolean {
  return INTERVAL.test(token.raw) && next?.kind === 'word' && next.start === token.end;
}
