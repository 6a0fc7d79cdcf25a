/**
 * The gRPC services that Grafana calls: the reader, handler and encoder of each method.
 */
import { Status } from '../base/grpc';
import { type FileResponse, type Handlers, isFile, type QueryDataResult } from '../query/plugin-request';
import { type TraceContext } from '../observe/telemetry/trace-context';
import {
  encodeDataChunk,
  encodeEnum,
  encodeFilePart,
  encodeHealth,
  encodeMetrics,
  encodeQueryData,
  encodeResource,
} from './encode-responses';
import { GrpcError, openEnded, streaming, unary, type GrpcMethod, type MessagePieces } from './grpc-method';
import {
  anyRequest,
  CALL_RESOURCE_REQUEST,
  CHECK_HEALTH_REQUEST,
  HEALTH_CHECK_REQUEST,
  QUERY_CHUNKED_DATA_REQUEST,
  QUERY_DATA_REQUEST,
} from './read-requests';

/** Field `status` of `SubscribeStreamResponse` and `PublishStreamResponse`, and its value `NOT_FOUND`. */
const STREAM_STATUS = 1;
const STREAM_NOT_FOUND = 1;

/**
 * The methods of Grafana's services for data, resources, diagnostics and live streams. The methods of live streams
 * respond that there is no such stream.
 */
export function pluginServices(handlers: Handlers): GrpcMethod[] {
  return [...dataService(handlers), ...resourceService(handlers), ...diagnosticsService(handlers), ...streamService()];
}

/** Adds the trace context of the metadata to a request. */
function withTrace<Request extends { trace?: TraceContext }>(
  request: Request,
  trace: TraceContext | undefined
): Request {
  return trace === undefined ? request : { ...request, trace };
}

function dataService(handlers: Handlers): GrpcMethod[] {
  return [
    streaming('/pluginv2.Data/QueryData', QUERY_DATA_REQUEST, async function* (request, signal, trace) {
      const { responses, deadline, done } = await handlers.queryData(withTrace(request, trace), signal);
      yield { pieces: encoded(responses, done), onSent: done, deadline };
    }),
    streaming('/pluginv2.Data/QueryChunkedData', QUERY_CHUNKED_DATA_REQUEST, async function* (request, signal, trace) {
      for await (const chunk of handlers.queryChunkedData(withTrace(request, trace), signal)) {
        yield { pieces: encodeDataChunk(chunk), deadline: chunk.deadline };
      }
    }),
  ];
}

/** The encoded response. If it cannot be encoded, its memory is freed, because `onSent` will not be called. */
function encoded(responses: QueryDataResult['responses'], done: () => void): MessagePieces {
  try {
    return encodeQueryData(responses);
  } catch (reason) {
    done();
    throw reason;
  }
}

function resourceService(handlers: Handlers): GrpcMethod[] {
  return [
    streaming('/pluginv2.Resource/CallResource', CALL_RESOURCE_REQUEST, async function* (request, signal, trace) {
      const response = await handlers.callResource(withTrace(request, trace), signal);
      if (!isFile(response)) {
        yield { pieces: encodeResource(response) };
        return;
      }
      let head: FileResponse | undefined = response;
      for await (const part of response.parts) {
        yield { pieces: encodeFilePart(part, head), sentWithinMs: response.partMs };
        head = undefined;
      }
    }),
  ];
}

function diagnosticsService(handlers: Handlers): GrpcMethod[] {
  return [
    unary('/pluginv2.Diagnostics/CheckHealth', CHECK_HEALTH_REQUEST, async (request, signal, trace) =>
      encodeHealth(await handlers.checkHealth(withTrace(request, trace), signal))
    ),
    unary('/pluginv2.Diagnostics/CollectMetrics', anyRequest('pluginv2.CollectMetricsRequest'), async () =>
      encodeMetrics(await handlers.collectMetrics())
    ),
  ];
}

/**
 * Rejects live streams. plugin.json announces none, but Grafana calls these methods if a saved panel names a channel.
 */
function streamService(): GrpcMethod[] {
  const notFound = () => encodeEnum(STREAM_STATUS, STREAM_NOT_FOUND);
  return [
    unary('/pluginv2.Stream/SubscribeStream', anyRequest('pluginv2.SubscribeStreamRequest'), notFound),
    unary('/pluginv2.Stream/PublishStream', anyRequest('pluginv2.PublishStreamRequest'), notFound),
    unary('/pluginv2.Stream/RunStream', anyRequest('pluginv2.RunStreamRequest'), () => {
      throw new GrpcError(Status.NOT_FOUND, 'The data source has no live streams.');
    }),
  ];
}

/** Field `status` of `HealthCheckResponse`, and its value `SERVING`. */
const HEALTH_STATUS = 1;
const SERVING = 1;

/** The names of services that are healthy: the empty name means the whole server, and go-plugin checks `plugin`. */
const HEALTHY = new Set(['', 'plugin']);

interface ProcessServicesOptions {
  /** Called when Grafana asks the process to end. Grafana always gets the response. */
  onShutdown: () => void;
}

/**
 * The services that Grafana's plugin client (hashicorp/go-plugin) calls.
 *
 * The streams of the services stdio and broker carry no messages, but are kept open. If no stream was open, Grafana's
 * gRPC client would close the connection after half an hour without calls, and the backend would conclude that Grafana
 * has ended.
 */
export function processServices({ onShutdown }: ProcessServicesOptions): GrpcMethod[] {
  return [
    unary('/grpc.health.v1.Health/Check', HEALTH_CHECK_REQUEST, (service) => {
      if (!HEALTHY.has(service)) {
        throw new GrpcError(Status.NOT_FOUND, `There is no service "${service}".`);
      }
      return encodeEnum(HEALTH_STATUS, SERVING);
    }),
    openEnded('/plugin.GRPCStdio/StreamStdio'),
    openEnded('/plugin.GRPCBroker/StartStream'),
    unary('/plugin.GRPCController/Shutdown', anyRequest('plugin.Empty'), () => {
      onShutdown();
      return [];
    }),
  ];
}
