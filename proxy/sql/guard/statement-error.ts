/** The error of a statement that must not be sent, and functions that read tokens of statements. */
import { shownName } from '../../base/errors/foreign-string';
import { type StatementToken } from './statement-tokens';

/** A rejected statement. The message is for the user. `checked-sql.ts` converts it to an error with the code. */
export class StatementError extends Error {
  /**
   * @param start  UTF-16 offset of the rejected token in the SQL.
   * @param advice Default: the advice of the code in the catalogue of errors.
   */
  constructor(
    message: string,
    readonly start: number,
    readonly advice?: string,
    readonly code: 'statement_not_allowed' | 'statement_too_large' = 'statement_not_allowed'
  ) {
    super(message);
  }
}

/**
 * @throws {StatementError} For a token that the check cannot read, because a statement with such a token may write
 * data.
 */
export function rejectUnreadable({ kind, raw, start }: StatementToken): void {
  switch (kind) {
    case 'code-comment':
      throw new StatementError(
        'The server runs the content of a comment that starts with "/*!".',
        start,
        'Remove "!" from the comment.'
      );
    case 'unclosed':
      throw new StatementError(
        `${shownName(raw)} starts a string, name or comment that does not end.`,
        start,
        'Add the quote, or the end of the comment. Inside a string, write a quote twice.'
      );
    case 'unknown':
      throw new StatementError(
        `${shownName(raw)} is not known in SQL. Names with it need double quotes.`,
        start,
        'Correct the SQL.'
      );
  }
}

/** The server ignores the letter case of keywords only for ASCII letters. */
const ASCII_LETTERS = /^[a-z]+$/i;

/** The word of a token, in upper case. Undefined for a quoted name, and for tokens that are not words. */
export function keywordOf(token: StatementToken | undefined): string | undefined {
  return token?.kind === 'word' && ASCII_LETTERS.test(token.raw) ? token.raw.toUpperCase() : undefined;
}

/** True for a token that is one of the symbols. False for a missing token. */
export function isSymbol(token: StatementToken | undefined, ...symbols: string[]): boolean {
  return token?.kind === 'symbol' && symbols.includes(token.raw);
}

/** True for a token that can be a part of a table or function name. The server also accepts a string. */
export function isName(token: StatementToken | undefined): token is StatementToken {
  return token?.kind === 'word' || token?.kind === 'quoted-name' || token?.kind === 'string';
}

/** The content of a quoted name or string. Other tokens are returned as written. */
export function contentOf({ kind, raw }: StatementToken): string {
  return kind === 'quoted-name' || kind === 'string' ? raw.slice(1, -1) : raw;
}
