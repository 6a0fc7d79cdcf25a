/**
 * Terms of the SQL that the builder writes. A Grafana variable in place of a column, a table or a number is written
 * without quotes, because `"$column"` would be a name, and `'$limit'` a string.
 */
import { quoteLiteral, quoteName } from '../sql/sql-names';
import { type ColumnRef } from './builder-state';
import { type FillMode } from '../result-format';

/** One of Grafana's notations: `$name`, `${name}`, `${name:format}`, `[[name]]`. */
const VARIABLE = /\$\{\w+(?:\.\w+)*(?::[^}'\s]*)?\}|\$\w+|\[\[\w+(?::\w+)?\]\]/;
const ONLY_VARIABLE = new RegExp(`^(?:${VARIABLE.source})$`);
const SPLIT_AT_VARIABLES = new RegExp(`(${VARIABLE.source})`);
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** True for a string that consists of one variable. */
export function isVariable(sql: string): boolean {
  return ONLY_VARIABLE.test(sql);
}

/** True for a number or a variable. Both are written without quotes. */
export function isNumberOrVariable(sql: string): boolean {
  return NUMBER.test(sql) || isVariable(sql);
}

/** Applies `change` to the parts of a string that are outside of its variables. */
export function outsideVariables(sql: string, change: (part: string) => string): string {
  return sql
    .split(SPLIT_AT_VARIABLES)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

/** The SQL of a name, quoted if necessary. A variable is not quoted. */
export function nameSql(name: string): string {
  return isVariable(name) ? name : quoteName(name);
}

/** The SQL of a column, or of a property of a JSONB column, such as `property_get(properties, 'region')`. */
export function columnSql({ column, property }: ColumnRef): string {
  return property === undefined ? nameSql(column) : `property_get(${nameSql(column)}, ${quoteLiteral(property)})`;
}

/** True for the name of a column with properties in JSONB. */
export function holdsProperties(column: string): boolean {
  return column.endsWith('properties');
}

/** Columns of `otel_spans` with lists in JSONB. */
const JSONB_LISTS: readonly string[] = ['events', 'links'];

/**
 * True for the name of a column with JSONB. Other binary columns, such as `objects_metadata`, hold other formats. If a
 * JSONB function gets such a column, the query crashes on the server.
 */
export function holdsJsonb(column: string): boolean {
  return holdsProperties(column) || JSONB_LISTS.includes(column);
}

/**
 * The SQL of a term as a number. Used for properties, whose values are strings. If the string is not a number, the
 * result is NULL.
 */
export function asNumberSql(term: string): string {
  return `try_cast(${term} AS double)`;
}

/** The SQL of a table or, with `instanceId`, of the instance of a view. */
export function tableSql(table: string, instanceId: string | undefined): string {
  return instanceId ? `view_instance(${quoteLiteral(table)}, ${quoteLiteral(instanceId)})` : nameSql(table);
}

/** Length of each unit of Grafana's durations, in milliseconds. A month and a year have their average length. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
};

/** Milliseconds of a duration such as `5m`. Undefined for zero and for other strings. */
export function durationMs(duration: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(ms|[smhdwMy])$/.exec(duration) ?? [];
  return count === undefined || Number(count) === 0 ? undefined : Number(count) * UNIT_MS[unit];
}

/** True for an interval whose length is known: `auto`, or a duration. */
export function hasLength(interval: string): boolean {
  return interval === 'auto' || durationMs(interval) !== undefined;
}

/** True for an interval whose length is known, and for a string with a variable. */
export function isInterval(interval: string): boolean {
  return hasLength(interval) || new RegExp(VARIABLE).test(interval);
}

/** Length of each unit of a span's duration in nanoseconds, as SQL. */
const DURATION_UNITS: Readonly<Record<string, string>> = {
  ns: '1',
  us: '1000',
  µs: '1000',
  ms: '1000000',
  s: '1000000000',
  m: '60000000000',
  h: '3600000000000',
};
const SPAN_DURATION = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) *(ns|us|µs|ms|s|m|h)$/;

/**
 * The duration of a span in nanoseconds, as SQL.
 *
 * @param value A number or a variable in milliseconds, or a duration such as `5ms`, `1.5s` or `250us`.
 * @returns Undefined for other strings.
 */
export function spanDurationSql(value: string): string | undefined {
  const match = SPAN_DURATION.exec(value.trim());
  const [count, unit] = match === null ? [value, 'ms'] : [match[1], match[2]];
  if (!isNumberOrVariable(count)) {
    return undefined;
  }
  return unit === 'ns' ? count : `${count} * ${DURATION_UNITS[unit]}`;
}

/**
 * The inverse of `spanDurationSql`: reads the unit from the factor. For example, `5 * 1000000000` becomes `5s`. SQL
 * without a factor is in nanoseconds: `5` becomes `5ns`. SQL with an unknown factor is returned unchanged.
 */
export function spanDuration(sql: string): string {
  const [, count = sql, factor = '1'] = /^(\S+?)\s*\*\s*(\d+)$/.exec(sql) ?? [];
  const unit = Object.keys(DURATION_UNITS).find((name) => DURATION_UNITS[name] === factor);
  return unit === 'ms' ? count : unit === undefined ? sql : count + unit;
}

const FILLS: Readonly<Record<FillMode, string>> = { null: 'NULL', zero: '0', previous: 'previous' };

/** True for a duration of a day or longer. */
export function isDays(interval: string): boolean {
  return (durationMs(interval) ?? 0) >= UNIT_MS.d;
}

/**
 * SQL of the start of the interval that contains a time. Intervals of days or longer begin at midnight in the time zone
 * of the dashboard. Only `$__dateBin` supports such intervals.
 *
 * @param interval `auto`, a duration, or a variable.
 */
export function timeBinSql(column: string, interval: string, fill?: FillMode): string {
  if (fill === undefined && interval === 'auto') {
    return `$__dateBin(${nameSql(column)})`;
  }
  return binSql(isDays(interval) ? 'dateBin' : 'timeGroup', column, interval, fill);
}

/** Like `timeBinSql`, but days begin at midnight UTC. Used for states of measures that lack the field `zonedFill`. */
export function filledUtcBinSql(column: string, interval: string, fill: FillMode): string {
  return binSql('timeGroup', column, interval, fill);
}

function binSql(macro: 'dateBin' | 'timeGroup', column: string, interval: string, fill: FillMode | undefined): string {
  const filling = fill === undefined ? '' : `, ${FILLS[fill]}`;
  return `$__${macro}(${nameSql(column)}, ${quoteLiteral(interval)}${filling})`;
}

/** The sort key of a series. The first column of a series is the time. */
export function seriesOrder({ newestFirst }: { newestFirst?: boolean }): string {
  return newestFirst === true ? '1 DESC' : '1';
}
