/** Filters from log lines and table cells, as Grafana's Explore adds them to a query. */
import {
  type DataSourceApi,
  hasQueryModificationSupport,
  hasToggleableQueryFiltersSupport,
  type QueryFixAction,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

export type FilterType = 'ADD_FILTER' | 'ADD_FILTER_OUT' | 'ADD_STRING_FILTER' | 'ADD_STRING_FILTER_OUT';

/**
 * The query with the filter. A data source that can toggle filters removes a filter that the query already has. If the
 * data source does not support the change, returns the same query.
 */
export function modifiedQuery(source: DataSourceApi, query: DataQuery, action: QueryFixAction): DataQuery {
  const isFilter = action.type === 'ADD_FILTER' || action.type === 'ADD_FILTER_OUT';
  if (isFilter && hasToggleableQueryFiltersSupport(source)) {
    return source.toggleQueryFilter(query, {
      type: action.type === 'ADD_FILTER' ? 'FILTER_FOR' : 'FILTER_OUT',
      options: (action.options ?? {}) as Record<string, string>,
      frame: action.frame,
    });
  }
  return hasQueryModificationSupport(source) ? source.modifyQuery(query, action) : query;
}

/** True if the query has the filter. Then the button of the filter removes it. */
export function hasFilter(source: DataSourceApi, query: DataQuery, key: string, value: string): boolean {
  return hasToggleableQueryFiltersSupport(source) && source.queryHasFilter(query, { key, value });
}

/** True if the menu of selected text offers filters for lines. */
export function supportsLineFilters(source: DataSourceApi): boolean {
  return hasQueryModificationSupport(source) && source.getSupportedQueryModifications().includes('ADD_STRING_FILTER');
}

/** True if log lines and table cells offer filters for values. */
export function supportsValueFilters(source: DataSourceApi): boolean {
  return (
    hasToggleableQueryFiltersSupport(source) ||
    (hasQueryModificationSupport(source) && source.getSupportedQueryModifications().includes('ADD_FILTER'))
  );
}
