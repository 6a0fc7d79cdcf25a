/**
 * Decides whether the query of a variable lists all values of its column. If it does, the option All means every row,
 * and no condition is needed. If the query restricts its rows, All means only the listed values.
 *
 * The query is read word by word, so that the result is immediate and needs no parser. SQL that is not understood
 * counts as restricted, because a list of values is always correct.
 */
import { readQuery } from '../../../contract/queries/query';
import { isSqlWord, type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { toVariableQuery } from './variable-query';
import { TIME_CONDITION_MACROS } from '../../../contract/sql/macro-kinds';

/**
 * Maximum number of tokens of a query. Longer queries count as restricted, because some checks read the rest of the
 * query for each word.
 */
const MAX_TOKENS = 5000;

/** Clauses that exclude rows. FROM, WHERE and LIMIT are read separately. */
const RESTRICTING = ['having', 'join', 'offset', 'fetch', 'qualify', 'intersect', 'except', 'filter', 'tablesample'];

/** Words that may follow the last condition of WHERE. */
const CLAUSES = ['group', 'order', 'limit', 'union', 'window'];

/** Index after the parentheses that open at `index`. */
function afterParentheses(tokens: readonly SqlToken[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    depth += tokens[at].raw === '(' ? 1 : tokens[at].raw === ')' ? -1 : 0;
    if (depth === 0) {
      return at + 1;
    }
  }
  return tokens.length;
}

/** Index after a name with its qualifiers, or after the call of a function. */
function afterOperand(tokens: readonly SqlToken[], index: number): number {
  let at = index + 1;
  while (tokens[at]?.raw === '.') {
    at += 2;
  }
  return tokens[at]?.raw === '(' ? afterParentheses(tokens, at) : at;
}

/** Index after a condition that excludes no value: a time macro, or `… IS NOT NULL`. Undefined for other conditions. */
function afterHarmless(tokens: readonly SqlToken[], index: number): number | undefined {
  const first = tokens[index];
  const end = afterOperand(tokens, index);
  if (TIME_CONDITION_MACROS.includes(first?.raw ?? '')) {
    return end;
  }
  const isName = first?.kind === 'word' || first?.kind === 'quoted-name';
  const [is, not, nothing] = tokens.slice(end, end + 3);
  return isName && isSqlWord(is, 'is') && isSqlWord(not, 'not') && isSqlWord(nothing, 'null') ? end + 3 : undefined;
}

/** True if the WHERE clause at `index` has only conditions that exclude no value. */
function isHarmlessWhere(tokens: readonly SqlToken[], index: number): boolean {
  let at: number | undefined = index;
  do {
    at = afterHarmless(tokens, at + 1);
  } while (at !== undefined && isSqlWord(tokens[at], 'and'));
  const next = at === undefined ? undefined : tokens[at];
  return at !== undefined && (next === undefined || [')', ';'].includes(next.raw) || isSqlWord(next, ...CLAUSES));
}

/** True for `FROM a, b` and for `FROM f(…)`, such as `view_instance`, which reads the rows of one process. */
function isRestrictingFrom(tokens: readonly SqlToken[], index: number): boolean {
  const isSubquery = tokens[index + 1]?.raw === '(';
  const end = isSubquery ? afterParentheses(tokens, index + 1) : afterOperand(tokens, index + 1);
  const isCall = !isSubquery && tokens[end - 1]?.raw === ')';
  const aliasLength = isSqlWord(tokens[end], 'as') ? 2 : tokens[end]?.kind === 'word' ? 1 : 0;
  return isCall || [end, end + aliasLength].some((at) => tokens[at]?.raw === ',');
}

/**
 * True if the LIMIT at `index` may have excluded values. False if it ends a `SELECT DISTINCT` of one column, and the
 * variable has fewer values than the limit. One row of the result may be NULL, which is not a value.
 */
function isReached(tokens: readonly SqlToken[], index: number, count: number): boolean {
  const [select, distinct] = tokens;
  const [limit, ...after] = tokens.slice(index + 1).filter(({ raw }) => raw !== ';');
  const from = tokens.findIndex((token) => isSqlWord(token, 'from'));
  let depth = 0;
  const isOneColumn = tokens.slice(0, from).every(({ raw }) => {
    depth += raw === '(' ? 1 : raw === ')' ? -1 : 0;
    return raw !== ',' || depth > 0;
  });
  const isOneDistinct = isSqlWord(select, 'select') && isSqlWord(distinct, 'distinct') && isOneColumn;
  return !isOneDistinct || limit?.kind !== 'number' || after.length > 0 || count + 1 >= Number(limit.raw);
}

function isRestricting(tokens: readonly SqlToken[], index: number, count: number): boolean {
  const token = tokens[index];
  return (
    isSqlWord(token, ...RESTRICTING) ||
    (isSqlWord(token, 'where') && !isHarmlessWhere(tokens, index)) ||
    (isSqlWord(token, 'from') && isRestrictingFrom(tokens, index)) ||
    (isSqlWord(token, 'limit') && isReached(tokens, index, count))
  );
}

/**
 * True if the query of a variable lists all values of its column.
 *
 * @param query The saved query of a variable.
 * @param count Number of values of the variable.
 */
export function listsAllValues(query: unknown, count: number): boolean {
  const { sql, rowLimit, filters } = readQuery(toVariableQuery(query));
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  return (
    filters.length === 0 &&
    tokens.length <= MAX_TOKENS &&
    (rowLimit === undefined || count + 1 < rowLimit) &&
    tokens.some((token) => isSqlWord(token, 'from')) &&
    !tokens.some((_, index) => isRestricting(tokens, index, count))
  );
}
