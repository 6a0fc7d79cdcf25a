/** Reads one item of a SELECT list. */
import { BIN_MACROS, binAliases } from '../../../contract/sql/macro-kinds';
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { callAt } from './calls';

/** A column that a SELECT returns. */
export interface Projection {
  /** Name of the column; undefined for `*`. */
  name?: string;
  /** The table before the dot in `t.column` or `t.*`. */
  qualifier?: string;
  /** The column, if the item is a plain column with or without an alias. */
  column?: string;
}

/** Words at the end of an expression that are not its alias. */
const NO_ALIAS = ['end', 'null', 'true', 'false', 'distinct', 'all', 'and', 'or', 'not'];

function nameOf(token: SqlToken | undefined): string | undefined {
  const isName = token?.kind === 'quoted-name' || (token?.kind === 'word' && !isSqlWord(token, ...NO_ALIAS));
  return isName ? sqlTokenValue(token) : undefined;
}

/** The expression and its alias. */
function withAlias(item: readonly SqlToken[]): { expression: readonly SqlToken[]; alias: string | undefined } {
  const last = nameOf(item.at(-1));
  const previous = item.at(-2);
  if (last === undefined || previous === undefined) {
    return { expression: item, alias: undefined };
  }
  if (isSqlWord(previous, 'as')) {
    return { expression: item.slice(0, -2), alias: last };
  }
  const endsExpression =
    previous.raw === ')' || (previous.kind !== 'symbol' && (previous.kind !== 'word' || isSqlWord(previous, 'end')));
  const isNextToName = nameOf(previous) !== undefined && item.length === (item.at(-3)?.raw === '.' ? 4 : 2);
  return endsExpression || isNextToName
    ? { expression: item.slice(0, -1), alias: last }
    : { expression: item, alias: undefined };
}

/**
 * The columns that a macro names itself, such as `$__dateBinAlias(time)`. Empty for other expressions, and if the
 * argument is a variable.
 */
function namedByMacro(item: readonly SqlToken[]): Projection[] {
  const call = BIN_MACROS.includes(item[0]?.raw ?? '') ? callAt(item, 1) : undefined;
  if (call === undefined) {
    return [];
  }
  const ends = [...call.commas.slice(0, 2), call.close].map((end) => item.indexOf(end));
  // The macro uses the last word of its argument, without quotes.
  const last = item.slice(2, ends[0]).findLast(({ raw }) => /\w/.test(raw));
  if (last === undefined || last.kind === 'placeholder') {
    return [];
  }
  const word = last.raw.match(/\w+/g)?.at(-1) ?? '';
  const unit = ends[1] === undefined ? undefined : sqlTokenValue(item[ends[1] - 1]);
  return binAliases(item[0].raw, word, unit).map((name) => ({ name: name.toLowerCase() }));
}

/** The columns of an item. Empty for an expression without a name. */
export function projectionsOf(tokens: readonly SqlToken[]): Projection[] {
  const item = isSqlWord(tokens[0], 'distinct', 'all') ? tokens.slice(1) : tokens;
  if (item[0]?.raw === '*') {
    return [{}];
  }
  const { expression, alias } = withAlias(item);
  const [first, dot, second] = expression;
  const isQualified = expression.length === 3 && dot?.raw === '.';
  const qualifier = isQualified ? nameOf(first) : undefined;
  if (isQualified && second?.raw === '*') {
    return qualifier === undefined ? [] : [{ qualifier }];
  }
  const column = expression.length === 1 ? nameOf(first) : isQualified ? nameOf(second) : undefined;
  const name = alias ?? column;
  return name === undefined
    ? namedByMacro(item)
    : [{ name, ...(column && { column }), ...(qualifier && { qualifier }) }];
}
