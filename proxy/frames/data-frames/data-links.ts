/**
 * Links from ids in a result to the processes, log lines and traces with these ids.
 *
 * Grafana shows a table cell with one link as a link, and a table cell with several links as plain text with a menu. So
 * columns of tables have one link. The details of a log line list all links of its fields.
 */
import {
  filteredQuery,
  LINES_AFTER_MS,
  linesAroundQuery,
  logLinesQuery,
  whatChangedQuery,
} from '../../../contract/queries/linked-queries';
import { AROUND_MS } from '../../../contract/query-types/what-changed';
import { type FieldConfig } from './column-display';
import { CELL, equals, type Link, type LinkQuery, processMetrics, queryLink } from './explore-links';
import { type LinkTarget } from './frame-options';
import { isStringColumn, type ResultColumn } from './result-columns';

const STREAM = 'SELECT stream_id, process_id, tags, properties, insert_time, last_update_time\nFROM streams';

/** The id of the span to which Grafana's trace view scrolls. Only for frames with the field `span_id`. */
const SPAN = '${__data.fields.span_id}';

type LinkMaker = (target: LinkTarget) => Link;

const link =
  (title: string, query: LinkQuery): LinkMaker =>
  (target) =>
    queryLink(title, target, query);

const THE_PROCESS: LinkQuery = { queryType: 'processes', processes: { view: 'tree', processId: CELL } };
const STREAM_LOGS: LinkQuery = logLinesQuery([equals('stream_id')]);
const TRACE: LinkQuery = { queryType: 'traces', traces: { view: 'trace', traceId: CELL } };

/** The link of a cell of a table, by the name of the column. */
const CELL_LINKS: Readonly<Record<string, LinkMaker>> = {
  process_id: link('The process', THE_PROCESS),
  parent_process_id: link('The process', THE_PROCESS),
  stream_id: link('Logs of the stream', STREAM_LOGS),
  trace_id: link('The trace', TRACE),
};

// The titles of the links of a log line are short: Grafana shows all links of a field in one row beside its name, and
// wraps the value after each character if a title is wide.

/** Links from a process to all of its data except log lines. */
const PROCESS_DETAILS: readonly LinkMaker[] = [
  (target) => queryLink('Metrics', target, processMetrics(target)),
  link('Flame graph', { queryType: 'profile', profile: { view: 'flame-graph', processId: CELL } }),
  link('Process', THE_PROCESS),
];

// Log entries of OpenTelemetry have the id of their trace as a property, in hexadecimal digits.
const TRACE_LOGS = link('Logs', logLinesQuery([equals('properties.otel.trace_id')]));

/**
 * The time of a log line in milliseconds: the first field of its frame. To get nanoseconds, queries append digits.
 */
const LINE_MS = '${__data.fields[0].numeric}';

/** The id of the line in the linked query. Grafana puts the `refId` of the query, which is `A`, before each id. */
const LINE_ID = 'A_${__data.fields.id}';

const BEFORE_LINE = `${LINE_MS}-${AROUND_MS / 60_000}m`;
const AFTER_LINE = `${LINE_MS}+${LINES_AFTER_MS / 1000}s`;

/** The log lines of the process around a log line. Explore scrolls to this log line. */
const PROCESS_LOGS_AT_LINE: LinkMaker = (target) =>
  queryLink('Logs', target, linesAroundQuery([equals('process_id')], BEFORE_LINE, AFTER_LINE), {
    logs: { id: LINE_ID },
  });

/** The activity of the threads of the process in the millisecond of a log line. */
const THREADS_AT_LINE = link('Threads', {
  queryType: 'profile',
  profile: { view: 'timeline', processId: CELL, beginNs: `${LINE_MS}000000`, endNs: `${LINE_MS}999999` },
});

/** The lines that are new or more frequent before a log line, in its process and in those that it calls or serves. */
const CHANGED_AT_LINE = link(
  'What changed',
  whatChangedQuery({ processIds: [CELL], scope: 'callers-and-callees', atMs: LINE_MS })
);

/** The links of a log line, by the name of the column. */
const LINE_LINKS: Readonly<Record<string, readonly LinkMaker[]>> = {
  process_id: [PROCESS_LOGS_AT_LINE, ...PROCESS_DETAILS, THREADS_AT_LINE, CHANGED_AT_LINE],
  parent_process_id: [link('Logs', logLinesQuery([equals('process_id')])), ...PROCESS_DETAILS],
  stream_id: [
    link('Logs', STREAM_LOGS),
    link('Stream', { query: STREAM, format: 'table', ...filteredQuery([equals('stream_id')]) }),
  ],
  trace_id: [link('Trace', TRACE), TRACE_LOGS],
};

/** True if the column has links. Binary ids have none, because Grafana receives them in base64. */
export function hasLinks(column: ResultColumn): boolean {
  return Object.hasOwn(CELL_LINKS, column.name) && isStringColumn(column);
}

/** The name of the field with the links of a label of log lines. The label has the name of the column. */
export function linkFieldName(column: string): string {
  return column.replace(/_id$/, '');
}

/**
 * Adds the link of a table column to the display options of the column.
 *
 * @param target Undefined if Grafana sent no data source: then there are no links.
 */
export function withCellLink(
  config: FieldConfig | undefined,
  column: ResultColumn,
  target: LinkTarget | undefined
): FieldConfig | undefined {
  return target === undefined || !hasLinks(column) ? config : { ...config, links: [CELL_LINKS[column.name](target)] };
}

/** Adds the links of a field of log lines to the display options of the field, like `withCellLink`. */
export function withLineLinks(
  config: FieldConfig | undefined,
  column: ResultColumn,
  target: LinkTarget | undefined
): FieldConfig | undefined {
  return target === undefined || !hasLinks(column)
    ? config
    : { ...config, links: LINE_LINKS[column.name].map((linkTo) => linkTo(target)) };
}

/** The links of the trace id of a log line, in a frame that has the field `span_id`. */
export function traceLinks(target: LinkTarget): FieldConfig {
  return { links: [queryLink('Trace', target, TRACE, { trace: { spanId: SPAN } }), TRACE_LOGS(target)] };
}
