/**
 * Links from ids in a result to the rows that belong to them. Grafana opens them in Explore.
 *
 * Grafana replaces `${__value.raw}` in all texts of a link's query, as it is. So the SQL of a link is fixed, and the value is
 * the value of a filter, or a field of a request, which the proxy writes as a literal when the query runs.
 */
import { filteredQuery, linesQuery } from '../../contract/linked-queries';
import { type MicromegasQueryFields } from '../../contract/query';
import { type QueryFilter } from '../../contract/query-filter';
import { type FieldConfig } from './column-display';
import { type LinkTarget } from './frame-options';
import { isTextColumn, type ResultColumn } from './result-columns';

/** The value of the cell, in Grafana's syntax. */
const CELL = '${__value.raw}';

const METRICS = `SELECT $__dateBin(time) AS time, name, avg(value) AS value
FROM measures
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`;

const STREAM = 'SELECT stream_id, process_id, tags, properties, insert_time, last_update_time\nFROM streams';

/** Opens Grafana's trace view with a span in view. Only for frames with the field. */
const SPAN = '${__data.fields.span_id}';

type LinkQuery = Omit<MicromegasQueryFields, 'version'>;

interface FieldLink {
  title: string;
  query: LinkQuery;
  /** State of a panel of Explore. */
  panelsState?: Readonly<Record<string, unknown>>;
}

/** A filter on the value of the cell. */
const byCell = (key: string): QueryFilter[] => [{ key, operator: '=', value: CELL }];

/** A link to the rows of a fixed query. @param key Key of the filter with the value of the cell. */
function rowsLink(title: string, key: string, query: Pick<LinkQuery, 'query' | 'format'>): FieldLink {
  return { title, query: { ...query, ...filteredQuery(byCell(key)) } };
}

const logsLink = (title: string, key: string): FieldLink => ({ title, query: linesQuery(byCell(key)) });

const PROCESS: readonly FieldLink[] = [
  logsLink('Logs of the process', 'process_id'),
  rowsLink('Metrics of the process', 'process_id', { query: METRICS, format: 'time_series' }),
  {
    title: 'Flame graph of the process',
    query: { queryType: 'profile', profile: { view: 'flame-graph', processId: CELL } },
  },
  { title: 'The process', query: { queryType: 'processes', processes: { view: 'list', search: CELL } } },
];

const TRACE: readonly FieldLink[] = [
  { title: 'The trace', query: { queryType: 'traces', traces: { view: 'trace', traceId: CELL } } },
  // Log entries of OpenTelemetry have the id of their trace as a property, in hexadecimal digits.
  logsLink('Logs of the trace', 'properties.otel.trace_id'),
];

/** Links by the name of the column. */
const LINKS: Readonly<Record<string, readonly FieldLink[]>> = {
  process_id: PROCESS,
  parent_process_id: PROCESS,
  stream_id: [
    logsLink('Logs of the stream', 'stream_id'),
    rowsLink('The stream', 'stream_id', { query: STREAM, format: 'table' }),
  ],
  trace_id: TRACE,
};

/** True if the column has links. A trace id in bytes has none, because Grafana receives it in base64. */
export function hasLinks(column: ResultColumn): boolean {
  return Object.hasOwn(LINKS, column.name) && isTextColumn(column);
}

function configOf(links: readonly FieldLink[], { uid, name }: LinkTarget): FieldConfig {
  return {
    links: links.map(({ title, query, panelsState }) => ({
      title,
      url: '',
      internal: {
        datasourceUid: uid,
        datasourceName: name,
        query: { refId: 'A', ...query, version: 2 },
        ...(panelsState !== undefined && { panelsState }),
      },
    })),
  };
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
  return target === undefined || !hasLinks(column) ? config : { ...config, ...configOf(LINKS[column.name], target) };
}

/** The links of the field with the trace of a log line, in a frame that has the field `span_id`. */
export function traceLinks(target: LinkTarget): FieldConfig {
  const [trace, ...others] = TRACE;
  return configOf([{ ...trace, panelsState: { trace: { spanId: SPAN } } }, ...others], target);
}
