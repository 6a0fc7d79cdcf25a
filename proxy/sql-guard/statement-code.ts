/**
 * Checks the whole code of a statement that starts as a query: the functions that it names, parts that write, and comments that
 * are code.
 */
import { quotedName } from '../errors/foreign-text';
import { isName, isSymbol, keywordOf, rejectUnreadable, StatementProblem } from './statement-problem';
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
const WORTH_READING = new RegExp(`/\\*!|;|into|insert|update|delete|merge|${WRITING_FUNCTIONS}`, 'iu');

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
/** Words after which the current level of parentheses is a query without a list of CTEs. */
const QUERY_BODY: ReadonlySet<string | undefined> = new Set(['SELECT', 'VALUES', 'FROM', 'TABLE']);

/** What is known of a level of parentheses, as bits. */
const HAS_CTES = 1;
const IN_PROJECTION = 2;

/** False if `checkCode` would find nothing, so that most statements need not be read to their end. */
export function isWorthReading(sql: string): boolean {
  return WORTH_READING.test(sql);
}

function nameOf({ kind, text }: StatementToken): string {
  return kind === 'word' ? text : text.slice(1, -1);
}

/** A token with those beside it. */
interface Place {
  beforePrevious: StatementToken | undefined;
  previous: StatementToken | undefined;
  token: StatementToken;
  next: StatementToken | undefined;
}

/**
 * After AS, the name is an alias. Elsewhere it may be a part of the name of a function. A string is a name only where it is
 * called: `LATERAL 'f'(…)`.
 */
function rejectWritingFunction({ previous, token, next }: Place): void {
  if (!isName(token) || !WRITING_FUNCTION.test(nameOf(token))) {
    return;
  }
  const isCalled = isSymbol(next, '(', '.');
  if (isCalled || (token.kind !== 'string' && keywordOf(previous) !== 'AS')) {
    throw new StatementProblem(`${quotedName(nameOf(token))} is a function that changes the lakehouse.`, token.start);
  }
}

class StatementCode {
  readonly #levels: number[] = [0];
  #hasStarted = false;
  #hasEnded = false;

  check(place: Place): void {
    const { token } = place;
    rejectUnreadable(token);
    if (isSymbol(token, ';')) {
      this.#hasEnded = this.#hasStarted;
      return;
    }
    this.#hasStarted = true;
    if (this.#hasEnded) {
      throw new StatementProblem('The SQL has more than one statement.', token.start);
    }
    rejectWritingFunction(place);
    this.#rejectWritingWord(place);
    this.#enter(place);
  }

  get #level(): number {
    return this.#levels[this.#levels.length - 1];
  }

  set #level(level: number) {
    this.#levels[this.#levels.length - 1] = level;
  }

  #enter({ previous, token }: Place): void {
    const keyword = keywordOf(token);
    if (isSymbol(token, '(')) {
      this.#levels.push(0);
    } else if (isSymbol(token, ')') && this.#levels.length > 1) {
      this.#levels.pop();
    } else if (keyword === 'WITH') {
      this.#level = HAS_CTES;
    } else if (QUERY_BODY.has(keyword) && (!this.#hasCtes() || isSymbol(previous, ')'))) {
      // A CTE may have the name of a keyword.
      this.#level = keyword === 'SELECT' ? IN_PROJECTION : 0;
    }
  }

  #rejectWritingWord(place: Place): void {
    const keyword = keywordOf(place.token);
    const isWriting =
      (WRITING_WORDS.has(keyword) && this.#startsQuery(place)) || (keyword === 'INTO' && this.#isInto(place));
    if (isWriting) {
      throw new StatementProblem(`${quotedName(place.token.text)} writes.`, place.token.start);
    }
  }

  /** True after a list of CTEs, and in parentheses for a query. */
  #startsQuery({ beforePrevious, previous, next }: Place): boolean {
    if (isSymbol(previous, ')')) {
      return this.#hasCtes();
    }
    const before = keywordOf(beforePrevious);
    const isOfQuery = before === undefined || BEFORE_QUERY.has(before) || this.#hasCtes(1);
    return isSymbol(previous, '(') && isOfQuery && isName(next);
  }

  /** @param outer The number of levels between the current one and that to look at. */
  #hasCtes(outer = 0): boolean {
    return ((this.#levels.at(-1 - outer) ?? 0) & HAS_CTES) !== 0;
  }

  /** `SELECT a INTO name`. A column may have the name INTO. */
  #isInto({ previous, next }: Place): boolean {
    const isColumn = keywordOf(previous) === 'AS' || isSymbol(previous, '.') || keywordOf(next) === 'FROM';
    return (this.#level & IN_PROJECTION) !== 0 && !isColumn && isName(next);
  }
}

/** @throws {StatementProblem} If a part of the code writes, or may write. */
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
