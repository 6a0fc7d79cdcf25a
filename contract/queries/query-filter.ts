/**
 * Filters that are attached to a query as data: ad hoc filters of a dashboard, and filters from log lines in Explore.
 * The browser attaches the filters. The backend inserts them as conditions into the author's SQL.
 */
import { custom, type InferOutput, is, optional, picklist, string } from 'valibot';
import { objectOf } from '../schemas';

/**
 * Operators of Grafana's ad hoc filters. `=|` and `!=|` compare with a list. `contains` and `not-contains` come from
 * selected text of a log line.
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

/**
 * One check for the whole list: a schema for each value takes five times as long, and a query may have 100,000 values.
 */
const strings = custom<string[]>((value) => Array.isArray(value) && value.every((item) => typeof item === 'string'));

const queryFilter = objectOf({
  /**
   * One of: a column; an alias or display name of the result; a key of a JSONB column. Such a key is written
   * `properties.<key>`, `process_properties.<key>`, or as the label of log lines in Grafana.
   */
  key: string(),
  operator: picklist(FILTER_OPERATORS),
  value: string(),
  /** Values of the operators `=|` and `!=|`. */
  values: optional(strings),
});

export type QueryFilter = InferOutput<typeof queryFilter>;

/** True for a filter that compares with a list. */
export function isListOperator(operator: string): boolean {
  return operator === '=|' || operator === '!=|';
}

/**
 * The values that a filter compares with. A list filter without `values` compares with its single value. A list filter
 * without a selected value has no effect.
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

/** True for a filter of the right shape. */
export function isQueryFilter(value: unknown): value is QueryFilter {
  return is(queryFilter, value);
}
