/** Links from ids in a result of the author's SQL to the rows that belong to them. */
import { filteredQuery, linesBetweenQuery, linesQuery, whatChangedQuery } from '../../contract/linked-queries';
import { type FieldConfig } from './column-display';
import { CELL, equals, type Link, type LinkQuery, processMetrics, queryLink } from './explore-links';
import { type LinkTarget } from './frame-options';
import { isTextColumn, type ResultColumn } from './result-columns';

const STREAM = 'SELECT stream_id, process_id, tags, properties, insert_time, last_update_time\nFROM streams';

/** Opens Grafana's trace view with a span in view. Only for frames with the field. */
const SPAN = '${__data.fields.span_id}';

type LinkMaker = (target: LinkTarget) => Link;

const link =
  (title: string, query: LinkQuery): LinkMaker =>
  (target) =>
    queryLink(title, target, query);

const PROCESS_LOGS = 'Logs of the process';

const PROCESS: readonly LinkMaker[] = [
  link(PROCESS_LOGS, linesQuery([equals('process_id')])),
  (target) => queryLink('Metrics of the process', target, processMetrics(target)),
  link('Flame graph of the process', { queryType: 'profile', profile: { view: 'flame-graph', processId: CELL } }),
  link('The process', { queryType: 'processes', processes: { view: 'tree', processId: CELL } }),
];

const TRACE: LinkQuery = { queryType: 'traces', traces: { view: 'trace', traceId: CELL } };
// Log entries of OpenTelemetry have the id of their trace as a property, in hexadecimal digits.
const TRACE_LOGS = link('Logs of the trace', linesQuery([equals('properties.otel.trace_id')]));

/** Links by the name of the column. */
const LINKS: Readonly<Record<string, readonly LinkMaker[]>> = {
  process_id: PROCESS,
  parent_process_id: PROCESS,
  stream_id: [
    link('Logs of the stream', linesQuery([equals('stream_id')])),
    link('The stream', { query: STREAM, format: 'table', ...filteredQuery([equals('stream_id')]) }),
  ],
  trace_id: [link('The trace', TRACE), TRACE_LOGS],
};

/** The millisecond of a log line, whose time is the first field of its frame. Digits complete it to nanoseconds. */
const LINE_MS = '${__data.fields[0].numeric}';

/** The id of the line that the linked query shows: Grafana puts the name of the query before it. */
const LINE_ID = 'A_${__data.fields.id}';

/** The log lines of the process from 5 minutes before to 5 minutes after a line, opened at that line. */
const PROCESS_LOGS_AT_LINE: LinkMaker = (target) =>
  queryLink(PROCESS_LOGS, target, linesBetweenQuery([equals('process_id')], `${LINE_MS}-5m`, `${LINE_MS}+5m`), {
    logs: { id: LINE_ID },
  });

/** What the threads of the process did in the millisecond of a log line. */
const THREADS_AT_LINE = link('Threads at the time of the line', {
  queryType: 'profile',
  profile: { view: 'timeline', processId: CELL, beginNs: `${LINE_MS}000000`, endNs: `${LINE_MS}999999` },
});

/** What is new, or grew, around a log line of the process. */
const CHANGED_AT_LINE = link('What changed', whatChangedQuery({ processIds: [CELL], atMs: LINE_MS }));

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
  return target === undefined || !hasLinks(column)
    ? config
    : { ...config, links: LINKS[column.name].map((linkTo) => linkTo(target)) };
}

/** Like `withLinks`, for a column of log lines. */
export function withLineLinks(
  config: FieldConfig | undefined,
  column: ResultColumn,
  target: LinkTarget | undefined
): FieldConfig | undefined {
  const linked = withLinks(config, column, target);
  if (target === undefined || column.name !== 'process_id' || !Array.isArray(linked?.links)) {
    return linked;
  }
  const others = PROCESS.slice(1).map((linkTo) => linkTo(target));
  return {
    ...linked,
    links: [PROCESS_LOGS_AT_LINE(target), ...others, THREADS_AT_LINE(target), CHANGED_AT_LINE(target)],
  };
}

/** The links of the field with the trace of a log line, in a frame that has the field `span_id`. */
export function traceLinks(target: LinkTarget): FieldConfig {
  return { links: [queryLink('The trace', target, TRACE, { trace: { spanId: SPAN } }), TRACE_LOGS(target)] };
}
