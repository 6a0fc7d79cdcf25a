/**
 * Links from traces, spans and services. Grafana opens them in Explore.
 *
 * Grafana replaces variables such as `${__value.raw}` in all texts of a linked query, as they are. So the SQL of a link is fixed,
 * and values go to filters or to fields that the proxy validates. Explore hides a link with a `$name` that is no variable of the
 * row; of the macros, it knows `$__timeFilter` only.
 */
import { type MicromegasQueryFields } from '../../contract/query';
import { type QueryFilter } from '../../contract/query-filter';
import { type LinkTarget } from '../data-frames/frame-options';

/** The value of the cell, in Grafana's syntax. */
const CELL = '${__value.raw}';
/** The value of a text field of the same row. */
const field = (name: string) => `\${__data.fields["${name}"]}`;

const LOG_ROWS = 1000;

const COLUMNS = 'time, level, target, msg, exe, username, computer, process_id, stream_id, properties';
const LINES_IN_RANGE = `SELECT ${COLUMNS}\nFROM log_entries\nWHERE $__timeFilter(time)\nORDER BY time DESC`;
const LINES = `SELECT ${COLUMNS}\nFROM log_entries\nORDER BY time DESC`;
const METRICS = `SELECT $__dateBin(time) AS time, name, avg(value) AS value
FROM measures
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`;

type Query = MicromegasQueryFields & { refId: string };
export type Link = Readonly<Record<string, unknown>>;

const equals = (key: string, value: string): QueryFilter => ({ key, operator: '=', value });

function sqlQuery(changes: Partial<Query>): Query {
  return { refId: 'A', timeFilter: true, autoLimit: false, rawEditor: true, version: 2, ...changes };
}

const logs = (filters: QueryFilter[]): Query =>
  sqlQuery({ query: LINES_IN_RANGE, format: 'logs', rowLimit: LOG_ROWS, filters });

const OF_TRACE = 'properties.otel.trace_id';

function internal(title: string, target: LinkTarget, query: Query): Link {
  return { title, url: '', internal: { datasourceUid: target.uid, datasourceName: target.name, query } };
}

/** Links by the name of the field. None without a data source. */
export type FieldLinks = Readonly<Record<string, readonly Link[]>>;

/**
 * For a table of traces with the field `trace_id`. Their range is that of the table. Grafana shows a value with one link as a link, and a
 * value with several as plain text with a menu: so each field has one.
 */
export function tableLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        trace_id: [
          internal('Trace', target, { refId: 'A', queryType: 'traces', traces: { view: 'trace', traceId: CELL } }),
        ],
        errors: [internal('Logs of the trace', target, logs([equals(OF_TRACE, field('trace_id'))]))],
      };
}

/** Names of fields of a trace frame that only links use. */
export const LINK_FIELDS = {
  /** Process of the span. */
  process: 'sourceProcessId',
  /** Milliseconds since 1970 as digits: around all spans of the trace, and some minutes around the span. */
  traceBegin: 'traceBegin',
  traceEnd: 'traceEnd',
  nearBegin: 'nearBegin',
  nearEnd: 'nearEnd',
} as const;

/**
 * For the spans of a trace frame. Grafana opens them in the time of the span. Log lines of the whole trace have a range of their
 * own as filters. Metrics need more than the milliseconds of a span, so their link is an address with a range.
 */
export function spanLinks(target: LinkTarget | undefined): FieldLinks {
  if (target === undefined) {
    return {};
  }
  const { process, traceBegin, traceEnd } = LINK_FIELDS;
  const range: QueryFilter[] = [
    { key: 'time', operator: '>=', value: field(traceBegin) },
    { key: 'time', operator: '<=', value: field(traceEnd) },
  ];
  const wholeTrace = sqlQuery({
    query: LINES,
    format: 'logs',
    rowLimit: LOG_ROWS,
    timeFilter: false,
    filters: [equals(OF_TRACE, CELL), ...range],
  });
  return {
    traceID: [internal('Logs of the trace', target, wholeTrace)],
    spanID: [
      internal(
        'Logs of the span',
        target,
        logs([equals('process_id', field(process)), equals('properties.otel.span_id', CELL)])
      ),
    ],
    [process]: [
      internal('Logs of the process', target, logs([equals('process_id', CELL)])),
      metricsLink(target),
      internal('Process', target, {
        refId: 'A',
        queryType: 'processes',
        processes: { view: 'tree', processId: CELL },
      }),
      internal('Flame graph of the process', target, {
        refId: 'A',
        queryType: 'profile',
        profile: { view: 'flame-graph', processId: CELL },
      }),
    ],
  };
}

function metricsLink(target: LinkTarget): Link {
  const query = sqlQuery({ query: METRICS, format: 'time_series', filters: [equals('process_id', CELL)] });
  const { nearBegin, nearEnd } = LINK_FIELDS;
  const pane = {
    datasource: target.uid,
    queries: [{ ...query, datasource: { uid: target.uid } }],
    range: { from: field(nearBegin), to: field(nearEnd) },
  };
  return {
    title: 'Metrics of the process',
    url: `/explore?schemaVersion=1&panes=${encodedExceptVariables(JSON.stringify({ micromegas: pane }))}`,
    targetBlank: true,
  };
}

/** Percent-encodes a JSON text. The variables stay readable for Grafana; their values are ids and digits. */
function encodedExceptVariables(json: string): string {
  return [CELL, ...Object.values(LINK_FIELDS).map(field)].reduce((text, variable) => {
    const inJson = JSON.stringify(variable).slice(1, -1);
    return text.replaceAll(encodeURIComponent(inJson), () => variable);
  }, encodeURIComponent(json));
}

/** For the nodes of a service map, with the program in the field `service`. */
export function serviceLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        service: [
          internal('Traces', target, {
            refId: 'A',
            queryType: 'traces',
            traces: { view: 'search', services: [CELL] },
          }),
          internal('Traces with errors', target, {
            refId: 'A',
            queryType: 'traces',
            traces: { view: 'search', services: [CELL], statuses: ['ERROR'] },
          }),
          internal('Logs', target, logs([equals('exe', CELL)])),
        ],
      };
}
