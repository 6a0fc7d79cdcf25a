/**
 * Rejects long chains of operators, such as 2,000 conditions with OR. The server parses a chain into an expression that
 * is as deep as the chain is long. A chain of 2,000 conditions, sums or casts overflows the stack of Micromegas 0.33.
 */
import { isSymbol, keywordOf, StatementError } from './statement-error';
import { type StatementToken } from './statement-tokens';

/** Maximum depth of the expression of a chain. Micromegas 0.33 evaluates 1,000 operators in about a second. */
export const MAX_CHAINED_OPERATORS = 1000;

/** Operators by precedence, the weakest first. All other symbols have the precedence of the last entry. */
const PRECEDENCES: ReadonlyArray<readonly string[]> = [
  ['UNION', 'EXCEPT', 'INTERSECT', 'MINUS'],
  ['OR', 'XOR'],
  ['AND'],
  ['NOT', 'IS', 'LIKE', 'ILIKE', 'SIMILAR', 'RLIKE', 'REGEXP', 'IN', 'BETWEEN', 'ISNULL', 'NOTNULL', 'OVERLAPS'],
  ['=', '<', '>', '<=', '>=', '<>', '!=', '==', '<=>'],
  ['+', '-', '|', '||', '&', '^', '#', '<<', '>>', '~'],
  ['*', '/', '%', 'DIV'],
  ['AT', 'COLLATE'],
];
const STRONGEST = PRECEDENCES.length - 1;
const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  PRECEDENCES.flatMap((operators, precedence) => operators.map((operator) => [operator, precedence] as const))
);
const WORDS = [...PRECEDENCE.keys()].filter((operator) => /[A-Z]/.test(operator));
/** Matches each operator of SQL, and other parts. No word boundaries: a digit may directly precede a word, `1OR`. */
export const OPERATOR = new RegExp(`[^\\w\\s,;()"']|${WORDS.join('|')}`, 'gi');

function precedenceOf(token: StatementToken): number | undefined {
  const word = keywordOf(token);
  if (word !== undefined) {
    return PRECEDENCE.get(word);
  }
  return token.kind === 'symbol' ? (PRECEDENCE.get(token.raw) ?? STRONGEST) : undefined;
}

/** The operators of the expression at one level of parentheses. */
export class OperatorChain {
  /** The number of open operators of each precedence. */
  readonly #counts = Array<number>(STRONGEST + 1).fill(0);

  /**
   * Reads the next token of this level, which may be an opening parenthesis.
   *
   * @throws {StatementError} `statement_too_large`
   */
  add(token: StatementToken): void {
    if (isSymbol(token, ',') || keywordOf(token) === 'SELECT') {
      this.#counts.fill(0, 1);
    } else if (!isSymbol(token, '(', '{', ';', '.')) {
      this.#count(token);
    }
  }

  #count(token: StatementToken): void {
    const precedence = precedenceOf(token);
    if (precedence === undefined) {
      return;
    }
    // A weaker operator ends the operands of stronger operators: their depths do not add up.
    this.#counts.fill(0, precedence + 1);
    this.#counts[precedence]++;
    if (this.#counts.reduce((sum, count) => sum + count, 0) > MAX_CHAINED_OPERATORS) {
      throw new StatementError(
        `An expression is a chain of more than ${MAX_CHAINED_OPERATORS.toLocaleString('en-US')} operators, such as OR or +.`,
        token.start,
        'Use IN with a list in place of OR, or split the query.',
        'statement_too_large'
      );
    }
  }
}
