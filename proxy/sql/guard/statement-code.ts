/**
 * Checks the whole code of a statement that starts as a query: the functions that it names, parts that write, and
 * comments that are code.
 */
import { shownName } from '../../base/errors/foreign-string';
import { ID_FUNCTIONS, IdArguments } from './id-arguments';
import { contentOf, isName, isSymbol, keywordOf, rejectUnreadable, StatementError } from './statement-error';
import { type StatementToken, StatementTokens } from './statement-tokens';

/** Functions that change the lakehouse. The last ones are those of servers before 0.33. */
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

/** The flag `u` folds more letters than the server does, such as U+017F to s. */
const WRITING_FUNCTION = new RegExp(`^(?:${WRITING_FUNCTIONS})$`, 'iu');
/** Everything that this file rejects contains one of these. A number may be directly before a word. */
const WORTH_READING = new RegExp(`/\\*!|;|into|insert|update|delete|merge|${WRITING_FUNCTIONS}|${ID_FUNCTIONS}`, 'iu');

const WRITING_WORDS: ReadonlySet<string | undefined> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** Words before a parenthesis with a query in it. After any other word, it contains arguments. */
const BEFORE_QUERY: ReadonlySet<string | undefined> = new Set([
  'AS',
  'FROM',
  'JOIN',
  'LATERAL',
  'EXISTS',
  'IN',
  'ANY',
  'SOME',
  'ALL',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'MINUS',
]);
/** Words before which a writing word is a column. The lake has no table with such a name. */
const AFTER_COLUMN: ReadonlySet<string | undefined> = new Set(['IS', 'IN', 'AND', 'NOT', 'LIKE', 'ILIKE', 'BETWEEN']);
/** Words with which a query starts that is not a list of CTEs. */
const QUERY_BODY: ReadonlySet<string | undefined> = new Set(['SELECT', 'VALUES', 'TABLE']);
/** Words before the name of a CTE, which may be one of the words above. */
const BEFORE_CTE: ReadonlySet<string | undefined> = new Set(['WITH', 'RECURSIVE', 'FROM']);

/** False if `checkCode` would find nothing, so that most statements need not be read to their end. */
export function isWorthReading(sql: string): boolean {
  return WORTH_READING.test(sql);
}

/** A token with those beside it. */
interface Place {
  beforePrevious: StatementToken | undefined;
  previous: StatementToken | undefined;
  token: StatementToken;
  next: StatementToken | undefined;
}

/**
 * After AS, the name is an alias. Elsewhere it may be a part of the name of a function. A string is a name only where
 * it is called: `LATERAL 'f'(…)`.
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
 * The table of `SELECT a INTO name` may be called FROM, and the column before it AS, so the words beside INTO do not
 * say whether it is a column. Only after a period, or with no name after it, it must be one.
 */
function rejectInto({ previous, token, next }: Place): void {
  if (keywordOf(token) === 'INTO' && !isSymbol(previous, '.') && isName(next)) {
    throw new StatementError(
      `${shownName(token.raw)} creates a table here. A column with this name needs double quotes.`,
      token.start
    );
  }
}

class StatementCode {
  /** For each level of parentheses: true after WITH, until the query after the list of CTEs. */
  readonly #inCtes: boolean[] = [false];
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
      throw new StatementError('The SQL has more than one statement.', token.start);
    }
    rejectWritingFunction(place);
    rejectInto(place);
    this.#ids.check(token, previous);
    this.#rejectWritingWord(place);
    this.#enter(place);
  }

  #enter({ previous, token }: Place): void {
    const keyword = keywordOf(token);
    if (isSymbol(token, '(')) {
      this.#inCtes.push(false);
    } else if (isSymbol(token, ')') && this.#inCtes.length > 1) {
      this.#inCtes.pop();
    } else if (keyword === 'WITH') {
      this.#inCtes[this.#inCtes.length - 1] = true;
    } else if (QUERY_BODY.has(keyword) && !BEFORE_CTE.has(keywordOf(previous)) && !isSymbol(previous, ',')) {
      this.#inCtes[this.#inCtes.length - 1] = false;
    }
  }

  #rejectWritingWord(place: Place): void {
    if (WRITING_WORDS.has(keywordOf(place.token)) && this.#startsQuery(place)) {
      throw new StatementError(`${shownName(place.token.raw)} writes.`, place.token.start);
    }
  }

  /** True after a list of CTEs, whose last one may end with `FROM name`, and in parentheses for a query. */
  #startsQuery({ beforePrevious, previous, next }: Place): boolean {
    const before = keywordOf(beforePrevious);
    if (isSymbol(previous, '(')) {
      // In a list of CTEs, the word starts the query of a CTE or is in a list of columns. Expressions are in neither.
      const isOfCte = this.#isInCtes(1);
      const mayBeColumn = !isOfCte && AFTER_COLUMN.has(keywordOf(next));
      // What is written to may be a query in parentheses. DataFusion has no functions with these names.
      const hasTarget = isName(next) || isSymbol(next, '(');
      return (isOfCte || before === undefined || BEFORE_QUERY.has(before)) && hasTarget && !mayBeColumn;
    }
    return this.#isInCtes() && (isSymbol(previous, ')') || before === 'FROM');
  }

  /** @param outer The number of levels between the current one and that to look at. */
  #isInCtes(outer = 0): boolean {
    return this.#inCtes.at(-1 - outer) ?? false;
  }
}

/** @throws {StatementError} If a part of the code writes, or may write. */
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
