/**
 * Prepares SQL of the editor for the parser, and bounds it.
 *
 * The parser does not know Grafana's macros and variables, so each is replaced by a name of the same length. Then all
 * positions that the parser returns are positions in the author's text.
 *
 * The parser has no limit of its own for chains such as `a OR b OR c …`: it builds one level of the tree for each operator,
 * and crashes at about 1000 levels. `[1]` and `UNION` make levels too. Parentheses are limited by the parser itself.
 *
 * The parser has no limit of time either. It first reads words such as CAST with their own syntax, and if that fails, as names
 * or functions. So it reads what follows twice, and what is nested in n such constructs 2^n times.
 */
import { type SqlToken, isSqlWord, tokenizeSql } from '../sql-scan';

/** UTF-16 units. */
export const MAX_PARSED_CHARACTERS = 200_000;
/** A query of this size is parsed in about 25 ms, into a tree of about 10 MB. */
export const MAX_PARSED_TOKENS = 5_000;
/** Tokens that the parser reads at most, with repetitions. It reads about 300 tokens in a millisecond. */
export const MAX_TOKEN_READS = 40_000;
/** A SELECT has a large node in the tree, and takes as long as this number of tokens. */
const READS_OF_SELECT = 80;
/** Operators on the path from the root of the tree to a leaf. */
export const MAX_OPERATOR_DEPTH = 300;

export type InputProblem = 'too-long' | 'too-deep';

const SEPARATORS = new Set([',', ';']);
/** Words after which a new expression begins. */
const CLAUSES = ['select', 'from', 'where', 'having', 'on', 'by', 'limit', 'offset', 'when', 'then', 'else'];
/** Words that make one level of the tree each. */
const OPERATOR_WORDS =
  'and or not is in like ilike between similar union except intersect collate at overlaps div xor rlike regexp'.split(
    ' '
  );

function isOperator(token: SqlToken): boolean {
  return token.kind === 'symbol' ? !'(),;.'.includes(token.text) : isSqlWord(token, ...OPERATOR_WORDS);
}

/** One level of parentheses. */
interface Level {
  /** Operators since the last separator. */
  run: number;
  /** Largest depth of an expression of this level that has ended. */
  deepest: number;
  /** Operators since the start of the level that join statements, such as UNION. */
  unions: number;
}

/** An upper limit of the number of operators above each other. */
function operatorDepth(tokens: readonly SqlToken[]): number {
  const levels: Level[] = [{ run: 0, deepest: 0, unions: 0 }];
  const endRun = (level: Level) => {
    level.deepest = Math.max(level.deepest, level.run);
    level.run = 0;
  };
  const depthOf = (level: Level) => Math.max(level.deepest, level.run) + level.unions;
  for (const token of tokens) {
    const level = levels[levels.length - 1];
    if (token.text === '(') {
      levels.push({ run: 0, deepest: 0, unions: 0 });
    } else if (token.text === ')' && levels.length > 1) {
      levels.pop();
      const outer = levels[levels.length - 1];
      outer.run += depthOf(level);
    } else if (SEPARATORS.has(token.text) || isSqlWord(token, ...CLAUSES)) {
      endRun(level);
    } else if (isSqlWord(token, 'union', 'except', 'intersect')) {
      level.unions++;
    } else if (isOperator(token)) {
      level.run++;
    }
  }
  return levels.reduce((sum, level) => sum + depthOf(level), 0);
}

/** Words with a syntax of their own, after which an opening bracket begins a part that may be read twice. */
const SPECIAL_FUNCTIONS = new Set(
  (
    'cast try_cast safe_cast convert try_convert ceil floor substr substring overlay trim extract not array interval prior ' +
    'match connect_by_root exists current_date current_time current_timestamp localtime localtimestamp'
  ).split(' ')
);
/** Words that may also be names, so that the rest of the expression is read twice if an operator follows. */
const SPECIAL_OPERATORS = ['not', 'interval', 'prior', 'connect_by_root', 'match'];

/** How often the parser reads the content of a bracket, at most, in proportion to what is before it. */
function repetitions(before: SqlToken | undefined): number {
  if (isSqlWord(before, 'position')) {
    return 4;
  }
  return before?.kind === 'word' && SPECIAL_FUNCTIONS.has(before.text.toLowerCase()) ? 2 : 1;
}

/** True for a token after which an operator may follow. */
function endsOperand(token: SqlToken | undefined): boolean {
  switch (token?.kind) {
    case undefined:
      return false;
    case 'symbol':
      return token.text === ')' || token.text === ']';
    case 'word':
      return !isSqlWord(token, ...CLAUSES, ...OPERATOR_WORDS);
    default:
      return true;
  }
}

