/** Compares the encoded requests and responses of Grafana's services with the output of generated code. */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from '../generated/grpc/health/v1/health_pb';
import { GRPCBroker, GRPCController, GRPCStdio } from '../generated/plugin/process_pb';
import {
  CallResourceRequestSchema,
  CallResourceResponseSchema,
  CheckHealthRequestSchema,
  CheckHealthResponse_HealthStatus,
  CheckHealthResponseSchema,
  CollectMetricsResponseSchema,
  Data,
  DataFrameFormat,
  Diagnostics,
  PublishStreamResponse_Status,
  PublishStreamResponseSchema,
  QueryDataRequestSchema,
  Resource,
  Stream,
  SubscribeStreamResponse_Status,
  SubscribeStreamResponseSchema,
} from '../generated/pluginv2/backend_pb';
import { Status } from '../base/grpc';
import { type CheckHealthResult, type Handlers, type QueryDataRequest } from '../query/plugin-request';
import { type GrpcMethod } from './grpc-method';
import { pluginServices, processServices } from './plugin-services';

const { signal } = new AbortController();

function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

const CONTEXT = {
  orgId: 7n,
  pluginId: 'micromegas',
  namespace: 'stacks-1',
  user: { login: 'ada', name: 'Ada Ünlü', email: 'ada@example.com', role: 'Editor' },
  appInstanceSettings: { jsonData: Uint8Array.of(1), lastUpdatedMS: 9n },
  dataSourceInstanceSettings: {
    id: 3n,
    name: 'Lake',
    uid: 'lake',
    url: 'http://unused',
    basicAuthEnabled: true,
    jsonData: utf8('{"host":"lake:50051"}'),
    decryptedSecureJsonData: { token: 't', ['__proto__']: 'kept' },
    lastUpdatedMS: 1_700_000_000_123n,
  },
  grafanaConfig: { GF_APP_URL: 'https://grafana/', GF_SQL_ROW_LIMIT: '10' },
  pluginVersion: '1.0.0',
  userAgent: 'Grafana/12.4.2 (linux; amd64)',
};

const PLAIN_CONTEXT = {
  orgId: 7,
  pluginId: 'micromegas',
  namespace: 'stacks-1',
  user: CONTEXT.user,
  dataSource: {
    uid: 'lake',
    orgId: 7,
    grafanaUrl: 'https://grafana/',
    name: 'Lake',
    jsonData: CONTEXT.dataSourceInstanceSettings.jsonData,
    decryptedSecureJsonData: CONTEXT.dataSourceInstanceSettings.decryptedSecureJsonData,
    lastUpdatedMs: 1_700_000_000_123,
    grafanaConfig: CONTEXT.grafanaConfig,
  },
  grafanaConfig: CONTEXT.grafanaConfig,
};

const NO_CONTEXT = {
  orgId: 0,
  pluginId: '',
  namespace: '',
  user: undefined,
  dataSource: undefined,
  grafanaConfig: {},
};

const HEALTHY: CheckHealthResult = {
  status: 'ok',
  message: 'All well, Ünlü.',
  details: { message: 'All well.', verboseMessage: '', stages: [] },
};

/** Handlers that record their requests. */
function recordingHandlers() {
  const requests: unknown[] = [];
  const queryChunkedData = async function* (request: QueryDataRequest) {
    requests.push(request);
    yield* [];
  };
  const handlers: Handlers = {
    queryData: async (request) => {
      requests.push(request);
      return { responses: new Map(), done: () => undefined };
    },
    queryChunkedData,
    checkHealth: async (request) => {
      requests.push(request);
      return HEALTHY;
    },
    callResource: async (request) => {
      requests.push(request);
      return { status: 404, body: { error: 'no such path' } };
    },
    collectMetrics: async () => '# HELP a\na 1\n',
  };
  return { requests, methods: pluginServices(handlers) };
}

function named(methods: readonly GrpcMethod[], { parent, name }: DescMethod): GrpcMethod {
  const path = `/${parent.typeName}/${name}`;
  const method = methods.find((each) => each.path === path);
  if (method === undefined) {
    throw new Error(`No method serves ${path}.`);
  }
  return method;
}

/** The response to a request, in bytes. */
async function responseOf(method: GrpcMethod, request: Uint8Array): Promise<Uint8Array> {
  const responses: Uint8Array[] = [];
  for await (const { pieces } of method.serve(request, signal)) {
    responses.push(Buffer.concat(pieces));
  }
  return Uint8Array.from(responses[0] ?? []);
}

function bytesOf<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}

it('serves the methods of data, resources, diagnostics, streams and go-plugin, and no others', () => {
  const { methods } = recordingHandlers();
  const all = [...methods, ...processServices({ onShutdown: () => undefined })].map(({ path }) => path);
  const services = [Data, Resource, Diagnostics, Stream, GRPCStdio, GRPCController];
  const known = services.flatMap((service) => service.methods.map(({ name }) => `/${service.typeName}/${name}`));
  const single = [Health.method.check, GRPCBroker.method.startStream];
  expect(all.toSorted()).toEqual(
    [...known, ...single.map(({ parent, name }) => `/${parent.typeName}/${name}`)].toSorted()
  );
});

