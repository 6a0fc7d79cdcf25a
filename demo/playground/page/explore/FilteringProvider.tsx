import { type DataFrame, type DataSourceApi } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import React, { type ReactNode } from 'react';
import { type Filtering, FilteringContext } from './filtering';
import { hasFilter, type FilterType, modifiedQuery, supportsLineFilters, supportsValueFilters } from './modify-query';

interface Props {
  source: DataSourceApi;
  query: DataQuery;
  /** Called with the query after a filter was added or removed. */
  onModify: (query: DataQuery) => void;
  children: ReactNode;
}

/** Lets the views of a result filter its query. */
export function FilteringProvider({ source, query, onModify, children }: Props) {
  return <FilteringContext.Provider value={filteringOf(source, query, onModify)}>{children}</FilteringContext.Provider>;
}

function filteringOf(source: DataSourceApi, query: DataQuery, onModify: (query: DataQuery) => void): Filtering {
  const modify = (type: FilterType, options: Record<string, string>, frame?: DataFrame) =>
    onModify(modifiedQuery(source, query, { type, options, frame }));
  return {
    isActive: (key, value) => hasFilter(source, query, key, value),
    filterValue: supportsValueFilters(source)
      ? (key, value, isOut, frame) => modify(isOut ? 'ADD_FILTER_OUT' : 'ADD_FILTER', { key, value }, frame)
      : undefined,
    filterText: supportsLineFilters(source)
      ? (value, isOut) => modify(isOut ? 'ADD_STRING_FILTER_OUT' : 'ADD_STRING_FILTER', { value })
      : undefined,
  };
}
