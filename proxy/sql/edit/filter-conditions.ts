/**
 * Turns a filter into an SQL condition for one column.
 *
 * Where possible, the condition compares the plain column, without a function call, so that the server can use the
 * statistics of the column to skip data. A negated filter keeps rows without a value, because the user excludes only
 * the given value.
 */
import { SEVERITIES } from '../../../contract/logs/log-frame';
import { type FilterOperator, filterValues, type QueryFilter } from '../../../contract/queries/query-filter';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { shownName, foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { shownFilter } from './shown-filter';

/**
 * The type by which the values of a column are compared. `json`: JSONB, where only single properties can be compared.
 * `bytes`: an id, compared as a hexadecimal string.
 */
export type ColumnKind = 'text' | 'number' | 'time' | 'boolean' | 'json' | 'bytes' | 'other';

/** The column or property that a filter compares. */
export interface FilterTarget {
  /** The column, with its qualifier. */
  column: string;
  kind: ColumnKind;
  /** Key of a property, in a column of the kind `json`. */
  property?: string;
  /** True if the values are Micromegas's level numbers, 1 to 6. */
  isLevel: boolean;
}

/** Names of levels in Micromegas and in Grafana, and their usual short forms. */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ['fatal', 1],
  ['critical', 1],
  ['error', 2],
  ['err', 2],
  ['warn', 3],
  ['warning', 3],
  ['info', 4],
  ['information', 4],
  ['debug', 5],
  ['trace', 6],
]);

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** Milliseconds since 1970, with an optional offset: `1767225600000-5m`. */
const EPOCH_MS = /^(-?\d{1,15})(?:([+-]\d{1,9})(ms|s|m|h))?$/;
const UNITS_MS: ReadonlyMap<string | undefined, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
/** A time as Grafana and SQL write it, in UTC unless it has an offset. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?)? ?(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * The range of accepted times in milliseconds since 1970, the end exclusive. All years of this range have four digits.
 * `instants` may return the day after the range, and its year has four digits too.
 */
const FIRST_LITERAL_MS = Date.UTC(1000, 0);
const LAST_LITERAL_MS = Date.UTC(9999, 0);

/** Operators that exclude values. */
const NEGATIVE: ReadonlySet<FilterOperator> = new Set(['!=', '!~', '!=|', 'not-contains']);
/** True if the condition of the operator is true for rows without a value. */
export function keepsNulls(operator: FilterOperator): boolean {
  return NEGATIVE.has(operator);
}

/** Operators that compare the order of values. */
const ORDERING: readonly string[] = ['<', '<=', '>', '>='];

