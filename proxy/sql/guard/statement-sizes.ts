/**
 * Rejects sizes in a statement that make the server build millions of values or very long strings, for example
 * `repeat('a', 2000000000)`. Only numbers in the SQL and their products count. Casts, columns and nested calls pass:
 * the check prevents accidents, and does not bound the cost of a statement.
 */
import { shownName } from '../../base/errors/foreign-string';
import { contentOf, isName, isSymbol, StatementError } from './statement-error';
import { type StatementToken } from './statement-tokens';

/** Maximum length of a string, or number of values, that numbers in a statement request from one function. */
export const MAX_REQUESTED_SIZE = 10_000_000;
/**
 * The same for a function that may be computed for each row. Micromegas computes 8192 rows at a time. With 100,000
 * characters for each row, the process took 6.7 GB, and the query of another user waited for half a minute.
 */
export const MAX_SIZE_OF_ROW = 10_000;

/** The second argument of these functions is a length or a count. */
const COUNTED_FUNCTIONS = ['repeat', 'lpad', 'rpad', 'array_repeat', 'list_repeat'];
/** These functions return a series of values. Arguments: `end`, or `start, end` with an optional `step`. */
const SERIES_FUNCTIONS = ['range', 'generate_series'];
/** The functions whose arguments are checked, as a part of a pattern. */
export const SIZED_FUNCTIONS = [...COUNTED_FUNCTIONS, ...SERIES_FUNCTIONS].join('|');

const NUMBER = /^(\d+(?:\.\d*)?(?:e[+-]?\d+)?)L?$/i;
const INTEGER = /^\d+L?$/;

/** An argument of a call: a number or a product of numbers, such as `1000 * -1000`, or another expression. */
class Argument {
  #product: number | undefined = 1;
  #expectsFactor = true;
  isInteger = true;
  /** True if the argument has a name. It may be a column, whose value differs from row to row. */
  hasName = false;

  /** The number, or undefined for another expression. */
  get value(): number | undefined {
    return this.#expectsFactor ? undefined : this.#product;
  }

  add(token: StatementToken): void {
    this.hasName ||= token.kind === 'word' || token.kind === 'quoted-name';
    const digits = token.kind === 'literal' && this.#expectsFactor ? NUMBER.exec(token.raw)?.[1] : undefined;
    if (this.#product === undefined || (this.#expectsFactor && isSymbol(token, '+'))) {
      return;
    }
    if (digits !== undefined) {
      this.#product *= Number(digits);
      this.isInteger &&= INTEGER.test(token.raw);
      this.#expectsFactor = false;
    } else if (this.#expectsFactor && isSymbol(token, '-')) {
      this.#product = -this.#product;
    } else if (!this.#expectsFactor && isSymbol(token, '*')) {
      this.#expectsFactor = true;
    } else {
      this.#product = undefined;
    }
  }
}

/** Number of values of a series, or undefined if not all arguments are integers. */
function seriesLength(call: readonly Argument[]): number | undefined {
  if (call.length > 3 || !call.every(({ isInteger, value }) => isInteger && value !== undefined)) {
    return undefined;
  }
  const [first = 0, second, step = 1] = call.map(({ value }) => value);
  return second === undefined ? first : (second - first) / step;
}

const SIZED_FUNCTION = new RegExp(`^(?:${SIZED_FUNCTIONS})$`, 'iu');

/** The arguments of a call of one of the functions. */
export class SizedCall {
  readonly #function: StatementToken;
  readonly #arguments = [new Argument()];

  private constructor(name: StatementToken) {
    this.#function = name;
  }

  /**
   * @param opening The opening parenthesis, bracket or brace.
   * @returns Undefined if this is no call of one of the functions.
   */
  static start(opening: StatementToken, previous: StatementToken | undefined): SizedCall | undefined {
    const isSized = isSymbol(opening, '(') && isName(previous) && SIZED_FUNCTION.test(contentOf(previous));
    return isSized ? new SizedCall(previous) : undefined;
  }

  /** Reads the next token of this level, which may be an opening parenthesis. */
  add(token: StatementToken): void {
    if (isSymbol(token, ',')) {
      this.#arguments.push(new Argument());
    } else {
      this.#arguments.at(-1)?.add(token);
    }
  }

  /**
   * Ends the arguments.
   *
   * @throws {StatementError} `statement_too_large`
   */
  close(): void {
    const name = contentOf(this.#function);
    const isSeries = SERIES_FUNCTIONS.includes(name.toLowerCase());
    const size = isSeries ? seriesLength(this.#arguments) : this.#arguments[1]?.value;
    const isOfRow = !isSeries && this.#arguments.some(({ hasName }) => hasName);
    const limit = isOfRow ? MAX_SIZE_OF_ROW : MAX_REQUESTED_SIZE;
    if (size !== undefined && size > limit) {
      const [requested, most] = [Math.floor(size), limit].map((count) => count.toLocaleString('en-US'));
      const place = isOfRow ? ' for each row' : '';
      throw new StatementError(
        `${shownName(name)} requests the size ${requested}${place}; at most ${most} is allowed.`,
        this.#function.start,
        undefined,
        'statement_too_large'
      );
    }
  }
}
