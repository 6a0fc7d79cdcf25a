/**
 * Grafana's own services, served by the handlers: which method is read, answered and written by whom.
 */
import { Status } from '../grpc';
import { type Handlers, type QueryDataAnswer } from '../handlers/plugin-request';
import { encodeEnum, encodeHealth, encodeMetrics, encodeResource } from './encode-answers';
import { encodeDataChunk, encodeQueryData } from './encode-query-data';
import { streaming, unary, type GrpcMethod } from './grpc-method';
import { GrpcError } from './grpc-error';
import {
  anyRequest,
  CALL_RESOURCE_REQUEST,
  CHECK_HEALTH_REQUEST,
  QUERY_CHUNKED_DATA_REQUEST,
  QUERY_DATA_REQUEST,
} from './read-requests';
import { type MessagePieces } from './write-message';

/** `SubscribeStreamResponse` and `PublishStreamResponse`: their field for the status, and what stands there. */
const STREAM_STATUS = 1;
const STREAM_NOT_FOUND = 1;

export function pluginServices(handlers: Handlers): GrpcMethod[] {
  return [...dataService(handlers), ...resourceService(handlers), ...diagnosticsService(handlers), ...streamService()];
}

function dataService(handlers: Handlers): GrpcMethod[] {
  return [
    streaming('/pluginv2.Data/QueryData', QUERY_DATA_REQUEST, async function* (request, signal) {
      const { responses, done } = await handlers.queryData(request, signal);
      yield { pieces: encoded(responses, done), onSent: done };
    }),
    streaming('/pluginv2.Data/QueryChunkedData', QUERY_CHUNKED_DATA_REQUEST, async function* (request, signal) {
      for await (const chunk of handlers.queryChunkedData(request, signal)) {
        yield { pieces: encodeDataChunk(chunk) };
      }
    }),
  ];
}

/** An answer that cannot be encoded holds nothing any more. */
function encoded(responses: QueryDataAnswer['responses'], done: () => void): MessagePieces {
  try {
    return encodeQueryData(responses);
  } catch (reason) {
    done();
    throw reason;
  }
}

function resourceService(handlers: Handlers): GrpcMethod[] {
  return [
    streaming('/pluginv2.Resource/CallResource', CALL_RESOURCE_REQUEST, async function* (request, signal) {
      yield { pieces: encodeResource(await handlers.callResource(request, signal)) };
    }),
  ];
}

function diagnosticsService(handlers: Handlers): GrpcMethod[] {
  return [
    unary('/pluginv2.Diagnostics/CheckHealth', CHECK_HEALTH_REQUEST, async (request, signal) =>
      encodeHealth(await handlers.checkHealth(request, signal))
    ),
    unary('/pluginv2.Diagnostics/CollectMetrics', anyRequest('pluginv2.CollectMetricsRequest'), async () =>
      encodeMetrics(await handlers.collectMetrics())
    ),
  ];
}

/** plugin.json says that there are no live streams. Grafana asks all the same when a saved panel names a channel. */
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
