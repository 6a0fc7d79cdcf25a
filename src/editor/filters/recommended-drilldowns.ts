/** Filters and groups that Grafana 12.4 and later recommend next to the list of ad hoc filters. */
import { type AdHocVariableFilter, type TimeRange } from '@grafana/data';
import { type LookupRange } from '../../../contract/resources/lookups';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { lookupRange } from '../../shared/lookups/lookup-range';
import { aggregating, type KeySource, tablesWithColumns, type Table, tableNames } from './filter-keys';

/** What Grafana passes for a dashboard or a panel. */
export interface DrilldownRequest {
  queries?: readonly MicromegasQueryFields[];
  timeRange?: TimeRange;
  /** The filters that the dashboard already has. */
  filters?: ReadonlyArray<Pick<AdHocVariableFilter, 'key'>>;
  groupByKeys?: readonly string[];
}

export interface Recommendation {
  filters?: AdHocVariableFilter[];
  groupByKeys?: string[];
}

/** Columns by which users often compare telemetry. */
const COLUMNS = ['exe', 'name', 'target', 'computer', 'username'];
/** Maximum number of recommended columns. Each column may need one lookup. */
const MAX_COLUMNS = 3;

/**
 * Recommends filters for at most three columns of the tables that the queries read: for each column, a filter on its
 * most frequent value. If a query aggregates, these columns are also recommended as groups. The name of a measure is
 * recommended only as a group. Without queries, the result is empty and no lookup is sent.
 *
 * Grafana calls this function after each change of a filter. The columns do not depend on the filters, so later calls
 * find the values in the cache of the lookups. Never rejects: a column whose values cannot be read is left out.
 */
export async function recommendDrilldowns(
  source: KeySource,
  { queries = [], filters = [], groupByKeys = [] }: DrilldownRequest,
  timeRange: TimeRange
): Promise<Recommendation> {
  const tables = await tablesWithColumns(source, tableNames(queries));
  const columns = COLUMNS.flatMap((column) => {
    const table = tables.find((each) => each.columns.some(({ name }) => name === column));
    return table === undefined ? [] : [{ column, table }];
  }).slice(0, MAX_COLUMNS);
  if (columns.length === 0) {
    return {};
  }
  const range = lookupRange(timeRange);
  // Most panels show one measure each. A filter on the name of one measure would empty the panels of other measures.
  const hasMeasures = tables.some(({ name }) => name === 'measures');
  const filtered = columns.filter(({ column }) => column !== 'name' || !hasMeasures);
  const found = await Promise.all(filtered.map(({ column, table }) => mostFrequent(source, table, column, range)));
  const names = columns.map(({ column }) => column);
  return {
    filters: found.flat().filter(({ key }) => filters.every((filter) => filter.key !== key)),
    ...(aggregating(queries).length > 0 && { groupByKeys: names.filter((name) => !groupByKeys.includes(name)) }),
  };
}

/**
 * The filter on the most frequent value of a column. Empty if the values cannot be read, or if all rows have the same
 * value: then the filter would have no effect.
 */
async function mostFrequent(
  source: KeySource,
  { name: table }: Table,
  column: string,
  range: LookupRange
): Promise<AdHocVariableFilter[]> {
  try {
    const { items } = await source.lookups.get({ kind: 'values', table, column, range });
    return items.length > 1 ? [{ key: column, operator: '=', value: items[0].value }] : [];
  } catch {
    return [];
  }
}
