/**
 * Rewrites calls of functions that have another name or another syntax in DuckDB. Each rewrite returns edits of the
 * SQL.
 */
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../contract/sql/sql-scan';
import { GLOBAL_TABLES, INSTANCE_TABLES } from './catalogue';

export interface Edit {
  start: number;
  end: number;
  sql: string;
}

const ARROW_CASTS: ReadonlyMap<string, string> = new Map([
  ['Utf8', 'VARCHAR'],
  ['Utf8View', 'VARCHAR'],
  ['LargeUtf8', 'VARCHAR'],
  ['Dictionary(Int32, Utf8)', 'VARCHAR'],
  ['Boolean', 'BOOLEAN'],
  ['Int8', 'TINYINT'],
  ['Int16', 'SMALLINT'],
  ['Int32', 'INTEGER'],
  ['Int64', 'BIGINT'],
  ['UInt8', 'UTINYINT'],
  ['UInt16', 'USMALLINT'],
  ['UInt32', 'UINTEGER'],
  ['UInt64', 'UBIGINT'],
  ['Float32', 'FLOAT'],
  ['Float64', 'DOUBLE'],
  ['Binary', 'BLOB'],
  ['Date32', 'DATE'],
]);

/** `Timestamp(Nanosecond, Some("+00:00"))`, and the shorter `Timestamp(ns, "+00:00")`. */
const ARROW_TIMESTAMP =
  /^Timestamp\((Second|Millisecond|Microsecond|Nanosecond|s|ms|µs|us|ns)(?:, *(?:None|(?:Some\()?"([^"']*)"\)?))?\)$/;
const TIMESTAMPS: Readonly<Record<string, string>> = {
  Second: 'TIMESTAMP_S',
  s: 'TIMESTAMP_S',
  Millisecond: 'TIMESTAMP_MS',
  ms: 'TIMESTAMP_MS',
};

/** For each function of DataFusion, the function of DuckDB that has the same arguments. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['approx_percentile_cont', 'approx_quantile'],
  ['percentile_cont', 'quantile_cont'],
  ['btrim', 'trim'],
  ['make_array', 'list_value'],
  ['nvl', 'coalesce'],
  ['var', 'var_samp'],
]);

const TIME_COLUMNS: ReadonlySet<string> = new Set(
  [...GLOBAL_TABLES.values(), ...INSTANCE_TABLES.values()]
    .flat()
    .flatMap(({ name, type }) => (type === 'ts' ? [name] : []))
);

/**
 * Rewrites `cast(time as bigint)` and `time::bigint` to `epoch_ns(time)`. In DataFusion, both return nanoseconds since
 * 1970.
 */
export function nanoseconds(tokens: readonly SqlToken[], index: number, sql: string): Edit[] {
  const start = tokens[index]!;
  if (isSqlWord(start, 'cast') && tokens[index + 1]?.raw === '(') {
    const close = closingParenthesis(tokens, index + 1);
    const [column, as, type] = tokens.slice(close - 3, close);
    const isColumn = column !== undefined && isTimeColumn(tokens, index + 2, close - 3);
    return isColumn && isSqlWord(as, 'as') && isSqlWord(type, 'bigint')
      ? [
          {
            start: start.start,
            end: tokens[close]!.end,
            sql: `epoch_ns(${sql.slice(tokens[index + 2]!.start, column.end)})`,
          },
        ]
      : [];
  }
  const last = tokens[index + 1]?.raw === '.' ? index + 2 : index;
  const signs = tokens[last + 1]?.raw === '::' ? 1 : 2;
  const isCast = tokens
    .slice(last + 1, last + 1 + signs)
    .map(({ raw }) => raw)
    .join('')
    .startsWith('::');
  const isName = tokens[index - 1]?.raw !== '.' && isTimeColumn(tokens, index, last);
  const type = tokens[last + 1 + signs];
  return isCast && isName && isSqlWord(type, 'bigint')
    ? [{ start: start.start, end: type!.end, sql: `epoch_ns(${sql.slice(start.start, tokens[last]!.end)})` }]
    : [];
}

/** True if the tokens are the name of a time column, with or without a table. */
function isTimeColumn(tokens: readonly SqlToken[], first: number, last: number): boolean {
  const isName = last === first || (last === first + 2 && tokens[first + 1]?.raw === '.');
  const name = tokens[last];
  return isName && name !== undefined && TIME_COLUMNS.has(sqlTokenValue(name));
}

/** Converts `arrow_cast` to a CAST, if DuckDB has the type. */
export function arrowCast(tokens: readonly SqlToken[], index: number): Edit[] {
  if (!isSqlWord(tokens[index], 'arrow_cast') || tokens[index + 1]?.raw !== '(') {
    return [];
  }
  const close = closingParenthesis(tokens, index + 1);
  const [comma, name] = tokens.slice(close - 2, close);
  if (comma?.raw !== ',' || name?.kind !== 'string') {
    return [];
  }
  const type = sqlTokenValue(name);
  if (type === 'Int64' && isTimeColumn(tokens, index + 2, close - 3)) {
    return [edit(tokens, index, index, 'epoch_ns'), edit(tokens, close - 2, close - 1, '')];
  }
  const plain = ARROW_CASTS.get(type) ?? /^Decimal128(\(\d+, *-?\d+\))$/.exec(type)?.[1]?.replace('(', 'DECIMAL(');
  const cast = plain === undefined ? timestampCast(type) : ` AS ${plain})`;
  return cast === undefined ? [] : [edit(tokens, index, index, 'CAST'), edit(tokens, close - 2, close, cast)];
}

/**
 * The end of a CAST to an Arrow timestamp, for example ` AS TIMESTAMPTZ)`. Undefined for other types. A time in a zone
 * other than UTC becomes local time, because DataFusion's functions compute with the local time.
 */
function timestampCast(type: string): string | undefined {
  const [, unit, zone] = ARROW_TIMESTAMP.exec(type) ?? [];
  if (unit === undefined) {
    return undefined;
  }
  if (zone === undefined) {
    return ` AS ${TIMESTAMPS[unit] ?? 'TIMESTAMP'})`;
  }
  return ['+00:00', 'UTC', 'Z'].includes(zone) ? ' AS TIMESTAMPTZ)' : ` AS TIMESTAMPTZ) AT TIME ZONE '${zone}'`;
}

/**
 * Rewrites `percentile_cont(0.95) WITHIN GROUP (ORDER BY value)` and the same with `approx_percentile_cont`. For a
 * descending order, 0.95 becomes 1 - 0.95.
 */
export function percentile(tokens: readonly SqlToken[], index: number, sql: string): Edit[] {
  const name = tokens[index]!;
  if (!isSqlWord(name, 'approx_percentile_cont', 'percentile_cont') || tokens[index + 1]?.raw !== '(') {
    return [];
  }
  const close = closingParenthesis(tokens, index + 1);
  const [within, group, open, order, by] = tokens.slice(close + 1, close + 6);
  const isOrdered =
    isSqlWord(within, 'within') && isSqlWord(group, 'group') && isSqlWord(order, 'order') && isSqlWord(by, 'by');
  if (!isOrdered || open?.raw !== '(') {
    return [];
  }
  const end = closingParenthesis(tokens, close + 3);
  const direction = isSqlWord(tokens[end - 1], 'asc', 'desc') ? tokens[end - 1] : undefined;
  const share = sql.slice(tokens[index + 1]!.end, tokens[close]!.start);
  const ascending = isSqlWord(direction, 'desc') ? `1 - (${share})` : share;
  return [
    edit(tokens, index, close + 5, `${RENAMED.get(sqlTokenValue(name))}(`),
    edit(tokens, direction === undefined ? end : end - 1, end, `, ${ascending})`),
  ];
}

/**
 * Renames the aggregates `first_value(x ORDER BY t)` and `last_value(…)` to `first` and `last`. In DuckDB,
 * `first_value` and `last_value` are only window functions.
 */
export function firstOrLast(tokens: readonly SqlToken[], index: number): Edit[] {
  const name = tokens[index];
  if (!isSqlWord(name, 'first_value', 'last_value') || tokens[index + 1]?.raw !== '(') {
    return [];
  }
  let after = closingParenthesis(tokens, index + 1) + 1;
  if (isSqlWord(tokens[after], 'filter')) {
    after = closingParenthesis(tokens, after + 1) + 1;
  }
  const isWindow = isSqlWord(tokens[after], 'over', 'ignore', 'respect');
  return isWindow ? [] : [edit(tokens, index, index, isSqlWord(name, 'first_value') ? 'first' : 'last')];
}

/** `jsonb_each(SELECT …)`: DuckDB needs parentheses around the subquery. */
export function subqueryArgument(tokens: readonly SqlToken[], index: number): Edit[] {
  const [name, open, select] = tokens.slice(index, index + 3);
  const takesQuery = isSqlWord(name, 'expand_histogram', 'jsonb_array_elements', 'jsonb_each');
  return takesQuery && open?.raw === '(' && isSqlWord(select, 'select', 'with')
    ? [
        edit(tokens, index + 1, index + 1, '(('),
        edit(tokens, closingParenthesis(tokens, index + 1), closingParenthesis(tokens, index + 1), '))'),
      ]
    : [];
}

/** Replaces the name of a function that has the same arguments in DuckDB. */
export function renamed(tokens: readonly SqlToken[], index: number): Edit[] {
  const token = tokens[index]!;
  const name = token.kind === 'word' ? RENAMED.get(token.raw.toLowerCase()) : undefined;
  return name !== undefined && tokens[index + 1]?.raw === '(' ? [edit(tokens, index, index, name)] : [];
}

/**
 * Makes the division of an integer literal by the literal 0 fail, as in DataFusion. DuckDB would return null. Other
 * divisions by zero are not changed.
 */
export function divisionByZero(tokens: readonly SqlToken[], index: number): Edit[] {
  const [left, sign, zero] = tokens.slice(index, index + 3);
  const integers = left?.kind === 'number' && /^\d+$/.test(left.raw) && zero?.raw === '0';
  return integers && (sign?.raw === '/' || sign?.raw === '%')
    ? [edit(tokens, index, index + 2, `CAST(error('Divide by zero error') AS BIGINT)`)]
    : [];
}

/** The edit that replaces the tokens from `first` to `last`, both inclusive. */
function edit(tokens: readonly SqlToken[], first: number, last: number, sql: string): Edit {
  return { start: tokens[first]!.start, end: tokens[last]!.end, sql };
}

function closingParenthesis(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    depth += tokens[index]!.raw === '(' ? 1 : 0;
    depth -= tokens[index]!.raw === ')' ? 1 : 0;
    if (depth === 0) {
      return index;
    }
  }
  return tokens.length - 1;
}
