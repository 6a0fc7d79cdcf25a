/**
 * Estimates how long the parser takes for a statement.
 *
 * The parser has no time limit. If a construct is ambiguous, the parser tries one interpretation after the other, and
 * reads the tokens of the construct twice. So the parser reads the tokens inside of n nested constructs 2^n times.
 * Ambiguous constructs are:
 *
 * - words with a syntax of their own, such as CAST, which may also be names or functions,
 * - a bracket after FROM: a subquery or a join,
 * - a bracket after IN: a subquery or a list.
 *
 * The parser is the Rust crate `sqlparser` 0.62 with its generic dialect.
 */
import { isSqlWord, type SqlToken } from './sql-scan';

/** Cost of a SELECT without its clauses, in tokens. */
const SELECT_COST_TOKENS = 8;
/**
 * Cost of copying the tree node of a SELECT, in tokens. Added once for each SELECT: the parser may read the SELECT
 * several times, but copies only the last reading.
 */
const SELECT_COPY_TOKENS = 72;
/**
 * Number of white space characters that cost as much as one token. The parser skips white space whenever it looks at
 * the next token.
 */
const SPACES_PER_TOKEN = 50;

/** Words after which a new expression begins. */
export const EXPRESSION_STARTS = [
  'select',
  'from',
  'where',
  'having',
  'on',
  'by',
  'limit',
  'offset',
  'when',
  'then',
  'else',
];
/** Words that each add one level to the syntax tree. */
export const OPERATOR_WORDS =
  'and or not is in like ilike between similar union except intersect collate at overlaps div xor rlike regexp'.split(
    ' '
  );

/** Words after which the content of a bracket may be read twice. */
const SPECIAL_FUNCTIONS = new Set(
  (
    'cast try_cast safe_cast convert try_convert ceil floor substr substring overlay trim extract not array interval prior ' +
    'match connect_by_root exists in limit value current_date current_time current_timestamp localtime localtimestamp'
  ).split(' ')
);
/** Words after which an opening bracket may begin a subquery or a join. */
const TABLE_WORDS = ['from', 'join', 'straight_join', 'apply', 'using', 'update', 'into'];
/**
 * Operators that may also be names. If another operator follows, the parser reads the rest of the expression once for
 * each meaning.
 */
const SPECIAL_OPERATORS = ['not', 'interval', 'prior', 'connect_by_root', 'match'];

/** True for a token after which an operator may follow. */
function endsOperand(token: SqlToken | undefined): boolean {
  switch (token?.kind) {
    case undefined:
      return false;
    case 'symbol':
      return token.raw === ')' || token.raw === ']';
    case 'word':
      return !isSqlWord(token, ...EXPRESSION_STARTS, ...OPERATOR_WORDS);
    default:
      return true;
  }
}

/** True if the parser may read the expression after the token twice. */
function isAmbiguous(token: SqlToken, before: SqlToken | undefined, next: SqlToken | undefined): boolean {
  if (next === undefined || !isSqlWord(token, ...SPECIAL_OPERATORS)) {
    return false;
  }
  const isNot = isSqlWord(token, 'not');
  if (isNot && endsOperand(before)) {
    return false;
  }
  const isBracket = next.raw === '(' || next.raw === '[';
  const isValue = next.kind !== 'symbol' && (next.kind !== 'word' || isNot);
  return !isBracket && (!isValue || isSqlWord(next, ...OPERATOR_WORDS));
}

/** The content of a bracket, or of `CASE … END`. */
interface Part {
  isCase: boolean;
  /** Number of times that the part is read. */
  reads: number;
  /** Number of times that the tokens of the current expression are read. */
  expressionReads: number;
  /**
   * Factor for the current name, such as `a.b.c`. The factor doubles at each dot: if the tokens after a dot are not a
   * name, the parser reads them again.
   */
  nameReads: number;
  /** True for a bracket around tables, as in `FROM (a JOIN b)`. */
  isTable: boolean;
  /** True after FROM, where a comma separates tables. */
  hasTables: boolean;
}

