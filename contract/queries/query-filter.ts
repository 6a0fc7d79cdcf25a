/**
 * Filters of a query that are not a part of its SQL: ad hoc filters of a dashboard, and filters from log lines in
 * Explore. The backend inserts the filters as conditions into the SQL.
 */
import { custom, type InferOutput, is, optional, picklist, string } from 'valibot';
import { objectOf } from '../schemas';

/**
 * Operators of filters. `=|`: equal to one of several values. `!=|`: equal to none of several values. `contains` and
 * `not-contains` come from text that a user selects in a log line. The other operators are those of Grafana's ad hoc
 * filters.
 */
export const FILTER_OPERATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '=~',
  '!~',
  '=|',
  '!=|',
  'contains',
  'not-contains',
] as const;

export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** The symbols of the operators that are shown as a symbol. The other operators are shown as words. */
export const OPERATOR_SYMBOLS = { '=': '=', '!=': '≠', '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;

/**
 * One check for the whole list: a schema for each value takes five times as long, and a query may have 100,000 values.
 */
const strings = custom<string[]>((value) => Array.isArray(value) && value.every((item) => typeof item === 'string'));

const queryFilter = objectOf({
  /**
   * A column, an alias or display name of a column of the result, or a key of a JSONB column, for example
   * `properties.<key>`.
   */
  key: string(),
  operator: picklist(FILTER_OPERATORS),
  value: string(),
  /** Values of the operators `=|` and `!=|`. */
  values: optional(strings),
});

export type QueryFilter = InferOutput<typeof queryFilter>;

/** True for `=|` and `!=|`, which compare with a list of values. */
export function isListOperator(operator: string): boolean {
  return operator === '=|' || operator === '!=|';
}

/**
 * The values that a filter compares with. For `=|` and `!=|`: the list `values` or, if this list is missing, the single
 * `value`. The list is empty if one of these operators has no value.
 */
export function filterValues({
  operator,
  value,
  values,
}: {
  operator: string;
  value: string;
  values?: readonly string[];
}): readonly string[] {
  if (!isListOperator(operator)) {
    return [value];
  }
  return values ?? (value === '' ? [] : [value]);
}

/** True for an object with the fields of a filter and a known operator. */
export function isQueryFilter(value: unknown): value is QueryFilter {
  return is(queryFilter, value);
}
