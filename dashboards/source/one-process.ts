/** The dashboard "Micromegas one process": everything that one process sent. */
import { VariableHide } from '@grafana/grafana-foundation-sdk/dashboard';
import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common';
import { dashboard } from './dashboard';
import { HIDDEN, IMAGES, minWidth, named, PROCESS_WIDTHS, SECONDS, width } from './fields';
import { logs, MINUTE, panelOf, table, timeSeries } from './panels';
import { builtQuery, sqlQuery, viewQuery } from './queries';
import { LEVEL_NAME } from './sql';
import { queryVariable } from './variables';

/**
 * The id of the view instance to read: the selected process or, if no process is selected, the whole table (`global`).
 */
const INSTANCE = "SELECT coalesce(nullif('$process', ''), 'global') AS value";
/** The selected process, if it sends spans of its threads. */
const SPANS = `SELECT process_id AS value
FROM streams
WHERE process_id = '$process' AND array_has(tags, 'cpu')
LIMIT 1`;

const itself = table({
  title: 'Process',
  description: 'State, log lines and links of the process that is selected in Process.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'list', search: '$process', limit: 1 } }),
  overrides: PROCESS_WIDTHS,
});

const metrics = timeSeries({
  title: 'Metrics',
  description: 'The average of each measure that is selected in Measure, in each interval.',
  query: sqlQuery(
    `SELECT $__dateBin(time) AS time, name, unit, avg(value) AS value
FROM view_instance('measures', '$instance')
WHERE $__timeFilter(time) AND process_id = '$process' AND name IN ($measure)
GROUP BY 1, 2, 3
ORDER BY 1`,
    { format: 'time_series', legend: '{{name}}' }
  ),
});

const levels = timeSeries({
  title: 'Log lines, by level',
  description: 'Log lines of the process.',
  style: 'bars',
  query: sqlQuery(
    `SELECT $__dateBin(time_bin) AS time, ${LEVEL_NAME} AS level, sum(count) AS lines
FROM log_stats
WHERE $__timeFilter(time_bin) AND process_id = '$process'
GROUP BY 1, 2
ORDER BY 1`,
    { format: 'time_series', legend: '{{level}}' }
  ),
  minInterval: MINUTE,
  unit: 'short',
});

const lines = logs({
  title: 'Log lines',
  description: 'The newest 200 lines of the process.',
  query: sqlQuery(
    `SELECT time, level, target, msg, properties
FROM view_instance('log_entries', '$instance')
WHERE $__timeFilter(time) AND process_id = '$process'
ORDER BY time DESC
LIMIT 200`,
    { format: 'logs' }
  ),
});

const threads = table({
  title: 'Threads and other streams',
  description: 'The streams of the process: its log, its metrics, and one for each instrumented thread.',
  query:
    sqlQuery(`SELECT array_to_string(tags, ', ') AS kind, property_get(properties, 'thread-name') AS thread, format, last_update_time AS newest, stream_id
FROM streams
WHERE process_id = '$process'
ORDER BY kind, thread
LIMIT 200`),
  overrides: {
    kind: [named('Kind'), width(75)],
    thread: [named('Thread'), minWidth(80)],
    format: [named('Format'), minWidth(110)],
    newest: [named('Newest data'), ...SECONDS],
    stream_id: [HIDDEN],
  },
});

const spans = panelOf('flamegraph', {
  title: 'Spans of the threads',
  description:
    'Where the threads spent their time, merged by call path. Reads the newest five minutes of a relative time range.',
  newest: '5m',
  query: viewQuery({ queryType: 'profile', profile: { view: 'flame-graph', processId: '$span_process' } }),
});

const images = table({
  title: 'Images',
  description: 'The newest 20 images of the process. Select a name to open the image.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'images', processId: '$process', limit: 20 } }),
  cellHeight: TableCellHeight.Lg,
  overrides: IMAGES,
});

const relatives = panelOf('nodeGraph', {
  title: 'Relatives',
  description: 'The parents of the process, and the processes that it started.',
  query: viewQuery({ queryType: 'processes', processes: { view: 'tree', processId: '$process' } }),
});

const MEASURES = `SELECT name AS value
FROM view_instance('measures', '$instance')
WHERE $__timeFilter(time) AND process_id = '$process'
GROUP BY name
ORDER BY CASE WHEN name ILIKE '%frame%' THEN 0 ELSE 1 END, name
LIMIT 1000`;

export const oneProcess = dashboard({
  uid: 'micromegas-process',
  title: 'Micromegas one process',
  description: 'Everything that one process sent: metrics, log lines, threads, spans, images, and its relatives.',
  revision: 3,
  from: 'now-1h',
  variables: [
    queryVariable({
      name: 'process',
      label: 'Process',
      query: builtQuery({ kind: 'values', of: 'processes', table: '', value: { column: '' }, conditions: [] }),
    }),
    queryVariable({ name: 'instance', label: 'Instance', query: sqlQuery(INSTANCE), hide: VariableHide.HideVariable }),
    queryVariable({
      name: 'span_process',
      label: 'Process with spans',
      query: sqlQuery(SPANS),
      hide: VariableHide.HideVariable,
    }),
    queryVariable({ name: 'measure', label: 'Measure', query: sqlQuery(MEASURES), selects: 'several' }),
  ],
  rows: [
    { height: 4, panels: [itself] },
    { height: 9, panels: [metrics, levels] },
    { height: 10, panels: [lines, threads] },
    { height: 12, panels: [spans] },
    { height: 10, panels: [images, relatives] },
  ],
});
