/** The filter functions for log lines and table cells of Explore. */
import { type DataFrame } from '@grafana/data';
import { createContext, useContext } from 'react';

export interface Filtering {
  /** Undefined if the data source does not support filters for values. */
  filterValue?: (key: string, value: string, isOut: boolean, frame?: DataFrame) => void;
  /** True if the query has the filter. */
  isActive: (key: string, value: string) => boolean;
  /** Undefined if the data source does not support filters for selected text. */
  filterText?: (value: string, isOut: boolean) => void;
}

export const FilteringContext = createContext<Filtering>({ isActive: () => false });

export function useFiltering(): Filtering {
  return useContext(FilteringContext);
}
