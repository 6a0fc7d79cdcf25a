/** Returns the frames of queries of the type `traces`. */
import { formatCount } from '../../frames/data-frames/format-count';
import { isInstanceId } from '../../../contract/resources/lookups';
import { traceIdOf, type TracesRequest } from '../../../contract/query-types/traces';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ViewContext } from '../view-context';
import { readTrace } from './read-trace';
import { searchFrame } from './search-frame';
import { searchTraces } from './search-traces';
import { readServiceMap } from './service-map';
import { serviceMapFrames } from './service-map-frames';
import { traceFrame } from './trace-frame';

/**
 * @throws {ProxyError} 'query_field_invalid' for an invalid id or condition, 'trace_not_found', and the errors of
 *   `ViewContext.read`.
 */
export async function tracesFrames(request: TracesRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  switch (request.view) {
    case 'search':
      return [searchFrame(await searchTraces(lake, checkedProcess(request)), lake.linkTarget)];
    case 'trace':
      return [await traceById(request, lake)];
    case 'service-map':
      return serviceMap(request, lake);
  }
}

async function serviceMap(request: TracesRequest, lake: ViewContext): Promise<readonly ComposedFrame[]> {
  const map = await readServiceMap(lake, checkedProcess(request));
  await lake.pace.pause();
  return serviceMapFrames(map, lake.range, lake.linkTarget);
}

function checkedProcess(request: TracesRequest): TracesRequest {
  const processId = request.processId?.trim() ?? '';
  if (processId !== '' && !isInstanceId(processId)) {
    throw new ProxyError('query_field_invalid', {
      detail: `The id of a process is a UUID, not ${foreignLine(processId)}.`,
      advice: 'Choose a process from the list, or enter its process_id.',
    });
  }
  return { ...request, processId: processId.toLowerCase() };
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
        `No span of the trace ${id} was found in ${formatCount(trace.processes, 'process', 'processes')} with traces, from ${from} to ${to}.` +
        (trace.hasMoreProcesses ? ' More processes have traces; they were not searched.' : ''),
      ...(digits.length === 16 && {
        advice: `${digits} has 16 digits. It was read as a trace id of 64 bits. If it is the id of a span, enter the id of its trace.`,
      }),
    });
  }
  return traceFrame(id, trace, lake.range, lake.linkTarget, lake.pace);
}
