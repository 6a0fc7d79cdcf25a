/**
 * Searches the whole code of a statement for SQL that may write: functions that change the lakehouse, words such as
 * `INSERT`, and comments that the server runs as code. The same scan rejects statements that are too large:
 * `statement-sizes.ts`, `operator-chains.ts` and `statement-tables.ts` read the tokens of each level of parentheses.
 */
import { shownName } from '../../base/errors/foreign-string';
import { ID_FUNCTIONS, IdArguments } from './id-arguments';
import { contentOf, isName, isSymbol, keywordOf, rejectUnreadable, StatementError } from './statement-error';
import { MAX_CHAINED_OPERATORS, OPERATOR, OperatorChain } from './operator-chains';
import { SIZED_FUNCTIONS, SizedCall } from './statement-sizes';
import { JOIN, MAX_JOINS, StatementTables } from './statement-tables';
import { type StatementToken, StatementTokens } from './statement-tokens';

/** Maximum depth of parentheses, brackets and braces. Micromegas 0.33 rejects more than 50 nested expressions. */
export const MAX_PARENTHESES = 300;

/** Functions that change the lakehouse. The functions `delete_duplicate_…` exist only in servers before 0.33. */
const WRITING_FUNCTIONS = [
  'retire_partitions',
  'materialize_partitions',
  'regenerate_partitions',
  'retire_partition_by_file',
  'retire_partition_by_metadata',
  'deny_queries',
  'remove_query_denial',
  'delete_duplicate_blocks',
  'delete_duplicate_streams',
  'delete_duplicate_processes',
].join('|');

/**
 * The flags `iu` ignore the letter case of all of Unicode. So the pattern also matches names that the server does not
 * know, for example with U+017F in place of s.
 */
const WRITING_FUNCTION = new RegExp(`^(?:${WRITING_FUNCTIONS})$`, 'iu');
/**
 * Matches all SQL that may write or that has a size or a CTE, and some other SQL. The pattern has no word boundaries,
 * because a digit may directly precede a word.
 */
