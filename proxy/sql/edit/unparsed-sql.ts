/**
 * The tables of SQL that is too long to be parsed, such as a query with thousands of values of a variable. Filters can
 * be inserted into such SQL only where the author wrote `$__adHocFilters`.
 */
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { type SelectScope, type SourceOrigin, type SqlSource } from '../../../contract/sql/query-scopes';

function isName(token: SqlToken | undefined): token is SqlToken {
  return token?.kind === 'word' || token?.kind === 'quoted-name';
}

/** The table or table function after FROM or JOIN. */
function originAt(tokens: readonly SqlToken[], index: number): SourceOrigin | undefined {
  const [name, open, ...rest] = tokens.slice(index, index + 6);
  if (!isName(name) || open?.raw === '.') {
    return undefined;
  }
  const value = sqlTokenValue(name);
  if (open?.raw !== '(') {
    return { kind: 'table', table: value };
  }
  const close = rest.findIndex(({ raw }) => raw === ')');
  const args = rest.slice(0, Math.max(close, 0)).filter(({ raw }) => raw !== ',');
  return {
    kind: 'function',
    name: value,
    args: args.map((arg) => (arg.kind === 'string' ? sqlTokenValue(arg) : undefined)),
  };
}

/** A SELECT scope with the tables after each FROM and JOIN of the SQL. @param tokens Without comments. */
export function unparsedSelect(tokens: readonly SqlToken[], end: number): SelectScope {
  const sources = tokens.flatMap((token, index): SqlSource[] => {
    const origin = isSqlWord(token, 'from', 'join') ? originAt(tokens, index + 1) : undefined;
    return origin === undefined
      ? []
      : [
          {
            qualifier: undefined,
            name: undefined,
            columnAliases: [],
            isOptional: false,
            isHidden: false,
            start: token.start,
            origin,
          },
        ];
  });
  return {
    range: { start: 0, end },
    listEnd: undefined,
    fromStart: undefined,
    fromEnd: undefined,
    where: undefined,
    isEditable: false,
    sources,
    items: [],
    isDistinct: false,
    isAggregated: false,
    isSubtracted: false,
  };
}