describe.each([Data.method.queryData, Data.method.queryChunkedData])('$name', (method) => {
  it('reads a full request', async () => {
    const { requests, methods } = recordingHandlers();
    const request = bytesOf(QueryDataRequestSchema, {
      pluginContext: CONTEXT,
      headers: { http_Accept: 'x', Authorization: 'Bearer t', FromAlert: 'true' },
      queries: [
        {
          refId: 'A',
          maxDataPoints: 1000n,
          intervalMS: 15_000n,
          timeRange: { fromEpochMS: -62_135_596_800_000n, toEpochMS: 1_700_000_000_000n },
          json: utf8('{"query":"SELECT 1"}'),
          queryType: 'unused',
        },
        {},
      ],
      format: DataFrameFormat.JSON,
    });
    await responseOf(named(methods, method), request);
    expect(requests).toEqual([
      {
        context: PLAIN_CONTEXT,
        headers: { accept: 'x', authorization: 'Bearer t', fromalert: 'true' },
        queries: [
          {
            refId: 'A',
            maxDataPoints: 1000,
            intervalMs: 15_000,
            timeRange: { fromMs: -62_135_596_800_000, toMs: 1_700_000_000_000 },
            json: utf8('{"query":"SELECT 1"}'),
          },
          { refId: '', maxDataPoints: 0, intervalMs: 0, timeRange: { fromMs: 0, toMs: 0 }, json: new Uint8Array() },
        ],
        encoding: 'json',
      },
    ]);
  });

  it('reads an empty request', async () => {
    const { requests, methods } = recordingHandlers();
    await responseOf(named(methods, method), new Uint8Array());
    expect(requests).toEqual([{ context: NO_CONTEXT, headers: {}, queries: [], encoding: 'arrow' }]);
  });

  it('rejects malformed bytes with the name of the request', async () => {
    const { requests, methods } = recordingHandlers();
    await expect(responseOf(named(methods, method), Uint8Array.of(0x0a, 9, 1))).rejects.toMatchObject({
      status: Status.INTERNAL,
      message: `The request is not a ${method.input.typeName}.`,
    });
    expect(requests).toEqual([]);
  });
});

it('reads and responds to a health check', async () => {
  const { requests, methods } = recordingHandlers();
  const request = bytesOf(CheckHealthRequestSchema, { pluginContext: CONTEXT, headers: { 'X-Id-Token': 't' } });
  const response = await responseOf(named(methods, Diagnostics.method.checkHealth), request);
  expect(requests).toEqual([{ context: PLAIN_CONTEXT, headers: { 'x-id-token': 't' } }]);
  expect(fromBinary(CheckHealthResponseSchema, response)).toMatchObject({
    status: CheckHealthResponse_HealthStatus.OK,
    message: HEALTHY.message,
    jsonDetails: utf8(JSON.stringify(HEALTHY.details)),
  });
});

it('reads and responds to a resource call', async () => {
  const { requests, methods } = recordingHandlers();
  const request = bytesOf(CallResourceRequestSchema, {
    pluginContext: CONTEXT,
    path: 'tables',
    method: 'POST',
    url: 'tables?a=b',
    headers: { Accept: { values: ['text/html', '*/*'] }, Empty: {} },
    body: utf8('{}'),
  });
  const response = await responseOf(named(methods, Resource.method.callResource), request);
  const headers = { accept: 'text/html, */*', empty: '' };
  const body = utf8('{}');
  expect(requests).toEqual([
    { context: PLAIN_CONTEXT, path: 'tables', method: 'POST', url: 'tables?a=b', headers, body },
  ]);
  expect(fromBinary(CallResourceResponseSchema, response)).toMatchObject({
    code: 404,
    headers: { 'Content-Type': { values: ['application/json'] } },
    body: utf8('{"error":"no such path"}'),
  });
});

it('keeps the prefix http_ of a header of a resource call, because only clients add this prefix there', async () => {
  const { requests, methods } = recordingHandlers();
  const headers = { Authorization: { values: ['Bearer grafana'] }, http_Authorization: { values: ['Bearer client'] } };
  await responseOf(named(methods, Resource.method.callResource), bytesOf(CallResourceRequestSchema, { headers }));
  expect(requests).toMatchObject([
    { headers: { authorization: 'Bearer grafana', http_authorization: 'Bearer client' } },
  ]);
});

it('responds to a request for metrics', async () => {
  const { methods } = recordingHandlers();
  const response = await responseOf(named(methods, Diagnostics.method.collectMetrics), new Uint8Array());
  const { metrics } = fromBinary(CollectMetricsResponseSchema, response);
  expect(new TextDecoder().decode(metrics?.prometheus)).toBe('# HELP a\na 1\n');
});

it('responds that a live stream does not exist', async () => {
  const { methods } = recordingHandlers();
  const { subscribeStream, publishStream, runStream } = Stream.method;
  const subscribed = await responseOf(named(methods, subscribeStream), new Uint8Array());
  const published = await responseOf(named(methods, publishStream), new Uint8Array());
  expect([
    fromBinary(SubscribeStreamResponseSchema, subscribed).status,
    fromBinary(PublishStreamResponseSchema, published).status,
  ]).toEqual([SubscribeStreamResponse_Status.NOT_FOUND, PublishStreamResponse_Status.NOT_FOUND]);
  await expect(responseOf(named(methods, runStream), new Uint8Array())).rejects.toMatchObject({
    status: Status.NOT_FOUND,
  });
});

it('reports the whole server and the service `plugin` as healthy', async () => {
  const check = named(processServices({ onShutdown: () => undefined }), Health.method.check);
  const ask = (service: string) => responseOf(check, bytesOf(HealthCheckRequestSchema, { service }));
  for (const service of ['', 'plugin']) {
    const { status } = fromBinary(HealthCheckResponseSchema, await ask(service));
    expect(status).toBe(HealthCheckResponse_ServingStatus.SERVING);
  }
  await expect(ask('other')).rejects.toMatchObject({ status: Status.NOT_FOUND });
});

it('calls onShutdown for Shutdown', async () => {
  let shutdowns = 0;
  const shutdown = named(processServices({ onShutdown: () => shutdowns++ }), GRPCController.method.shutdown);
  expect(await responseOf(shutdown, new Uint8Array())).toHaveLength(0);
  expect(shutdowns).toBe(1);
});
