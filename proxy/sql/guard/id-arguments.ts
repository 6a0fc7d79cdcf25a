/**
 * Checks ids in the arguments of table functions. Servers before 0.30 write these arguments into SQL without doubling
 * quotes, so an argument with a quote would run as SQL. Newer servers accept only UUIDs.
 */
import { contentOf, isName, isSymbol, StatementError } from './statement-error';
import { type StatementToken } from './statement-tokens';

/** The first argument of these functions is the id of a process or block. */
export const ID_FUNCTIONS = ['process_spans', 'perfetto_trace_chunks', 'parse_block'].join('|');

const ID_FUNCTION = new RegExp(`^(?:${ID_FUNCTIONS})$`, 'iu');

/**
 * The state after a token. `name`: the token belongs to the name of a function of `ID_FUNCTIONS`, and the next token
 * may be the `(` of its arguments. `id`: the next token must be the id. `end`: the next token must be a comma or `)`.
 * `nothing`: all other tokens.
 */
type Expected = 'nothing' | 'name' | 'id' | 'end';

/** The state of the check for one statement. */
export class IdArguments {
  #expects: Expected = 'nothing';

  /**
   * Checks the next token. Call it with all tokens in order.
   *
   * @throws {StatementError} For an id that contains a quote, or is not a string literal: the value of an expression
   *   such as `'a' || 'b'` could contain a quote.
   */
  check(token: StatementToken, previous: StatementToken | undefined): void {
    if (this.#expects === 'id' && (token.kind !== 'string' || contentOf(token).includes("'"))) {
      throw new StatementError('The first argument of this function must be an id in single quotes.', token.start);
    }
    if (this.#expects === 'end' && !isSymbol(token, ',', ')')) {
      throw new StatementError('Only a comma or ")" can follow the id.', token.start);
    }
    this.#expects = this.#after(token, previous);
  }

  #after(token: StatementToken, previous: StatementToken | undefined): Expected {
    if (this.#expects === 'id') {
      return 'end';
    }
    if (isName(token) && ID_FUNCTION.test(contentOf(token))) {
      return 'name';
    }
    if (this.#expects !== 'name') {
      return 'nothing';
    }
    const isInName = isSymbol(token, '.') || (isName(token) && isSymbol(previous, '.'));
    return isSymbol(token, '(') ? 'id' : isInName ? 'name' : 'nothing';
  }
}
