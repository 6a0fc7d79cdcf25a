/**
 * Checks the first words of a statement. The server's parser uses them to choose the kind of the statement.
 *
 * `EXPLAIN ANALYZE` runs the explained statement. So the explained statement must only read, too.
 */
import { shownName } from '../../base/errors/foreign-string';
import { contentOf, isName, isSymbol, keywordOf, rejectUnreadable, StatementError } from './statement-error';
import { type StatementToken, StatementTokens } from './statement-tokens';

const QUERY_WORDS: ReadonlySet<string | undefined> = new Set(['SELECT', 'WITH', 'VALUES', 'FROM']);
/** Tokens that may follow a query in parentheses. None of these words starts a statement. */
const AFTER_QUERY: ReadonlySet<string | undefined> = new Set([
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'MINUS',
  'ORDER',
  'LIMIT',
  'OFFSET',
]);
/** Statements of one word. After DESCRIBE, the parser reads these words as statements, not as names of tables. */
const ONE_WORD_STATEMENTS: ReadonlySet<string | undefined> = new Set([
  'BEGIN',
  'COMMIT',
  'END',
  'RAISE',
  'RETURN',
  'ROLLBACK',
  'THROW',
  'VACUUM',
]);

function rejectStart(token: StatementToken | undefined, before: StatementToken | undefined): never {
  const problem =
    token === undefined ? 'The statement is not complete.' : `${shownName(token.raw)} is not allowed here.`;
  throw new StatementError(problem, (token ?? before)?.start ?? 0);
}

/** Reads the tokens of the start of a statement. */
class StatementStart {
  readonly #tokens: StatementTokens;
  #token: StatementToken | undefined;
  #before: StatementToken | undefined;

  constructor(sql: string) {
    this.#tokens = new StatementTokens(sql);
    this.#next();
  }

  /** @throws {StatementError} */
  check(): void {
    this.#skipSymbols(';', '(');
    // SQL without a statement is accepted, because it does nothing. The server reports the error.
    if (this.#token === undefined) {
      return;
    }
    if (keywordOf(this.#token) === 'EXPLAIN') {
      this.#next();
      this.#checkExplained();
    } else {
      this.#checkRead();
    }
  }

  #next(): void {
    this.#before = this.#token;
    this.#token = this.#tokens.next();
    if (this.#token !== undefined) {
      rejectUnreadable(this.#token);
    }
  }

  #skipSymbols(...symbols: string[]): void {
    while (isSymbol(this.#token, ...symbols)) {
      this.#next();
    }
  }

  #skipKeyword(...keywords: string[]): boolean {
    const isNext = keywords.includes(keywordOf(this.#token) ?? '');
    if (isNext) {
      this.#next();
    }
    return isNext;
  }

  /** Checks any statement that reads, except EXPLAIN. */
  #checkRead(): void {
    if (this.#skipKeyword('DESCRIBE', 'DESC')) {
      this.#checkDescribed();
    } else if (this.#skipKeyword('SHOW')) {
      this.#checkShown();
    } else {
      this.#checkQuery();
    }
  }

  #checkQuery(): void {
    if (!QUERY_WORDS.has(keywordOf(this.#token))) {
      rejectStart(this.#token, this.#before);
    }
  }

  /**
   * The server converts SHOW to a query. It writes strings and names into this query without doubling quotes. So the
   * part after the inner quote of `SHOW FUNCTIONS LIKE 'a''b'` would run as SQL. A string with a prefix, such as
   * `E'…'`, is rejected too, because it may contain an escaped quote.
   */
  #checkShown(): void {
    for (; this.#token !== undefined; this.#next()) {
      if (contentOf(this.#token).includes("'")) {
        throw new StatementError(
          "In SHOW, a name or string must not contain a single quote, and a string must not begin with a letter, as in E'a'.",
          this.#token.start
        );
      }
    }
  }

  #checkExplained(): void {
    if (!isSymbol(this.#token, '(')) {
      this.#skipExplainWords();
    } else if (this.#checkParentheses()) {
      return;
    }
    this.#skipSymbols('(');
    this.#checkRead();
  }

  #skipExplainWords(): void {
    this.#skipKeyword('ANALYZE');
    this.#skipKeyword('VERBOSE');
    if (this.#skipKeyword('FORMAT')) {
      this.#next();
    }
  }

  /** Skips options in parentheses. If the parentheses contain a query, checks it. @returns True for a query. */
  #checkParentheses(): boolean {
    this.#next();
    const isQuery = isSymbol(this.#token, '(') || QUERY_WORDS.has(keywordOf(this.#token));
    let open = 1;
    if (isQuery) {
      for (; isSymbol(this.#token, '('); open++) {
        this.#next();
      }
      this.#checkQuery();
    }
    for (; open > 0 && this.#token !== undefined; this.#next()) {
      open += isSymbol(this.#token, '(') ? 1 : isSymbol(this.#token, ')') ? -1 : 0;
    }
    const isEnd = this.#token === undefined || isSymbol(this.#token, ';', '|>');
    // Some versions of the parser read the query as options, and would run the statement after the parentheses.
    if (isQuery && !isEnd && !AFTER_QUERY.has(keywordOf(this.#token))) {
      rejectStart(this.#token, this.#before);
    }
    return isQuery;
  }

  /** Checks the rest of DESCRIBE, which must be a query or a single table name. */
  #checkDescribed(): void {
    if (isSymbol(this.#token, '(') || QUERY_WORDS.has(keywordOf(this.#token))) {
      this.#skipSymbols('(');
      this.#checkQuery();
      return;
    }
    const first = this.#token;
    this.#skipKeyword('EXTENDED', 'FORMATTED');
    const name = isName(this.#token) ? this.#token : first;
    if (!isName(name) || ONE_WORD_STATEMENTS.has(keywordOf(name))) {
      rejectStart(name, this.#before);
    }
    if (this.#token === name) {
      this.#next();
    }
    while (isSymbol(this.#token, '.')) {
      this.#next();
      if (!isName(this.#token)) {
        rejectStart(this.#token, this.#before);
      }
      this.#next();
    }
    if (this.#token !== undefined && !isSymbol(this.#token, ';')) {
      rejectStart(this.#token, this.#before);
    }
  }
}

/** @throws {StatementError} If the first words do not start a statement that only reads. */
export function checkStart(sql: string): void {
  new StatementStart(sql).check();
}