/** True if the rest of the expression may be read twice. */
function isAmbiguous(token: SqlToken, before: SqlToken | undefined, next: SqlToken | undefined): boolean {
  if (next === undefined || !isSqlWord(token, ...SPECIAL_OPERATORS)) {
    return false;
  }
  const isNot = isSqlWord(token, 'not');
  if (isNot && endsOperand(before)) {
    return false;
  }
  const isBracket = next.text === '(' || next.text === '[';
  const isValue = next.kind !== 'symbol' && (next.kind !== 'word' || isNot);
  return !isBracket && (!isValue || isSqlWord(next, ...OPERATOR_WORDS));
}

/** A bracket, or the part from CASE to END. */
interface Part {
  isCase: boolean;
  /** How often its tokens are read. */
  reads: number;
  /** The same for its current expression. */
  expressionReads: number;
}

/** An upper limit of the number of tokens that the parser reads. Stops at `max`. */
function tokenReads(tokens: readonly SqlToken[], max: number): number {
  const parts: Part[] = [{ isCase: false, reads: 1, expressionReads: 1 }];
  const open = (isCase: boolean, factor: number) => {
    const reads = parts[parts.length - 1].expressionReads * factor;
    parts.push({ isCase, reads, expressionReads: reads });
  };
  const closeCases = () => {
    while (parts[parts.length - 1].isCase) {
      parts.pop();
    }
  };
  let total = 0;
  for (let index = 0; index < tokens.length && total <= max; index++) {
    const token = tokens[index];
    if (token.text === '(' || token.text === '[') {
      open(false, repetitions(tokens[index - 1]));
    } else if (token.text === ')' || token.text === ']') {
      closeCases();
      parts.splice(Math.max(parts.length - 1, 1));
    } else if (SEPARATORS.has(token.text)) {
      closeCases();
      parts[parts.length - 1].expressionReads = parts[parts.length - 1].reads;
    } else if (isSqlWord(token, 'case')) {
      open(true, 2);
    } else if (isSqlWord(token, 'end') && parts[parts.length - 1].isCase) {
      parts.pop();
    } else if (isAmbiguous(token, tokens[index - 1], tokens[index + 1])) {
      parts[parts.length - 1].expressionReads *= 2;
    }
    total += parts[parts.length - 1].expressionReads * (isSqlWord(token, 'select') ? READS_OF_SELECT : 1);
  }
  return total;
}

/** A name of the same length. All characters are ASCII, so that positions stay the same. */
function nameFor(text: string): string {
  return '_'.repeat(text.length);
}

/** Characters of a name in a placeholder that stay, so that parser messages remain readable. */
function placeholderName(text: string): string {
  return text.replace(/\W/g, '_');
}

/** Grafana's third notation for variables, `[[name]]`. */
const BRACKETS = /\[\[\w+(?::\w+)?\]\]/y;
/** An interval without quotes, as in `$__timeGroup(time, 5m)`. */
const INTERVAL = /^\d+$/;

/**
 * The text for the parser, with the length of `sql`.
 *
 * @param sql As the author wrote it.
 */
export function parserInput(sql: string): { text: string } | { problem: InputProblem } {
  if (sql.length > MAX_PARSED_CHARACTERS) {
    return { problem: 'too-long' };
  }
  const tokens = tokenizeSql(sql);
  if (tokens.length > MAX_PARSED_TOKENS) {
    return { problem: 'too-long' };
  }
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  if (operatorDepth(code) > MAX_OPERATOR_DEPTH || tokenReads(code, MAX_TOKEN_READS) > MAX_TOKEN_READS) {
    return { problem: 'too-deep' };
  }
  const parts: string[] = [];
  let end = 0;
  const replace = (start: number, length: number, text: string) => {
    parts.push(sql.slice(end, start), text);
    end = start + length;
  };
  tokens.forEach((token, index) => {
    if (token.start < end) {
      return;
    }
    BRACKETS.lastIndex = token.start;
    const brackets = token.text === '[' ? BRACKETS.exec(sql) : null;
    if (brackets !== null) {
      replace(token.start, brackets[0].length, nameFor(brackets[0]));
    } else if (token.kind === 'placeholder') {
      replace(token.start, token.text.length, placeholderName(token.text));
    } else if (isInterval(token, tokens[index + 1])) {
      replace(token.start, token.text.length, nameFor(token.text));
    }
  });
  parts.push(sql.slice(end));
  return { text: parts.join('') };
}

/** True for the number of `5m`. */
function isInterval(token: SqlToken, next: SqlToken | undefined): boolean {
  return INTERVAL.test(token.text) && next?.kind === 'word' && next.start === token.end;
}
