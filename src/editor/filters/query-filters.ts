/**
 * Attaches filters and groups to a query as data. The backend adds them to the SQL.
 *
 * | field          | content                                    | saved |
 * | -------------- | ------------------------------------------ | ----- |
 * | `filters`      | filters of the query: chips of the editor  | yes   |
 * | `adHocFilters` | filters of the dashboard, for one request  | no    |
 * | `groupByKeys`  | groups of the dashboard, for one request   | no    |
 */
import {
  type AdHocVariableFilter,
  type KeyValue,
  type QueryFixAction,
  type QueryFixType,
  type ToggleFilterAction,
} from '@grafana/data';
import { isEqual } from 'lodash';
import { filtersOf, type MicromegasQueryFields } from '../../../contract/queries/query';
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { isViewQuery } from '../../../contract/query-types/view-request';
import {
  type FilterOperator,
  filterValues,
  isListOperator,
  type QueryFilter,
} from '../../../contract/queries/query-filter';

/**
 * Grafana's ad hoc filters as filters of the query model. Entries that are not filters are dropped: an entry without a
 * key, a list operator without values, and the grouping entries of newer releases.
 */
export function toQueryFilters(filters: readonly AdHocVariableFilter[] = []): QueryFilter[] {
  return filtersOf(
    filters.map(({ key, operator, value, values }) => ({
      key,
      operator,
      value: value ?? '',
      ...(isListOperator(operator) && { values: filterValues({ operator, value: value ?? '', values }) }),
    }))
  ).filter((filter) => filterValues(filter).length > 0);
}

/**
 * The query with the ad hoc filters of one request. Queries of variables and annotations do not get ad hoc filters,
 * because the user filters panels only.
 */
export function withAdHocFilters<Q extends MicromegasQueryFields>(
  query: Q,
  filters: readonly AdHocVariableFilter[] | undefined
): Q {
  const { adHocFilters: _stale, ...rest } = query;
  const attached = query.purpose === undefined ? toQueryFilters(filters) : [];
  return { ...rest, ...(attached.length > 0 && { adHocFilters: attached }) } as Q;
}

/** The query with the keys by which the viewer of a dashboard groups. The keys apply only to panels with SQL. */
export function withGroupByKeys<Q extends MicromegasQueryFields>(query: Q, keys: readonly string[] = []): Q {
  const { groupByKeys: _stale, ...rest } = query;
  const attached = query.purpose === undefined && !isViewQuery(query) ? keys.filter((key) => key !== '') : [];
  return { ...rest, ...(attached.length > 0 && { groupByKeys: attached }) } as Q;
}

/**
 * Converts a query that was interpolated for one request into a query that Grafana keeps, for example in Explore. Ad
 * hoc filters become filters of the query, so that the user can see and remove them. Values that apply only to the
 * request are removed.
 *
 * @param changed True if the interpolation changed the SQL. Then the builder state, which still contains the variables,
 *   is removed, and the query opens in code mode.
 */
export function asKeptQuery<Q extends MicromegasQueryFields>(query: Q, changed: boolean): Q {
  const { adHocFilters, filters, timezone: _zone, groupByKeys: _groups, panel: _panel, ...rest } = query;
  const { builder: _withVariables, ...code } = rest;
  const all = filtersOf(adHocFilters).reduce(withFilter, filtersOf(filters));
  return { ...(changed ? { ...code, rawEditor: true } : rest), ...(all.length > 0 && { filters: all }) } as Q;
}

function isSame(a: QueryFilter, b: QueryFilter): boolean {
  return (
    a.key === b.key &&
    a.operator === b.operator &&
    (isListOperator(a.operator) ? isEqual(a.values ?? [], b.values ?? []) : a.value === b.value)
  );
}

/** Adds a filter unless the list has it. */
function withFilter(filters: readonly QueryFilter[], added: QueryFilter): QueryFilter[] {
  return filters.some((filter) => isSame(filter, added)) ? [...filters] : [...filters, added];
}

const OPPOSITES: Readonly<Partial<Record<FilterOperator, FilterOperator>>> = {
  '=': '!=',
  '!=': '=',
  contains: 'not-contains',
  'not-contains': 'contains',
};

/**
 * Adds a filter, and removes the opposite filter with the same value. If the operator is `=`, also removes the filter
 * for another value of the same key.
 */
function replaceContradicting(filters: readonly QueryFilter[], added: QueryFilter): QueryFilter[] {
  const opposite = OPPOSITES[added.operator];
  const kept = filters.filter(
    ({ key, operator, value }) =>
      key !== added.key ||
      !((operator === opposite && value === added.value) || (operator === '=' && added.operator === '='))
  );
  return withFilter(kept, added);
}

function setFilters<Q extends MicromegasQueryFields>(query: Q, filters: QueryFilter[]): Q {
  const { filters: _replaced, ...rest } = query;
  return { ...rest, ...(filters.length > 0 && { filters }) } as Q;
}

/** The filter on a key and value of a log line. Undefined without a key. */
function lineFilter(options: KeyValue<unknown> = {}, operator: FilterOperator): QueryFilter | undefined {
  const { key, value } = options;
  return typeof key === 'string' && key !== '' ? { key, operator, value: String(value ?? '') } : undefined;
}

/** The query with the filter added, or with the filter removed if the query already has it. */
export function toggleFilter<Q extends MicromegasQueryFields>(query: Q, { type, options }: ToggleFilterAction): Q {
  const toggled = lineFilter(options, type === 'FILTER_FOR' ? '=' : '!=');
  if (toggled === undefined) {
    return query;
  }
  const filters = filtersOf(query.filters);
  const others = filters.filter((filter) => !isSame(filter, toggled));
  return setFilters(query, others.length < filters.length ? others : replaceContradicting(filters, toggled));
}

/** True if the query has the filter for this key and value. Grafana then marks the button that adds the filter. */
export function hasFilter({ filters }: MicromegasQueryFields, options: KeyValue<unknown>): boolean {
  const wanted = lineFilter(options, '=');
  return wanted !== undefined && filtersOf(filters).some((filter) => isSame(filter, wanted));
}

/** The actions that `modifyFilters` handles. */
export const QUERY_MODIFICATIONS: QueryFixType[] = [
  'ADD_FILTER',
  'ADD_FILTER_OUT',
  'ADD_STRING_FILTER',
  'ADD_STRING_FILTER_OUT',
];

function addedFilter({ type, options }: QueryFixAction): QueryFilter | undefined {
  const value = String(options?.value ?? '');
  switch (type) {
    case 'ADD_FILTER':
      return lineFilter(options, '=');
    case 'ADD_FILTER_OUT':
      return lineFilter(options, '!=');
    case 'ADD_STRING_FILTER':
    case 'ADD_STRING_FILTER_OUT':
      return value === ''
        ? undefined
        : { key: LOG_FIELDS.body, operator: type === 'ADD_STRING_FILTER' ? 'contains' : 'not-contains', value: value };
    default:
      return undefined;
  }
}

/** The query with a filter on a value, or on selected text of a log line. Other actions change nothing. */
export function modifyFilters<Q extends MicromegasQueryFields>(query: Q, action: QueryFixAction): Q {
  const added = addedFilter(action);
  return added === undefined ? query : setFilters(query, replaceContradicting(filtersOf(query.filters), added));
}
