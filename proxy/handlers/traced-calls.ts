/** Adds a span to each check and each resource call. Queries have their spans from `query-record.ts`. */
import { type TracedCall, type Tracer } from '../telemetry/tracer';
import { knownPath } from './call-resource';
import { type Handlers, type PluginContext } from './plugin-request';

type Calls = Pick<Handlers, 'checkHealth' | 'callResource'>;

/** The error type of a check that failed. */
const CHECK_FAILED = 'check_failed';

function callOf(name: TracedCall['name'], { orgId, dataSource }: PluginContext): TracedCall {
  return { name, orgId, dataSourceUid: dataSource?.uid };
}

/** @param tracer Undefined if tracing is off. */
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
      try {
        const response = await calls.callResource({ ...request, trace: span.context }, signal);
        // For HTTP, the conventions define the status as the type of the error.
        problem = response.status < 400 ? undefined : String(response.status);
        return response;
      } finally {
        span.end(problem);
      }
    },
  };
}
