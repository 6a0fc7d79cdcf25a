/**
 * Searches the whole code of a statement for SQL that may write: functions that change the lakehouse, words such as
 * `INSERT`, and comments that the server runs as code.
 */
import { shownName } from '../../base/errors/foreign-string';
import { ID_FUNCTIONS, IdArguments } from './id-arguments';
import { contentOf, isName, isSymbol, keywordOf, rejectUnreadable, StatementError } from './statement-error';
import { type StatementToken, StatementTokens } from './statement-tokens';

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
 * Matches all SQL that may write, and some SQL that only reads. The pattern has no word boundaries, because a digit may
 * directly precede a word.
 */
const WORTH_READING = new RegExp(`/\\*!|;|into|insert|update|delete|merge|${WRITING_FUNCTIONS}|${ID_FUNCTIONS}`, 'iu');

const WRITING_WORDS: ReadonlySet<string | undefined> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** Words before a parenthesis that contains a query. After any other word, the parenthesis contains arguments. */
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
/** A word such as `UPDATE` before one of these words is a column. The lakehouse has no tables with these names. */
const AFTER_COLUMN: ReadonlySet<string | undefined> = new Set(['IS', 'IN', 'AND', 'NOT', 'LIKE', 'ILIKE', 'BETWEEN']);
/** Words that start the query after a list of CTEs. */
const QUERY_BODY: ReadonlySet<string | undefined> = new Set(['SELECT', 'VALUES', 'TABLE']);
/** Words before the name of a CTE. This name may be one of the words in `QUERY_BODY`. */
const BEFORE_CTE: ReadonlySet<string | undefined> = new Set(['WITH', 'RECURSIVE', 'FROM']);

/** True if `checkCode` must read the SQL, because the SQL may write. False for most SQL. */
export function isWorthReading(sql: string): boolean {
  return WORTH_READING.test(sql);
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

class StatementCode {
  /** For each level of parentheses: true within the list of CTEs after WITH. */
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
      throw new StatementError(
        'The SQL has more than one statement.',
        token.start,
        'Remove the statements after the first semicolon. A panel can have several queries.'
      );
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

  /**
   * True if the token may start a query: it follows a list of CTEs, or it is the first word in parentheses for a query.
   * The parser also accepts `FROM name` at the end of the list: `WITH a AS (…) FROM name DELETE …`.
   */
  #startsQuery({ beforePrevious, previous, next }: Place): boolean {
    const before = keywordOf(beforePrevious);
    if (isSymbol(previous, '(')) {
      // In a list of CTEs, the word starts the query of a CTE or is in a list of columns. Neither position can contain
      // an expression.
      const isOfCte = this.#isInCtes(1);
      const mayBeColumn = !isOfCte && AFTER_COLUMN.has(keywordOf(next));
      // The target of the write may be a query in parentheses. DataFusion has no functions with these names, so the
      // parenthesis does not belong to a call.
      const hasTarget = isName(next) || isSymbol(next, '(');
      return (isOfCte || before === undefined || BEFORE_QUERY.has(before)) && hasTarget && !mayBeColumn;
    }
    return this.#isInCtes() && (isSymbol(previous, ')') || before === 'FROM');
  }

  /** @param outer The number of levels between the current level and the inspected level. */
  #isInCtes(outer = 0): boolean {
    return this.#inCtes.at(-1 - outer) ?? false;
  }
}

/** Checks all tokens of a statement. @throws {StatementError} If a part of the SQL writes or may write. */
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