/** A string literal. Some macros are also expanded in quoted strings, so `$__` is split: `'$' || '__from'`. */
export function stringLiteral(value: string): string {
  const quoted = quoteLiteral(value);
  const split = quoted.replace(/\$(?=__|\{__)/g, () => "$' || '");
  return split === quoted ? quoted : `(${split})`;
}

function invalid(filter: QueryFilter, value: string, expected: string): ProxyError {
  return new ProxyError('filter_invalid', {
    detail: `The filter ${shownFilter(filter)} compares with "${foreignLine(value)}", which is not ${expected}.`,
  });
}

function unsupported({ key, operator }: QueryFilter, what: string): ProxyError {
  return new ProxyError('filter_invalid', {
    detail: `The filter ${shownName(key)} has the operator ${operator}, which ${what} do not have.`,
  });
}

function numberLiteral(filter: QueryFilter, { isLevel }: FilterTarget, value: string): string {
  const trimmed = value.trim();
  const level = isLevel ? LEVELS.get(trimmed.toLowerCase()) : undefined;
  if (level !== undefined) {
    return String(level);
  }
  if (!NUMBER.test(trimmed) || !Number.isFinite(Number(trimmed))) {
    throw invalid(filter, value, isLevel ? `a level such as ${SEVERITIES.join(', ')}` : 'a number');
  }
  return trimmed.replace(/^\+/, '').replace(/^(-?)\./, '$10.');
}

function booleanLiteral(filter: QueryFilter, value: string): string {
  const word = value.trim().toLowerCase();
  if (!['true', 'false', '1', '0'].includes(word)) {
    throw invalid(filter, value, 'true or false');
  }
  return String(word === 'true' || word === '1');
}

/**
 * The first instant of a value, and the first instant after the value, as ISO strings. A date is a whole day, and a
 * time without seconds is a whole minute. If the value has more than three digits after the seconds, both strings are
 * the value itself.
 */
function instants(filter: QueryFilter, value: string): readonly [first: string, next: string] {
  const trimmed = value.trim();
  const [, date, time, fraction, zone = 'Z'] = TIME.exec(trimmed) ?? [];
  const [, epoch, distance = '0', unit = 'ms'] = EPOCH_MS.exec(trimmed) ?? [];
  const isEpoch = epoch !== undefined;
  const base = isEpoch
    ? Number(epoch) + Number(distance) * (UNITS_MS.get(unit) ?? 1)
    : Date.parse(`${date}T${time ?? '00:00'}${zone}`);
  // `Date` reads 31 February as 3 March.
  const isDay = isEpoch || new Date(`${date}T00:00Z`).getUTCDate() === Number(date?.slice(-2));
  const wholeMs = base + (isEpoch ? 0 : Math.floor(Number(`0${fraction ?? ''}`) * 1000 + 1e-6));
  if (!isDay || !(wholeMs >= FIRST_LITERAL_MS && wholeMs < LAST_LITERAL_MS)) {
    throw invalid(filter, value, 'a time such as 2026-01-31T12:00:00Z');
  }
  const digits = fraction?.slice(1) ?? '';
  if (!isEpoch && digits.length > 3) {
    const exact = new Date(base).toISOString().replace('.000Z', `.${digits}Z`);
    return [exact, exact];
  }
  const stepMs = isEpoch || digits !== '' ? 1 : time === undefined ? 86_400_000 : time.length < 6 ? 60_000 : 1000;
  return [new Date(wholeMs).toISOString(), new Date(wholeMs + stepMs).toISOString()];
}

function timeCondition(filter: QueryFilter, column: string): string {
  const compare = (value: string): string => {
    const [first, next] = instants(filter, value);
    const [from, until] = [stringLiteral(first), stringLiteral(next)];
    const isExact = first === next;
    switch (filter.operator) {
      case '<':
        return `${column} < ${from}`;
      case '>=':
        return `${column} >= ${from}`;
      case '<=':
        return isExact ? `${column} <= ${from}` : `${column} < ${until}`;
      case '>':
        return isExact ? `${column} > ${from}` : `${column} >= ${until}`;
      case '=':
      case '=|':
        return isExact ? `${column} = ${from}` : `(${column} >= ${from} AND ${column} < ${until})`;
      case '!=':
      case '!=|':
        return isExact ? `${column} <> ${from}` : `(${column} < ${from} OR ${column} >= ${until})`;
      default:
        throw unsupported(filter, 'times');
    }
  };
  const isNegative = NEGATIVE.has(filter.operator);
  const all = filterValues(filter)
    .map(compare)
    .join(isNegative ? ' AND ' : ' OR ');
  return isNegative ? `(${all} OR ${column} IS NULL)` : `(${all})`;
}

/** The value with the wildcards of LIKE escaped, for `ESCAPE '\'`. */
function likePattern(value: string): string {
  return stringLiteral(`%${value.replace(/[\\%_]/g, '\\$&')}%`);
}

/**
 * The string literal of a regular expression. DataFusion converts an expression such as `\\` to LIKE, and does not
 * escape the backslashes. If the expression has a backslash, this function prevents the conversion: it adds an
 * alternative that never matches.
 */
function regularExpression(pattern: string): string {
  return stringLiteral(pattern.includes('\\') ? `[^\\s\\S]|${pattern}` : pattern);
}

/** A condition that compares the column with literals or with a pattern. @param literal Writes a value as a literal. */
function comparison(filter: QueryFilter, column: string, literal: (value: string) => string): string {
  const { operator, value } = filter;
  const withNulls = (condition: string) => `(${condition} OR ${column} IS NULL)`;
  switch (operator) {
    case '!=':
      return withNulls(`${column} <> ${literal(value)}`);
    case '=|':
      return `${column} IN (${filterValues(filter).map(literal).join(', ')})`;
    case '!=|':
      return withNulls(`${column} NOT IN (${filterValues(filter).map(literal).join(', ')})`);
    case '=~':
      return `${column} ~ ${regularExpression(value)}`;
    case '!~':
      return withNulls(`${column} !~ ${regularExpression(value)}`);
    case 'contains':
      return `${column} LIKE ${likePattern(value)} ESCAPE '\\'`;
    case 'not-contains':
      return withNulls(`${column} NOT LIKE ${likePattern(value)} ESCAPE '\\'`);
    default:
      return `${column} ${operator} ${literal(value)}`;
  }
}

/** True for an operator that compares with a part or a pattern of a string. */
function isPattern({ operator }: QueryFilter): boolean {
  return ['=~', '!~', 'contains', 'not-contains'].includes(operator);
}

/** SQL that converts numbers, times or booleans to strings. A level becomes the word that log frames show. */
function numberAsString({ column, isLevel }: FilterTarget): string {
  const words = SEVERITIES.map((word, index) => `WHEN ${index + 1} THEN '${word}'`).join(' ');
  return isLevel ? `(CASE ${column} ${words} END)` : `CAST(${column} AS VARCHAR)`;
}

/** SQL for the compared value as a string, for grouping. A level becomes the word that log frames show. */
export function targetAsString(target: FilterTarget): string {
  switch (target.kind) {
    case 'text':
      return target.column;
    case 'json':
      return propertyOf(target);
    case 'bytes':
      return hexadecimal(target);
    default:
      return numberAsString(target);
  }
}

function propertyOf({ column, property = '' }: FilterTarget): string {
  return `property_get(${column}, ${stringLiteral(property)})`;
}

function hexadecimal({ column }: FilterTarget): string {
  return `encode(${column}, 'hex')`;
}

function propertyCondition(filter: QueryFilter, target: FilterTarget): string {
  const property = propertyOf(target);
  const isNumeric = ORDERING.includes(filter.operator) && NUMBER.test(filter.value.trim());
  return isNumeric
    ? comparison(filter, `TRY_CAST(${property} AS DOUBLE)`, (value) =>
        numberLiteral(filter, { ...target, isLevel: false }, value)
      )
    : comparison(filter, property, stringLiteral);
}

/**
 * The condition of a filter. It can be an operand of AND.
 *
 * @param filter A filter with at least one value, see `filterValues`.
 * @throws {ProxyError} 'filter_invalid' if the column cannot be compared with the value or by the operator.
 */
export function filterCondition(filter: QueryFilter, target: FilterTarget): string {
  const { column, kind } = target;
  switch (kind) {
    case 'number':
      return isPattern(filter)
        ? comparison(filter, numberAsString(target), stringLiteral)
        : comparison(filter, column, (value) => numberLiteral(filter, target, value));
    case 'time':
      return timeCondition(filter, column);
    case 'boolean':
      if (isPattern(filter) || ORDERING.includes(filter.operator)) {
        throw unsupported(filter, 'columns of true and false');
      }
      return comparison(filter, column, (value) => booleanLiteral(filter, value));
    case 'json':
      return propertyCondition(filter, target);
    case 'bytes':
      return comparison(filter, hexadecimal(target), (value) => stringLiteral(value.trim().toLowerCase()));
    default:
      return comparison(filter, column, stringLiteral);
  }
}
