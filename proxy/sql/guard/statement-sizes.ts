/**
 * Rejects sizes in a statement that make the server build millions of values or very long strings, for example
 * `repeat('a', 2000000000)`. Only numbers in the SQL count. Products, casts, columns and nested calls pass: the check
 * prevents accidents, and does not bound the cost of a statement.
 */
import { shownName } from '../../base/errors/foreign-string';
import { contentOf, isName, isSymbol, StatementError } from './statement-error';
import { type StatementToken } from './statement-tokens';

/** Maximum length of a string, or number of values, that numbers in a statement request from one function. */
export const MAX_REQUESTED_SIZE = 10_000_000;
/** Maximum depth of parentheses, brackets and braces. Micromegas 0.33 rejects more than 50 nested expressions. */
export const MAX_PARENTHESES = 300;

/** The second argument of these functions is a length or a count. */
const COUNTED_FUNCTIONS = ['repeat', 'lpad', 'rpad', 'array_repeat', 'list_repeat'];
/** These functions return a series of values. Arguments: `end`, or `start, end` with an optional `step`. */
const SERIES_FUNCTIONS = ['range', 'generate_series'];
/** The functions whose arguments are checked, as a part of a pattern. */
export const SIZED_FUNCTIONS = [...COUNTED_FUNCTIONS, ...SERIES_FUNCTIONS].join('|');

const NUMBER = /^(\d+(?:\.\d*)?(?:e[+-]?\d+)?)L?$/i;
const INTEGER = /^\d+L?$/;

/** An argument of a call while its tokens are read. */
interface Argument {
  /** The number that the argument consists of. Undefined: no token yet, or another expression. */
  value?: number | undefined;
  isInteger: boolean;
  sign: 1 | -1;
  tokens: number;
}

/** A level of parentheses. */
interface Call {
  /** The name before the parenthesis. Undefined for brackets, and for functions that are not checked. */
  name: StatementToken | undefined;
  arguments: Argument[];
}

const newArgument = (): Argument => ({ isInteger: false, sign: 1, tokens: 0 });

/** Adds a token to an argument. Its value stays defined only for a number with an optional sign. */
function addToken(argument: Argument, token: StatementToken): void {
  const isSign = argument.tokens === 0 && isSymbol(token, '-', '+');
  const digits = token.kind === 'literal' && argument.tokens === 0 ? NUMBER.exec(token.raw)?.[1] : undefined;
  if (isSign) {
    argument.sign = token.raw === '-' ? -1 : 1;
    return;
  }
  argument.tokens++;
  argument.value = digits === undefined ? undefined : argument.sign * Number(digits);
  argument.isInteger = digits !== undefined && INTEGER.test(token.raw);
}

/** Number of values of a series, or undefined if not all arguments are integers. */
function seriesLength(call: Argument[]): number | undefined {
  if (call.length > 3 || !call.every(({ isInteger, value }) => isInteger && value !== undefined)) {
    return undefined;
  }
  const [first = 0, second, step = 1] = call.map(({ value }) => value);
  return second === undefined ? first : (second - first) / step;
}

function requestedSize({ name, arguments: given }: Call): number | undefined {
  if (name === undefined) {
    return undefined;
  }
  const isSeries = SERIES_FUNCTIONS.includes(contentOf(name).toLowerCase());
  return isSeries ? seriesLength(given) : given[1]?.value;
}

const SIZED_FUNCTION = new RegExp(`^(?:${SIZED_FUNCTIONS})$`, 'iu');

/** The state of the check for one statement. Call `check` with all tokens in order. */
export class StatementSizes {
  readonly #calls: Call[] = [];

  /** @throws {StatementError} `statement_too_large` */
  check(token: StatementToken, previous: StatementToken | undefined): void {
    const call = this.#calls.at(-1);
    if (isSymbol(token, ')', ']', '}')) {
      this.#close();
      return;
    }
    if (isSymbol(token, ',')) {
      call?.arguments.push(newArgument());
      return;
    }
    const argument = call?.arguments.at(-1);
    if (argument !== undefined) {
      addToken(argument, token);
    }
    if (isSymbol(token, '(', '[', '{')) {
      this.#open(token, previous);
    }
  }

  #open(token: StatementToken, previous: StatementToken | undefined): void {
    if (this.#calls.length >= MAX_PARENTHESES) {
      throw new StatementError(
        `Parentheses are nested more than ${MAX_PARENTHESES} levels deep.`,
        token.start,
        'Nest fewer expressions, for example with WITH.',
        'statement_too_large'
      );
    }
    const isSized = isSymbol(token, '(') && isName(previous) && SIZED_FUNCTION.test(contentOf(previous));
    this.#calls.push({ name: isSized ? previous : undefined, arguments: isSized ? [newArgument()] : [] });
  }

  #close(): void {
    const call = this.#calls.pop();
    const size = call === undefined ? undefined : requestedSize(call);
    if (call?.name !== undefined && size !== undefined && size > MAX_REQUESTED_SIZE) {
      const [requested, most] = [Math.floor(size), MAX_REQUESTED_SIZE].map((count) => count.toLocaleString('en-US'));
      throw new StatementError(
        `${shownName(contentOf(call.name))} requests the size ${requested}; at most ${most} is allowed.`,
        call.name.start,
        undefined,
        'statement_too_large'
      );
    }
  }
}
