/** Adds a span to each health check and each resource call. `query-record.ts` adds the spans of queries. */
import { type CallSpan, type TracedCall, type Tracer } from '../observe/telemetry/tracer';
import { knownPath } from './call-resource';
import { type FileResponse, type Handlers, isFile, type PluginContext } from '../query/plugin-request';

type Calls = Pick<Handlers, 'checkHealth' | 'callResource'>;

/** The error type of a check that failed. */
const CHECK_FAILED = 'check_failed';
/** The error type of a file that was not sent completely. */
const INCOMPLETE = 'incomplete';

function callOf(name: TracedCall['name'], { orgId, dataSource }: PluginContext): TracedCall {
  return { name, orgId, dataSourceUid: dataSource?.uid };
}

/** Passes on the parts of a file, and ends the span after the last part. */
async function* untilSent(parts: FileResponse['parts'], span: Pick<CallSpan, 'end'>): FileResponse['parts'] {
  let problem: string | undefined = INCOMPLETE;
  try {
    yield* parts;
    problem = undefined;
  } finally {
    span.end(problem);
  }
}

/**
 * Returns the same calls, each with a span.
 *
 * @param tracer Undefined if tracing is off: the calls are returned unchanged.
 */
export function tracedCalls(calls: Calls, tracer: Tracer | undefined): Calls {
  if (tracer === undefined) {
    return calls;
  }
  return {
    async checkHealth(request, signal) {
      const span = tracer.startCall(request.trace, callOf('check_health', request.context));
      let problem: string | undefined = 'internal';
      try {
        const result = await calls.checkHealth({ ...request, trace: span.context }, signal);
        problem = result.status === 'ok' ? undefined : CHECK_FAILED;
        return result;
      } finally {
        span.end(problem);
      }
    },
    async callResource(request, signal) {
      const call = { ...callOf('call_resource', request.context), resource: knownPath(request) };
      const span = tracer.startCall(request.trace, call);
      let problem: string | undefined = 'internal';
      let isSending = false;
      try {
        const response = await calls.callResource({ ...request, trace: span.context }, signal);
        // OpenTelemetry's conventions for HTTP use the status as the error type.
        problem = response.status < 400 ? undefined : String(response.status);
        isSending = isFile(response);
        return isFile(response) ? { ...response, parts: untilSent(response.parts, span) } : response;
      } finally {
        if (!isSending) {
          span.end(problem);
        }
      }
    },
  };
}
