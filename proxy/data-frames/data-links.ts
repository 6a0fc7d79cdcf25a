/**
 * Links from ids in a result to the rows that belong to them. Grafana opens them in Explore.
 *
 * Grafana replaces `${__value.raw}` in all texts of a link's query, as it is. So the SQL of a link is fixed, and the value is
 * the value of a filter, which the proxy writes as a literal when the query runs.
 */
import { type MicromegasQueryFields } from '../../contract/query';
import { type FieldConfig } from './column-display';
import { type LinkTarget } from './frame-options';
import { isTextColumn, type ResultColumn } from './result-columns';

/** The value of the cell, in Grafana's syntax. */
const CELL = '${__value.raw}';

/** Limit for rows of logs, as the editor sets it. */
const LOG_ROWS = 1000;

const LINES = `SELECT time, level, target, msg, exe, username, computer, process_id, stream_id, properties
FROM log_entries
WHERE $__timeFilter(time)
ORDER BY time DESC`;

const METRICS = `SELECT $__dateBin(time) AS time, name, avg(value) AS value
FROM measures
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`;

const STREAM = 'SELECT stream_id, process_id, tags, properties, insert_time, last_update_time\nFROM streams';

interface LinkedQuery extends Pick<MicromegasQueryFields, 'query' | 'format' | 'rowLimit'> {
  title: string;
  /** Key of the filter with the value of the cell. */
  key: string;
}

const PROCESS: LinkedQuery[] = [
  { title: 'Logs of the process', key: 'process_id', query: LINES, format: 'logs', rowLimit: LOG_ROWS },
  { title: 'Metrics of the process', key: 'process_id', query: METRICS, format: 'time_series' },
];

/** Log entries of OpenTelemetry have the id of their trace as a property, in hexadecimal digits. */
const TRACE: LinkedQuery[] = [
  {
    title: 'Logs of the trace',
    key: 'properties.otel.trace_id',
    query: LINES,
    format: 'logs',
    rowLimit: LOG_ROWS,
  },
];

/** Links by the name of the column. */
const LINKS: Readonly<Record<string, readonly LinkedQuery[]>> = {
  process_id: PROCESS,
  parent_process_id: PROCESS,
  stream_id: [
    { title: 'Logs of the stream', key: 'stream_id', query: LINES, format: 'logs', rowLimit: LOG_ROWS },
    { title: 'The stream', key: 'stream_id', query: STREAM, format: 'table' },
  ],
  trace_id: TRACE,
};

function savedQuery({ title: _title, key, ...query }: LinkedQuery): MicromegasQueryFields & { refId: string } {
  return {
    refId: 'A',
    ...query,
    filters: [{ key, operator: '=', value: CELL }],
    timeFilter: true,
    autoLimit: false,
    rawEditor: true,
    version: 2,
  };
}

/** True if the column has links. A trace id in bytes has none, because Grafana receives it in base64. */
export function hasLinks(column: ResultColumn): boolean {
  return Object.hasOwn(LINKS, column.name) && isTextColumn(column);
}

/**
 * Adds the links of a column to its display options.
 *
 * @param target Undefined if Grafana sent no data source: then there are no links.
 */
export function withLinks(
  config: FieldConfig | undefined,
  column: ResultColumn,
  target: LinkTarget | undefined
): FieldConfig | undefined {
  if (target === undefined || !hasLinks(column)) {
    return config;
  }
  const links = LINKS[column.name].map((link) => ({
    title: link.title,
    url: '',
    internal: { datasourceUid: target.uid, datasourceName: target.name, query: savedQuery(link) },
  }));
  return { ...config, links };
}