/** True if a bracket after the token may begin a subquery or a join. */
function isTablePlace(before: SqlToken | undefined, { isTable, hasTables }: Part): boolean {
  switch (before?.raw) {
    case '(':
      return isTable;
    case ',':
      return hasTables;
    default:
      return isSqlWord(before, ...TABLE_WORDS);
  }
}

/**
 * Maximum number of times that the parser reads the content of a bracket each time it reads the token before the
 * bracket.
 */
function repetitions(before: SqlToken | undefined, isTable: boolean): number {
  if (isSqlWord(before, 'position')) {
    return 4;
  }
  return isTable || (before?.kind === 'word' && SPECIAL_FUNCTIONS.has(before.raw.toLowerCase())) ? 2 : 1;
}

/** Counts how often the parser reads each token. */
class ReadCounter {
  readonly #parts: Part[] = [];

  constructor() {
    this.#open({ factor: 1 });
  }

  /** Number of times that the token is read. @param before The token before it. @param next The token after it. */
  readsOf(token: SqlToken, before: SqlToken | undefined, next: SqlToken | undefined): number {
    this.#enter(token, before, next);
    const { expressionReads, nameReads } = this.#current;
    return expressionReads * nameReads;
  }

  get #current(): Part {
    return this.#parts[this.#parts.length - 1];
  }

  #open({ factor, isCase = false, isTable = false }: { factor: number; isCase?: boolean; isTable?: boolean }): void {
    const { expressionReads = 1, nameReads = 1 } = this.#parts.at(-1) ?? {};
    const reads = expressionReads * nameReads * factor;
    this.#parts.push({ isCase, reads, expressionReads: reads, nameReads: 1, isTable, hasTables: false });
  }

  #close(): void {
    this.#closeCases();
    this.#parts.splice(Math.max(this.#parts.length - 1, 1));
  }

  #closeCases(): void {
    while (this.#current.isCase) {
      this.#parts.pop();
    }
  }

  #enter(token: SqlToken, before: SqlToken | undefined, next: SqlToken | undefined): void {
    switch (token.raw) {
      case '(':
      case '[': {
        const isTable = isTablePlace(before, this.#current);
        return this.#open({ factor: repetitions(before, isTable), isTable });
      }
      case ')':
      case ']':
        return this.#close();
      case '.':
        this.#current.nameReads *= 2;
        return;
      case ',':
      case ';':
        this.#closeCases();
        this.#current.expressionReads = this.#current.reads;
    }
    if (before?.raw !== '.') {
      this.#current.nameReads = 1;
    }
    if (isSqlWord(token, 'case')) {
      this.#open({ factor: 2, isCase: true });
    } else if (isSqlWord(token, 'end') && this.#current.isCase) {
      this.#parts.pop();
    } else if (isSqlWord(token, ...TABLE_WORDS)) {
      this.#current.hasTables = true;
    } else if (isAmbiguous(token, before, next)) {
      this.#current.expressionReads *= 2;
    }
  }
}

/**
 * An upper limit of the number of tokens that the parser reads, with repetitions.
 *
 * @param tokens Without comments, which count as white space.
 * @param length Length of the SQL in UTF-16 units.
 * @param max    Counting stops when the total exceeds `max`. The result is then any number above `max`.
 */
export function tokenReads(tokens: readonly SqlToken[], length: number, max: number): number {
  const counter = new ReadCounter();
  let total = 0;
  for (let index = 0; index < tokens.length && total <= max; index++) {
    const token = tokens[index];
    const next = tokens[index + 1];
    const isSelect = isSqlWord(token, 'select');
    const spaces = (next?.start ?? length) - token.end;
    const cost = (isSelect ? SELECT_COST_TOKENS : 1) + Math.floor(spaces / SPACES_PER_TOKEN);
    total += counter.readsOf(token, tokens[index - 1], next) * cost + (isSelect ? SELECT_COPY_TOKENS : 0);
  }
  return total;
}
