/** The query that a rule on a shown result runs. */
import { type DataQueryRequest } from '@grafana/data';
import { type MicromegasApi, type MicromegasQuery } from '../../shared/types';

export type RuleSource = Pick<MicromegasApi, 'uid' | 'type' | 'interpolateVariablesInQueries'>;

interface Shown {
  datasource: RuleSource;
  query: MicromegasQuery;
  /** The request of the result. */
  request: Pick<DataQueryRequest, 'scopedVars' | 'filters'> | undefined;
}

/** The query with the variables and the ad hoc filters of the shown result, so that the rule counts the same rows. */
export function queryOfRule({ datasource, query, request }: Shown): MicromegasQuery {
  // Without an interval, the data source returns a query that Grafana keeps.
  const { __interval: _interval, ...scoped } = request?.scopedVars ?? {};
  const [kept = query] = datasource.interpolateVariablesInQueries?.([query], scoped, request?.filters) ?? [];
  return kept;
}
