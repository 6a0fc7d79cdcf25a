/** Reads one item of a SELECT list. */
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';

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

/** The name that `$__dateBinAlias` gives to its column. Undefined for other expressions. */
function aliasOfMacro([macro, , column]: readonly SqlToken[]): string | undefined {
  const name = nameOf(column);
  return macro?.raw === '$__dateBinAlias' && name !== undefined ? `${name}_binned` : undefined;
}

/** The column of an item. Undefined for an expression without a name. */
export function projectionOf(tokens: readonly SqlToken[]): Projection | undefined {
  const item = isSqlWord(tokens[0], 'distinct', 'all') ? tokens.slice(1) : tokens;
  if (item[0]?.raw === '*') {
    return {};
  }
  const { expression, alias } = withAlias(item);
  const [first, dot, second] = expression;
  const isQualified = expression.length === 3 && dot?.raw === '.';
  const qualifier = isQualified ? nameOf(first) : undefined;
  if (isQualified && second?.raw === '*') {
    return qualifier === undefined ? undefined : { qualifier };
  }
  const column = expression.length === 1 ? nameOf(first) : isQualified ? nameOf(second) : undefined;
  const name = alias ?? column ?? aliasOfMacro(item);
  return name === undefined ? undefined : { name, ...(column && { column }), ...(qualifier && { qualifier }) };
}
