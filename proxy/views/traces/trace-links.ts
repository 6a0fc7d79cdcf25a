/** Links from traces, spans and services. */
import {
  linesAroundQuery,
  linesBetweenQuery,
  logLinesQuery,
  averagesQuery,
  whatChangedQuery,
} from '../../../contract/queries/linked-queries';
import { type TracesRequest } from '../../../contract/query-types/traces';
import { MAX_CHANGED_PROCESSES } from '../../../contract/query-types/what-changed';
import {
  CELL,
  equals,
  fieldNumber,
  fieldValue,
  type Link,
  linkedQuery,
  type LinkQuery,
  queryLink,
} from '../../frames/data-frames/explore-links';
import { type LinkTarget } from '../../frames/data-frames/frame-options';

/** Properties of log entries from OpenTelemetry: the ids of their trace and span as hexadecimal digits. */
const OF_TRACE = 'properties.otel.trace_id';
const OF_SPAN = 'properties.otel.span_id';

const traces = (request: TracesRequest): LinkQuery => ({ queryType: 'traces', traces: request });

/** Links by the name of the field. Empty if Grafana sent no data source. */
type FieldLinks = Readonly<Record<string, readonly Link[]>>;

/**
 * Links for a table of traces with the field `trace_id`. The links open with the range of the table. Each field has
 * only one link, because Grafana shows a value with several links as plain text with a menu.
 */
export function tableLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        trace_id: [queryLink('Trace', target, traces({ view: 'trace', traceId: CELL }))],
        errors: [queryLink('Logs of the trace', target, logLinesQuery([equals(OF_TRACE, fieldValue('trace_id'))]))],
      };
}

/** Names of the fields of a trace frame that only links use. */
export const LINK_FIELDS = {
  /** Process of the span. */
  process: 'sourceProcessId',
  /**
   * Times in milliseconds since 1970 as digits. They define three ranges: `traceBegin` to `traceEnd` around all spans
   * of the trace, `nearBegin` to `nearEnd` around the span, and `nearBegin` to `linesEnd` for log lines.
   */
  traceBegin: 'traceBegin',
  traceEnd: 'traceEnd',
  nearBegin: 'nearBegin',
  nearEnd: 'nearEnd',
  linesEnd: 'linesEnd',
} as const;

/**
 * Links for the spans of a trace frame. Grafana opens links to queries with the time range of the span. A span often
 * takes only milliseconds, so most links need a longer range. The queries for log lines of the trace and of the process
 * have the longer range in their filters. The links to metrics and to the process are URLs with the longer range.
 *
 * There is no link to a profile, because processes with OpenTelemetry spans have no thread calls.
 *
 * @param processIds Processes of the trace.
 */
export function spanLinks(target: LinkTarget | undefined, processIds: readonly string[]): FieldLinks {
  if (target === undefined) {
    return {};
  }
  const { process, traceBegin, traceEnd, nearBegin, linesEnd } = LINK_FIELDS;
  const linesOfTrace = linesBetweenQuery([equals(OF_TRACE)], fieldValue(traceBegin), fieldValue(traceEnd));
  const linesOfProcess = linesAroundQuery([equals('process_id')], fieldValue(nearBegin), fieldValue(linesEnd));
  const linesOfSpan = logLinesQuery([equals('process_id', fieldValue(process)), equals(OF_SPAN)]);
  return {
    traceID: [queryLink('Logs of the trace', target, linesOfTrace)],
    spanID: [queryLink('Logs of the span', target, linesOfSpan)],
    [process]: [
      queryLink('Logs of the process', target, linesOfProcess),
      linkAroundSpan('Metrics of the process', target, averagesQuery([equals('process_id')], '$__dateBin(time)')),
      linkAroundSpan('The process', target, { queryType: 'processes', processes: { view: 'tree', processId: CELL } }),
      // The process of the span comes first, because the number of processes in a request is limited.
      queryLink(
        'What changed',
        target,
        whatChangedQuery({
          processIds: [CELL, ...processIds].slice(0, MAX_CHANGED_PROCESSES),
          atMs: fieldNumber('startTime'),
        })
      ),
    ],
  };
}

/** A link to Explore with a range of some minutes around the span. */
function linkAroundSpan(title: string, { uid }: LinkTarget, query: LinkQuery): Link {
  const { nearBegin, nearEnd } = LINK_FIELDS;
  const pane = {
    datasource: uid,
    queries: [{ ...linkedQuery(query), datasource: { uid } }],
    range: { from: fieldValue(nearBegin), to: fieldValue(nearEnd) },
  };
  return {
    title,
    url: `/explore?schemaVersion=1&panes=${encodedExceptVariables(JSON.stringify({ micromegas: pane }))}`,
    targetBlank: true,
  };
}

/**
 * Percent-encodes JSON except its variables, so that Grafana can replace the variables. The values of the variables
 * need no encoding, because they are ids and digits.
 */
function encodedExceptVariables(json: string): string {
  return [CELL, ...Object.values(LINK_FIELDS).map(fieldValue)].reduce((link, variable) => {
    const inJson = JSON.stringify(variable).slice(1, -1);
    return link.replaceAll(encodeURIComponent(inJson), () => variable);
  }, encodeURIComponent(json));
}

/** Links for the nodes of a service map. The field `service` contains the program. */
export function serviceLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        service: [
          queryLink('Traces', target, traces({ view: 'search', services: [CELL] })),
          queryLink('Traces with errors', target, traces({ view: 'search', services: [CELL], statuses: ['ERROR'] })),
          queryLink('Logs', target, logLinesQuery([equals('exe')])),
        ],
      };
}