const WORTH_READING = new RegExp(
  `/\\*!|;|into|insert|update|delete|merge|with|${WRITING_FUNCTIONS}|${ID_FUNCTIONS}|${SIZED_FUNCTIONS}`,
  'iu'
);
const OPENING = /[([{]/g;

const WRITING_WORDS: ReadonlySet<string | undefined> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/**
 * Words before a parenthesis that contains a query. A query may also be in other places; there, a writing word is only
 * accepted if the next token shows that it is a column or a function.
 */
const BEFORE_QUERY: ReadonlySet<string | undefined> = new Set(
  (
    'AS FROM JOIN APPLY LATERAL EXISTS ARRAY IN ANY SOME ALL UNION EXCEPT INTERSECT MINUS ' +
    // UNION DISTINCT, UNION BY NAME
    'DISTINCT NAME'
  ).split(' ')
);
/** Outside of queries, a word such as `UPDATE` before one of these words is a column. In a query, these are tables. */
const AFTER_COLUMN: ReadonlySet<string | undefined> = new Set(
  'IS IN AND OR XOR NOT LIKE ILIKE RLIKE REGEXP SIMILAR BETWEEN COLLATE DIV AT ORDER LIMIT IGNORE RESPECT'.split(' ')
);
/** Functions with a keyword after the first argument: `trim(a FROM b)`. */
const KEYWORDS_IN_CALLS: ReadonlyMap<string | undefined, string> = new Map([
  ['CAST', 'AS'],
  ['TRY_CAST', 'AS'],
  ['TRIM', 'FROM'],
  ['EXTRACT', 'FROM'],
  ['SUBSTRING', 'FROM'],
  ['SUBSTR', 'FROM'],
]);
/** The start of a symbol that can follow a column. `@` is not one: the server accepts it as the name of a table. */
const AFTER_COLUMN_SYMBOL = /^(?:[),.*+\-/%=<>|&^~:[]|!.|@>|#[->])/;
/** The first words of a query, or of a statement that writes, in parentheses. */
const QUERY_START: ReadonlySet<string | undefined> = new Set(['SELECT', 'WITH', 'VALUES', 'FROM', 'TABLE']);
/** Words that start the query after a list of CTEs. */
const QUERY_BODY: ReadonlySet<string | undefined> = new Set(['SELECT', 'VALUES', 'TABLE']);
/** Words before the name of a CTE. This name may be one of the words in `QUERY_BODY`. */
const BEFORE_CTE: ReadonlySet<string | undefined> = new Set(['WITH', 'RECURSIVE', 'FROM']);

/** True if the pattern, which is global, matches more than `count` parts of the SQL. */
function hasMoreThan(count: number, pattern: RegExp, sql: string): boolean {
  pattern.lastIndex = 0;
  for (let found = 0; found <= count; found++) {
    if (!pattern.test(sql)) {
      return false;
    }
  }
  return true;
}

/** True if `checkCode` must read the SQL, because the SQL may write or may be too large. False for most SQL. */
export function isWorthReading(sql: string): boolean {
  return (
    WORTH_READING.test(sql) ||
    hasMoreThan(MAX_PARENTHESES, OPENING, sql) ||
    hasMoreThan(MAX_CHAINED_OPERATORS, OPERATOR, sql) ||
    hasMoreThan(MAX_JOINS, JOIN, sql)
  );
}

/** A token with the tokens before and after it. */
interface Place {
  beforePrevious: StatementToken | undefined;
  previous: StatementToken | undefined;
  token: StatementToken;
  next: StatementToken | undefined;
}

/**
 * Rejects the name of a writing function. After AS, the name is an alias. Elsewhere it may be a part of a function
 * name. A string is a function name only if it is called: `LATERAL 'f'(…)`.
 */
function rejectWritingFunction({ previous, token, next }: Place): void {
  if (!isName(token) || !WRITING_FUNCTION.test(contentOf(token))) {
    return;
  }
  const isCalled = isSymbol(next, '(', '.');
  if (isCalled || (token.kind !== 'string' && keywordOf(previous) !== 'AS')) {
    throw new StatementError(`${shownName(contentOf(token))} is a function that changes the lakehouse.`, token.start);
  }
}

/**
 * Rejects `SELECT a INTO name`. The words beside INTO do not show whether INTO is a column, because a table may have
 * the name FROM, and a column the name AS. INTO is certainly a column only after a period, or if no name follows.
 */
function rejectInto({ previous, token, next }: Place): void {
  if (keywordOf(token) === 'INTO' && !isSymbol(previous, '.') && isName(next)) {
    throw new StatementError(
      `${shownName(token.raw)} creates a table here. A column with this name needs double quotes.`,
      token.start
    );
  }
}

/** A level of parentheses, brackets or braces. */
interface Level {
  /** True within the list of CTEs after WITH. */
  inCtes: boolean;
  /** True if the parser may read a query at the start of the level. */
  isQuery: boolean;
  /** True after FROM: each comma may precede another query in parentheses. */
  hasTables: boolean;
  /**
   * For the parentheses after a writing word: this word, until the content shows that the word is a function. A table
   * in parentheses contains no comma.
   */
  writing: StatementToken | undefined;
  /** Undefined if the level is not the arguments of a function with a size. */
  sizedCall: SizedCall | undefined;
  chain: OperatorChain;
  tables: StatementTables;
}

const newLevel = (outer?: Level): Level => ({
  inCtes: false,
  isQuery: false,
  hasTables: false,
  writing: undefined,
  sizedCall: undefined,
  chain: new OperatorChain(),
  tables: new StatementTables(outer?.tables),
});

function rejectWrite(token: StatementToken): never {
  throw new StatementError(
    `${shownName(token.raw)} may write here. A column with this name needs double quotes.`,
    token.start
  );
}

function rejectDepth(levels: number, opening: StatementToken): void {
  if (levels >= MAX_PARENTHESES) {
    throw new StatementError(
      `Parentheses are nested more than ${MAX_PARENTHESES} levels deep.`,
      opening.start,
      'Nest fewer expressions, for example with WITH.',
      'statement_too_large'
    );
  }
}

class StatementCode {
  readonly #outerLevel = newLevel();
  readonly #levels: Level[] = [];
  readonly #ids = new IdArguments();
  #hasStarted = false;
  #hasEnded = false;

  check(place: Place): void {
    const { token, previous } = place;
    rejectUnreadable(token);
    if (isSymbol(token, ';')) {
      this.#hasEnded = this.#hasStarted;
      return;
    }
    this.#hasStarted = true;
    if (this.#hasEnded) {
      throw new StatementError(
        'The SQL has more than one statement.',
        token.start,
        'Remove the statements after the first semicolon. A panel can have several queries.'
      );
    }
    rejectWritingFunction(place);
    rejectInto(place);
    this.#ids.check(token, previous);
    this.#checkCall(place);
    if (WRITING_WORDS.has(keywordOf(token)) && this.#mayWrite(place)) {
      rejectWrite(token);
    }
    if (isSymbol(token, ')', ']', '}')) {
      this.#leave(token);
    } else {
      this.#read(place);
    }
  }

  get #level(): Level {
    return this.#levels.at(-1) ?? this.#outerLevel;
  }

  /** Leaves a level. Without an opening parenthesis, the server rejects the statement. */
  #leave(closing: StatementToken): void {
    const level = this.#levels.pop();
    level?.sizedCall?.close();
    level?.tables.close(closing, this.#level.inCtes);
  }

  #read({ beforePrevious, previous, token }: Place): void {
    const keyword = keywordOf(token);
    const level = this.#level;
    level.sizedCall?.add(token);
    level.chain.add(token);
    level.tables.add(token, [previous, beforePrevious], level.inCtes);
    if (isSymbol(token, '(', '[', '{')) {
      rejectDepth(this.#levels.length, token);
      const isQuery = isSymbol(token, '(') && this.#mayStartQuery(previous);
      const isCall = isSymbol(beforePrevious, '(') && WRITING_WORDS.has(keywordOf(previous));
      const sizedCall = SizedCall.start(token, previous);
      this.#levels.push({ ...newLevel(level), isQuery, writing: isCall ? previous : undefined, sizedCall });
    } else if (keyword === 'FROM' || isSymbol(token, '|>')) {
      level.hasTables = true;
    } else if (keyword === 'WITH') {
      level.inCtes = true;
    } else if (QUERY_BODY.has(keyword) && !BEFORE_CTE.has(keywordOf(previous)) && !isSymbol(previous, ',')) {
      level.inCtes = false;
    }
  }

  /** @param previous The token before an opening parenthesis. */
  #mayStartQuery(previous: StatementToken | undefined): boolean {
    const { inCtes, isQuery, hasTables } = this.#level;
    return (
      inCtes ||
      BEFORE_QUERY.has(keywordOf(previous)) ||
      isSymbol(previous, ')') ||
      (isQuery && isSymbol(previous, '(')) ||
      (hasTables && isSymbol(previous, ','))
    );
  }

  /** Checks a token in the parentheses after a writing word. */
  #checkCall({ previous, token }: Place): void {
    const level = this.#level;
    if (level.writing === undefined) {
      return;
    }
    const isFirst = isSymbol(previous, '(');
    const keyword = keywordOf(token);
    const startsTable = isSymbol(token, '(') || QUERY_START.has(keyword) || WRITING_WORDS.has(keyword);
    if (isFirst && startsTable) {
      rejectWrite(level.writing);
    }
    if (isSymbol(token, ')') && !isFirst) {
      rejectWrite(level.writing);
    }
    if (isSymbol(token, ',')) {
      level.writing = undefined;
    }
  }

  /**
   * True if a writing word may start a statement: it follows a list of CTEs, or it is the first word in parentheses and
   * the next token does not show that it is a column or a function. The parser also accepts `FROM name` at the end of
   * the list: `WITH a AS (…) FROM name DELETE …`.
   */
  #mayWrite({ beforePrevious, previous, next }: Place): boolean {
    const before = keywordOf(beforePrevious);
    const { inCtes, isQuery } = this.#level;
    if (!isSymbol(previous, '(')) {
      return inCtes && (isSymbol(previous, ')') || before === 'FROM');
    }
    // The parentheses after the word are checked by `#checkCall`.
    const isCall = isSymbol(next, '(');
    const keyword = keywordOf(next);
    const isColumn =
      (next?.kind === 'symbol' && AFTER_COLUMN_SYMBOL.test(next.raw)) ||
      (keyword !== undefined && !isQuery && (AFTER_COLUMN.has(keyword) || KEYWORDS_IN_CALLS.get(before) === keyword));
    return !isCall && !isColumn;
  }
}

/** Checks all tokens of a statement. @throws {StatementError} If a part writes, may write, or is too large. */
export function checkCode(sql: string): void {
  const tokens = new StatementTokens(sql);
  const code = new StatementCode();
  let beforePrevious: StatementToken | undefined;
  let previous: StatementToken | undefined;
  let token = tokens.next();
  while (token !== undefined) {
    const next = tokens.next();
    code.check({ beforePrevious, previous, token, next });
    [beforePrevious, previous, token] = [previous, token, next];
  }
}
