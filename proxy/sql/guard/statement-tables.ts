/**
 * Rejects statements that read very many tables or join very many. The server replaces each CTE by its query wherever
 * the CTE is used: 20 CTEs that each use the previous one twice are a million tables, in 922 characters. The check
 * counts words: it prevents accidents and simple attacks, and does not bound the cost of a statement.
 */
import { StringMap } from '../../../contract/string-map';
import { contentOf, isName, isSymbol, keywordOf, StatementError } from './statement-error';
import { type StatementToken } from './statement-tokens';

/**
 * Maximum number of tables that a statement reads. A CTE counts as many tables as its query, at each use. The service
 * map of 64 processes reads 320 tables. A union of 500 tables takes Micromegas 0.33 more than 8 s of CPU.
 */
export const MAX_READ_TABLES = 500;
/**
 * Maximum number of joins of a query, with those of its subqueries and CTEs. The queries of a UNION count separately.
 * Micromegas 0.33 plans 200 joins in 3.5 s, and 100 in 0.7 s.
 */
export const MAX_JOINS = 100;

/** Matches each join of a statement, and other parts, but not the commas of a list of numbers. */
export const JOIN = /join|apply|,(?!\s*\d)/gi;

const words = (list: string): ReadonlySet<string | undefined> => new Set<string | undefined>(list.split(' '));
/** Words after which a comma no longer separates tables. */
const AFTER_TABLES = words(
  'SELECT VALUES WHERE GROUP HAVING QUALIFY WINDOW ORDER SORT CLUSTER DISTRIBUTE LIMIT OFFSET FETCH FOR UNION EXCEPT INTERSECT MINUS WITH'
);
const BETWEEN_QUERIES = words('UNION EXCEPT INTERSECT MINUS');
const BEFORE_JOINED_TABLE = words('JOIN APPLY');
/** A table may follow these words, too. */
const BEFORE_TABLE = words('LATERAL TABLE ONLY');
const BEFORE_DISTINCT = words('IS NOT');
const BEFORE_CTE = words('WITH RECURSIVE');

/** What a query reads, with its subqueries and the CTEs that it uses. */
interface Reads {
  tables: number;
  joins: number;
}

/** CTEs by name, without letter case: the check may confuse two names, but misses none. */
type Ctes = StringMap<Reads>;

/** The tables of a statement that are named at one level of parentheses, and those of the levels within. */
export class StatementTables {
  readonly #outer: StatementTables | undefined;
  readonly #ctes: Ctes;
  /** The CTEs that this level hides. Undefined: there is none with this name outside. */
  readonly #hidden: Array<[string, Reads | undefined]> = [];
  readonly #reads: Reads = { tables: 0, joins: 0 };
  /** The largest number of joins of a query before UNION. */
  #joinsBefore = 0;
  #inTables: boolean;
  #expectsTable: boolean;
  /** The name of the CTE whose query comes next. */
  #cte: string | undefined;

  /** @param outer The level outside. */
  constructor(outer?: StatementTables) {
    this.#outer = outer;
    this.#ctes = outer === undefined ? new StringMap<Reads>() : outer.#ctes;
    // A table may be in parentheses: FROM (a JOIN b).
    this.#inTables = this.#expectsTable = outer !== undefined && outer.#expectsTable;
  }

  /**
   * Reads the next token of this level, which may be an opening parenthesis.
   *
   * @param before The previous two tokens, the last one first.
   * @param inCtes True in the list of CTEs after WITH.
   * @throws {StatementError} `statement_too_large`
   */
  add(token: StatementToken, before: ReadonlyArray<StatementToken | undefined>, inCtes: boolean): void {
    const isComma = isSymbol(token, ',');
    if (inCtes && isName(token) && (isSymbol(before[0], ',') || BEFORE_CTE.has(keywordOf(before[0])))) {
      this.#cte = nameOf(token);
    }
    if (isComma && this.#inTables) {
      this.#count({ tables: 0, joins: 1 }, token);
      this.#expectsTable = true;
    } else if (isComma || isSymbol(token, '|>')) {
      this.#inTables = this.#expectsTable = false;
    } else if (!this.#addKeyword(token, before) && this.#expectsTable && isName(token)) {
      this.#count(this.#ctes.get(nameOf(token)) ?? { tables: 1, joins: 0 }, token);
      this.#expectsTable = BEFORE_TABLE.has(keywordOf(token));
    }
  }

  /** @returns False if the token is not one of the keywords. */
  #addKeyword(token: StatementToken, [previous, beforePrevious]: ReadonlyArray<StatementToken | undefined>): boolean {
    // After a period, a keyword is a column.
    const keyword = isSymbol(previous, '.') ? undefined : keywordOf(token);
    if (keyword === 'FROM') {
      // After `a IS DISTINCT FROM b`, a comma separates columns.
      const isOperator = keywordOf(previous) === 'DISTINCT' && BEFORE_DISTINCT.has(keywordOf(beforePrevious));
      this.#inTables ||= !isOperator;
      this.#expectsTable = true;
    } else if (BEFORE_JOINED_TABLE.has(keyword)) {
      this.#count({ tables: 0, joins: 1 }, token);
      this.#expectsTable = true;
    } else if (AFTER_TABLES.has(keyword)) {
      this.#inTables = this.#expectsTable = false;
      if (BETWEEN_QUERIES.has(keyword)) {
        this.#joinsBefore = this.#joins;
        this.#reads.joins = 0;
      }
    } else {
      return false;
    }
    return true;
  }

  /**
   * Ends this level: the level outside reads the same tables, or they are those of a CTE.
   *
   * @param inCtes True if the level outside is in the list of CTEs after WITH.
   * @throws {StatementError} `statement_too_large`
   */
  close(token: StatementToken, inCtes: boolean): void {
    for (const [name, reads] of this.#hidden.reverse()) {
      if (reads === undefined) {
        this.#ctes.delete(name);
      } else {
        this.#ctes.set(name, reads);
      }
    }
    if (this.#outer !== undefined) {
      this.#outer.#addInner({ tables: this.#reads.tables, joins: this.#joins }, token, inCtes);
    }
  }

  #addInner(reads: Reads, token: StatementToken, inCtes: boolean): void {
    this.#expectsTable = false;
    if (inCtes && this.#cte !== undefined) {
      this.#hidden.push([this.#cte, this.#ctes.get(this.#cte)]);
      this.#ctes.set(this.#cte, { ...reads, tables: Math.max(1, reads.tables) });
    }
    if (!inCtes || this.#inTables) {
      this.#count(reads, token);
    }
  }

  get #joins(): number {
    return Math.max(this.#joinsBefore, this.#reads.joins);
  }

  #count({ tables, joins }: Reads, { start }: StatementToken): void {
    this.#reads.tables += tables;
    this.#reads.joins += joins;
    if (this.#reads.tables > MAX_READ_TABLES) {
      throw tooLarge(
        `The statement reads more than ${MAX_READ_TABLES} tables. A CTE counts as often as it is used.`,
        start,
        'Use the CTEs less often, or read fewer tables.'
      );
    }
    if (this.#reads.joins > MAX_JOINS) {
      throw tooLarge(
        `A query has more than ${MAX_JOINS} joins, with those of its CTEs and subqueries.`,
        start,
        'Join fewer tables, or split the query.'
      );
    }
  }
}

function nameOf(token: StatementToken): string {
  return contentOf(token).toLowerCase();
}

function tooLarge(message: string, start: number, advice: string): StatementError {
  return new StatementError(message, start, advice, 'statement_too_large');
}
