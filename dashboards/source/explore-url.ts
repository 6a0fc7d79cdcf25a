/** Links from panels to queries in Explore. */
import { type ViewQueryFields } from '../../contract/query-types/view-request';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { DATA_SOURCE } from './queries';

/**
 * Matches encoded references such as `${__from}`. `exploreUrl` decodes them, because Grafana replaces only decoded
 * references. Grafana escapes the values that it inserts.
 */
const REFERENCE = /%24%7B([\w.]+)%7D/g;

/**
 * The address of a query in Explore, with the time range of the dashboard. The strings of the query may refer to
 * fields: `${__data.fields.name}`.
 */
export function exploreUrl(fields: ViewQueryFields | MicromegasQueryFields): string {
  const pane = {
    datasource: DATA_SOURCE.uid,
    queries: [{ refId: 'A', datasource: DATA_SOURCE, ...fields, version: 2 }],
    range: { from: '${__from}', to: '${__to}' },
  };
  const panes = encodeURIComponent(JSON.stringify({ A: pane })).replace(REFERENCE, '${$1}');
  return `/explore?schemaVersion=1&panes=${panes}`;
}
