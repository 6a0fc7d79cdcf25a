import { type DataQuery } from '@grafana/schema';

/** The query of the start page: the latency of the last hour. The demo data contains an incident in this hour. */
export const EXAMPLE_QUERY: DataQuery & Record<string, unknown> = {
  refId: 'A',
  query: `SELECT $__dateBin(time) AS time, property_get(properties, 'region') AS region, avg(value) AS latency_ms
FROM measures
WHERE $__timeFilter(time) AND name = 'request_latency'
GROUP BY 1, 2
ORDER BY 1`,
  format: 'time_series',
  rawEditor: true,
  timeFilter: true,
  autoLimit: false,
  version: 2,
};
