/** The dashboard "Micromegas services": OpenTelemetry traces, and the services that call each other. */
import { VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard';
import { minWidth, TIME, width } from './fields';
import { MINUTE, panelOf, table, timeSeries } from './panels';
import { sqlQuery, viewQuery } from './queries';
import { queryVariable } from './variables';

/** Maximum number of traces of a list. */
const TRACES = 50;
const SLOW_MS = 1000;

/** The programs with a stream of OpenTelemetry spans. The limit is the maximum number of services in a traces query. */
const SERVICES = `SELECT DISTINCT processes.exe AS value
FROM streams JOIN processes ON processes.process_id = streams.process_id
WHERE streams.format = 'otlp/v1/traces'
ORDER BY value
LIMIT 100`;

const map = panelOf('nodeGraph', {
  title: 'Service map',
  description:
    'The services that call each other, with their calls per second, durations and the share of failed calls. Computed from the spans of the time range.',
  query: viewQuery({ queryType: 'traces', traces: { view: 'service-map' } }),
});

const COLUMNS = {
  trace_id: [width(140)],
  start: [TIME],
  errors: [width(70)],
  duration: [width(90)],
  service: [minWidth(150)],
  operation: [minWidth(150)],
  spans: [width(70)],
};

const failed = table({
  title: 'Failed traces',
  description: `The ${TRACES} newest traces that have a span with the status ERROR, in one of the selected services.`,
  query: viewQuery({
    queryType: 'traces',
    traces: { view: 'search', services: ['$service'], statuses: ['ERROR'], limit: TRACES },
  }),
  overrides: COLUMNS,
});

const slow = table({
  title: 'Traces with a span of one second or longer',
  description: `The ${TRACES} newest traces in which a span of the selected services took at least ${SLOW_MS} ms. Explore searches for other durations.`,
  query: viewQuery({
    queryType: 'traces',
    traces: { view: 'search', services: ['$service'], minDurationMs: SLOW_MS, limit: TRACES },
  }),
  overrides: COLUMNS,
});

const errors = timeSeries({
  title: 'Error lines, by service',
  description:
    'Log lines of the levels error and fatal of the selected services that sent log lines. 0: log lines arrived, and none of them is an error.',
  style: 'bars',
  query: sqlQuery(
    `SELECT $__dateBin(time_bin) AS time, exe AS service, coalesce(sum(count) FILTER (WHERE level <= 2), 0) AS lines
FROM log_stats JOIN processes ON processes.process_id = log_stats.process_id
WHERE $__timeFilter(time_bin) AND exe IN ($service)
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{service}}' }
  ),
  minInterval: MINUTE,
  unit: 'short',
});

export const services = dashboard({
  uid: 'micromegas-services',
  title: 'Micromegas services',
  description: 'Traces of OpenTelemetry by duration and status, the map of services, and their errors.',
  revision: 3,
  from: 'now-1h',
  variables: [
    queryVariable({
      name: 'service',
      label: 'Service',
      query: sqlQuery(SERVICES),
      selects: 'all',
      sort: VariableSort.AlphabeticalAsc,
    }),
  ],
  rows: [
    { height: 11, panels: [map] },
    { height: 7, panels: [errors] },
    { height: 8, panels: [failed] },
    { height: 8, panels: [slow] },
  ],
});
