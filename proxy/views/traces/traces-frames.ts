/** Returns the frames of queries of the type `traces`. */
import { formatCount } from '../../frames/data-frames/format-count';
import { traceIdOf, type TracesRequest } from '../../../contract/query-types/traces';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Notice } from '../../frames/data-frames/frame-options';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { type EmptyResult, emptyTable, nothingFound, widerSearch } from '../nothing-found';
import { readTrace } from './read-trace';
import { searchFrame } from './search-frame';
import { searchTraces } from './search-traces';
import { readServiceMap } from './service-map';
import { serviceMapFrames } from './service-map-frames';
import { checkedProcess, conditionRange } from './span-conditions';
import { traceFrame } from './trace-frame';
import { CLOCK_AHEAD_MS } from './trace-processes';

/**
 * @throws {ProxyError} 'query_field_invalid' for an invalid id or condition, 'trace_not_found', and the errors of
 *   `ViewContext.read`.
 */
export async function tracesFrames(request: TracesRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  switch (request.view) {
    case 'search':
      return search(checkedProcess(request), lake);
    case 'trace':
      return [await traceById(request, lake)];
    case 'service-map':
      return serviceMap(request, lake);
  }
}

/**
 * The range that the request reads: a search has its own if it has a window. Otherwise, this is the range of the query.
 *
 * @throws {ProxyError} 'query_field_invalid' if the window ends before it begins.
 */
export function rangeOf(request: TracesRequest, range: TimeRangeMs): TimeRangeMs {
  return request.view === 'search' ? conditionRange(request, range) : range;
}

/** The request for the whole range of the query. */
function withoutWindow(request: TracesRequest): TracesRequest {
  return { ...request, fromMs: undefined, toMs: undefined };
}

async function search(request: TracesRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  const result = await searchTraces(lake, request);
  const frame = searchFrame(result, lake.linkTarget);
  const text = result.searched === 0 ? NO_PROCESS : `No trace in ${processes(result.searched)} fulfils the query`;
  // If the time limit was near, the notice of the frame says what was not searched.
  return result.traces.length > 0 || result.late.length > 0
    ? [frame]
    : emptyFrames(
        [frame],
        { text, hasSearched: result.searched > 0, isPartial: result.hasMoreProcesses },
        request,
        lake
      );
}

const processes = (count: number) => formatCount(count, 'process', 'processes');

/** The begin of the notice if no process matches. */
const NO_PROCESS = 'No process that can be searched sent OpenTelemetry spans with times';

/** Adds the notice of an empty result to the first frame, and the link to a wider search if no process matched. */
function emptyFrames(
  [first, ...others]: readonly ComposedFrame[],
  found: Pick<EmptyResult, 'text' | 'hasSearched' | 'isPartial'>,
  request: TracesRequest,
  lake: ViewContext
): ComposedFrame[] {
  const notice = nothingFound({ ...found, range: rangeOf(request, lake.range), arrivedBeforeMs: CLOCK_AHEAD_MS }, lake);
  const frame = request.view === 'search' ? emptyTable(first, notice, lake) : withNotice(first, notice);
  const wider = found.hasSearched ? [] : widerSearch({ queryType: 'traces', traces: withoutWindow(request) }, lake);
  return [frame, ...others, ...wider];
}

function withNotice(frame: ComposedFrame, notice: Notice): ComposedFrame {
  return { ...frame, notices: [...(frame.notices ?? []), notice] };
}

async function serviceMap(request: TracesRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  const map = await readServiceMap(lake, checkedProcess(withoutWindow(request)));
  await lake.pace.pause();
  const frames = await serviceMapFrames(map, lake);
  const text = map.processes === 0 ? NO_PROCESS : `No calls between services were found in ${processes(map.processes)}`;
  const isPartial = map.hasMoreProcesses || map.isTruncated;
  return map.nodes.length > 0
    ? frames
    : emptyFrames(frames, { text, hasSearched: map.processes > 0, isPartial }, request, lake);
}

async function traceById(request: TracesRequest, lake: ViewContext): Promise<ComposedFrame> {
  const digits = traceIdOf(request.traceId);
  if (digits === undefined) {
    const { traceId = '' } = request;
    throw new ProxyError('query_field_invalid', {
      detail: `A trace id has 32 or 16 hexadecimal digits. The id in the query is ${foreignLine(traceId)}.`,
      advice: 'Enter the hexadecimal digits of the trace.',
    });
  }
  // Ids of 64 bits are stored with leading zeros.
  const id = digits.padStart(32, '0');
  const trace = await readTrace(lake, id);
  if (trace.spans.length === 0) {
    const [from, to] = [trace.searched.fromMs, trace.searched.toMs].map((ms) => new Date(ms).toISOString());
    throw new ProxyError('trace_not_found', {
      detail:
        (trace.processes === 0
          ? `No process sent OpenTelemetry spans with times from ${from} to ${to}, so the trace ${id} was searched nowhere.`
          : `No span of the trace ${id} was found in ${processes(trace.processes)} with traces, from ${from} to ${to}.`) +
        (trace.hasMoreProcesses ? ' More processes have traces; they were not searched.' : ''),
      ...(digits.length === 16 && {
        advice: `${digits} has 16 digits. It was read as a trace id of 64 bits. If it is the id of a span, enter the id of its trace.`,
      }),
    });
  }
  return traceFrame(id, trace, lake.range, lake.linkTarget, lake.pace);
}
