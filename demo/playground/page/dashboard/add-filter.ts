/** Adds filters from table cells and log lines to the ad hoc filters, as Grafana's dashboards do. */
import { type AdHocFiltersVariable, type VizPanelState } from '@grafana/scenes';

interface CellFilter {
  key: string;
  operator: string;
  value: string;
}

/** If a known filter has the same key and value, only its operator is replaced. */
export function withFilter(known: readonly CellFilter[], { key, operator, value }: CellFilter): CellFilter[] {
  const isSame = (each: CellFilter) => each.key === key && each.value === value;
  return known.some(isSame)
    ? known.map((each) => (isSame(each) ? { ...each, operator } : each))
    : [...known, { key, operator, value }];
}

/** Lets the panels of a scene add filters to the variable for ad hoc filters. */
export function filterContext(variable: AdHocFiltersVariable): VizPanelState['extendPanelContext'] {
  return (_panel, context) => {
    context.onAddAdHocFilter = (filter) => variable.setState({ filters: withFilter(variable.state.filters, filter) });
  };
}
