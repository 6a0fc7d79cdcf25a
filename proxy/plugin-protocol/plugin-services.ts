/**
 * Grafana's own services, served by the handlers: protobuf in, plain values to the handler, protobuf out.
 */
import {
  CheckHealthResponse_HealthStatus,
  Data,
  Diagnostics,
  PublishStreamResponse_Status,
  Resource,
  Stream,
  SubscribeStreamResponse_Status,
} from '../generated/pluginv2/backend_pb';
import { type Handlers } from '../handlers/plugin-request';
import { encodeDataChunk, encodeQueryData } from './encode-query-data';
import { inPieces, serverStreaming, unary, type GrpcMethod } from './grpc-method';
import { GrpcError, GrpcStatus } from './grpc-status';
import { toHeaders, toHeadersFromLists, toPluginContext, toQueryDataRequest } from './to-plain-values';

export function pluginServices(handlers: Handlers): GrpcMethod[] {
  return [...dataService(handlers), ...resourceService(handlers), ...diagnosticsService(handlers), ...streamService()];
}

function dataService(handlers: Handlers): GrpcMethod[] {
  return [
    inPieces(Data.method.queryData, async function* (request, signal) {
      const { responses, done } = await handlers.queryData(toQueryDataRequest(request), signal);
      try {
        yield encodeQueryData(responses);
      } finally {
        done();
      }
    }),
    inPieces(Data.method.queryChunkedData, async function* (request, signal) {
      for await (const chunk of handlers.queryChunkedData(toQueryDataRequest(request), signal)) {
        yield encodeDataChunk(chunk);
      }
    }),
  ];
}

function resourceService(handlers: Handlers): GrpcMethod[] {
  return [
    serverStreaming(Resource.method.callResource, async function* (request, signal) {
      const response = await handlers.callResource(
        {
          context: toPluginContext(request.pluginContext),
          path: request.path,
          method: request.method,
          url: request.url,
          headers: toHeadersFromLists(request.headers),
          body: request.body,
        },
        signal
      );
      yield {
        code: response.status,
        headers: { 'Content-Type': { values: ['application/json'] } },
        body: jsonBytes(response.body),
      };
    }),
  ];
}

function diagnosticsService(handlers: Handlers): GrpcMethod[] {
  return [
    unary(Diagnostics.method.checkHealth, async (request, signal) => {
      const result = await handlers.checkHealth(
        { context: toPluginContext(request.pluginContext), headers: toHeaders(request.headers) },
        signal
      );
      const { OK, ERROR } = CheckHealthResponse_HealthStatus;
      return {
        status: result.status === 'ok' ? OK : ERROR,
        message: result.message,
        jsonDetails: jsonBytes(result.details),
      };
    }),
    unary(Diagnostics.method.collectMetrics, async () => ({
      metrics: { prometheus: Buffer.from(await handlers.collectMetrics()) },
    })),
  ];
}

/** plugin.json says that there are no live streams. Grafana asks all the same when a saved panel names a channel. */
function streamService(): GrpcMethod[] {
  return [
    unary(Stream.method.subscribeStream, () => ({ status: SubscribeStreamResponse_Status.NOT_FOUND })),
    unary(Stream.method.publishStream, () => ({ status: PublishStreamResponse_Status.NOT_FOUND })),
    serverStreaming(Stream.method.runStream, () => {
      throw new GrpcError(GrpcStatus.NOT_FOUND, 'The data source has no live streams.');
    }),
  ];
}

function jsonBytes(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value));
}
