/** Links from traces, spans and services. */
import {
  linesAroundQuery,
  linesBetweenQuery,
  linesQuery,
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

/** Log entries of OpenTelemetry have the ids of their trace and span as properties, in hexadecimal digits. */
const OF_TRACE = 'properties.otel.trace_id';
const OF_SPAN = 'properties.otel.span_id';

const traces = (request: TracesRequest): LinkQuery => ({ queryType: 'traces', traces: request });

/** Links by the name of the field. None without a data source. */
type FieldLinks = Readonly<Record<string, readonly Link[]>>;

/**
 * For a table of traces with the field `trace_id`. Their range is that of the table. Grafana shows a value with one
 * link as a link, and a value with several as plain text with a menu: so each field has one.
 */
export function tableLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        trace_id: [queryLink('Trace', target, traces({ view: 'trace', traceId: CELL }))],
        errors: [queryLink('Logs of the trace', target, linesQuery([equals(OF_TRACE, fieldValue('trace_id'))]))],
      };
}

/** Names of fields of a trace frame that only links use. */
export const LINK_FIELDS = {
  /** Process of the span. */
  process: 'sourceProcessId',
  /**
   * Milliseconds since 1970 as digits: around all spans of the trace, some minutes around the span, and soon after the
   * span.
   */
  traceBegin: 'traceBegin',
  traceEnd: 'traceEnd',
  nearBegin: 'nearBegin',
  nearEnd: 'nearEnd',
  linesEnd: 'linesEnd',
} as const;

/**
 * For the spans of a trace frame. Grafana opens them in the time of the span. Log lines of the whole trace, and of the
 * process around the span, have a range of their own as filters. Metrics need more than the milliseconds of a span, so
 * their link is an address with a range.
 *
 * Processes with OpenTelemetry spans have no calls of threads, so there is no link to a profile.
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
  const linesOfSpan = linesQuery([equals('process_id', fieldValue(process)), equals(OF_SPAN)]);
  return {
    traceID: [queryLink('Logs of the trace', target, linesOfTrace)],
    spanID: [queryLink('Logs of the span', target, linesOfSpan)],
    [process]: [
      queryLink('Logs of the process', target, linesOfProcess),
      metricsLink(target),
      queryLink('The process', target, { queryType: 'processes', processes: { view: 'tree', processId: CELL } }),
      // The process of the span comes first, in case the trace has more than a request can have.
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

function metricsLink({ uid }: LinkTarget): Link {
  const query = linkedQuery(averagesQuery([equals('process_id')], '$__dateBin(time)'));
  const { nearBegin, nearEnd } = LINK_FIELDS;
  const pane = {
    datasource: uid,
    queries: [{ ...query, datasource: { uid } }],
    range: { from: fieldValue(nearBegin), to: fieldValue(nearEnd) },
  };
  return {
    title: 'Metrics of the process',
    url: `/explore?schemaVersion=1&panes=${encodedExceptVariables(JSON.stringify({ micromegas: pane }))}`,
    targetBlank: true,
  };
}

/** Percent-encodes a JSON text. The variables stay readable for Grafana; their values are ids and digits. */
function encodedExceptVariables(json: string): string {
  return [CELL, ...Object.values(LINK_FIELDS).map(fieldValue)].reduce((link, variable) => {
    const inJson = JSON.stringify(variable).slice(1, -1);
    return link.replaceAll(encodeURIComponent(inJson), () => variable);
  }, encodeURIComponent(json));
}

/** For the nodes of a service map, with the program in the field `service`. */
export function serviceLinks(target: LinkTarget | undefined): FieldLinks {
  return target === undefined
    ? {}
    : {
        service: [
          queryLink('Traces', target, traces({ view: 'search', services: [CELL] })),
          queryLink('Traces with errors', target, traces({ view: 'search', services: [CELL], statuses: ['ERROR'] })),
          queryLink('Logs', target, linesQuery([equals('exe')])),
        ],
      };
}
