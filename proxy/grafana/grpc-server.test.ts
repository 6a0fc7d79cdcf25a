import { MemoryBudget } from '../observe/memory/memory-budget';
import { type ServiceError, status } from '@grpc/grpc-js';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { toBinary, create } from '@bufbuild/protobuf';
import { PluginClient } from '../../demo/plugin-host/plugin-client';
import { FakeHandlers, fakeQuery, type FakeQuery } from '../../tests/fakes/fake-handlers';
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
} from '../generated/grpc/health/v1/health_pb';
import { GRPCController } from '../generated/plugin/process_pb';
import {
  CheckHealthResponse_HealthStatus,
  DataFrameFormat,
  QueryDataRequestSchema,
  Stream,
} from '../generated/pluginv2/backend_pb';
import { createLogger } from '../observe/logging/logger';
import { GrpcServer } from './grpc-server';
import { pluginServices, processServices } from './plugin-services';

let folder: string;
let path: string;
let handlers: FakeHandlers;
let server: GrpcServer;
let client: PluginClient;
let log: string[];
let shutdowns: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mm-grpc-'));
  path = join(folder, 's');
  handlers = new FakeHandlers();
  log = [];
  shutdowns = 0;
  server = new GrpcServer({
    methods: [...pluginServices(handlers), ...processServices({ onShutdown: () => shutdowns++ })],
    logger: createLogger({ write: (line) => log.push(line) }),
    memory: new MemoryBudget({ totalBytes: 2 ** 30 }),
  });
  await server.listen({ path });
  client = new PluginClient(`unix:${path}`);
});

afterEach(async () => {
  client.close();
  await server.close(0);
  rmSync(folder, { recursive: true });
});

const settings = { uid: 'u1', name: 'Micromegas', lastUpdatedMS: 1_700_000_000_000n };
const context = { orgId: 7n, pluginId: 'p', dataSourceInstanceSettings: settings };

/** A raw HTTP/2 request, for requests that a gRPC client does not send. */
async function raw(headers: Record<string, string>, body: Uint8Array): Promise<Record<string, string>> {
  const session: ClientHttp2Session = connect('http://plugin', { createConnection: () => connectSocket(path) });
  const stream: ClientHttp2Stream = session.request({ ':method': 'POST', te: 'trailers', ...headers });
  const seen: Record<string, string> = {};
  const collect = (fields: object) =>
    Object.entries(fields).forEach(([name, value]) => {
      seen[name] = String(value);
    });
  stream
    .on('response', collect)
    .on('trailers', collect)
    .on('error', () => undefined)
    .resume();
  stream.end(body);
  await new Promise((resolve) => stream.once('close', resolve));
  session.close();
  return seen;
}

const grpc = { 'content-type': 'application/grpc', ':path': '/grpc.health.v1.Health/Check' };
const healthMessage = toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service: 'plugin' }));

function framed(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function framedQuery(model: FakeQuery): Buffer {
  return framed(toBinary(QueryDataRequestSchema, create(QueryDataRequestSchema, { queries: [fakeQuery('A', model)] })));
}

function failure(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => {
      throw new Error('The call succeeded.');
    },
    (error: ServiceError) => error
  );
}

describe("Grafana's services", () => {
  it('passes a query to the handler as plain values, and returns the frames', async () => {
    const response = await client.queryData({
      pluginContext: { ...context, user: { login: 'ada' }, grafanaConfig: { GF_SQL_ROW_LIMIT: '5' } },
      headers: { 'http_X-Dashboard-Uid': 'd1', FromAlert: 'true' },
      queries: [
        {
          ...fakeQuery('A', { pieces: 2 }),
          maxDataPoints: 100n,
          intervalMS: 1000n,
          timeRange: { fromEpochMS: 1n, toEpochMS: 2n },
        },
      ],
    });
    expect(response.responses.A.status).toBe(200);
    expect(Array.from(response.responses.A.frames[0])).toEqual(Array(8).fill(7));
    const [request] = handlers.queryRequests;
    expect(request.headers).toEqual({ 'x-dashboard-uid': 'd1', fromalert: 'true' });
    expect(request.context).toMatchObject({
      orgId: 7,
      user: { login: 'ada', name: '' },
      dataSource: { uid: 'u1', orgId: 7, lastUpdatedMs: 1_700_000_000_000 },
      grafanaConfig: { GF_SQL_ROW_LIMIT: '5' },
    });
    expect(request.queries[0]).toMatchObject({
      refId: 'A',
      maxDataPoints: 100,
      intervalMs: 1000,
      timeRange: { fromMs: 1, toMs: 2 },
    });
  });

  it('returns frames in the requested encoding, in complete responses and in chunks', async () => {
    const request = { queries: [fakeQuery('A', { pieces: 2 }), fakeQuery('B')], format: DataFrameFormat.JSON };
    await client.queryData(request);
    const chunks = await client.queryChunkedData(request);
    expect(chunks.map(({ refId, frameId, status: code }) => [refId, frameId, code])).toEqual([
      ['A', 'rows', 200],
      ['B', 'rows', 200],
    ]);
    expect(Array.from(chunks[0].frame)).toEqual(Array(8).fill(7));
    await client.queryData({ queries: [fakeQuery('A')] });
    expect(handlers.queryRequests.map(({ encoding }) => encoding)).toEqual(['json', 'json', 'arrow']);
  });

  it('calls `done` when a response has been sent', async () => {
    await client.queryData({ queries: [fakeQuery('A', { pieces: 50, pieceBytes: 100_000 })] });
    expect(handlers.done).toBe(1);
  });

  it('reports health with its details as a JSON object', async () => {
    const good = await client.checkHealth({ pluginContext: context });
    expect(good.status).toBe(CheckHealthResponse_HealthStatus.OK);
    expect(JSON.parse(Buffer.from(good.jsonDetails).toString())).toEqual({
      message: 'm',
      verboseMessage: 'v',
      stages: [],
    });
    const bad = await client.checkHealth({});
    expect(bad).toMatchObject({ status: CheckHealthResponse_HealthStatus.ERROR, message: 'health is error' });
    expect(handlers.healthRequests[1].context.dataSource).toBeUndefined();
  });

  it('responds to a resource call with status and JSON', async () => {
    const response = await client.callResource({ path: 'columns', url: 'columns?table=t', headers: { Accept: 'a/b' } });
    expect(response).toMatchObject({ status: 200, headers: { 'Content-Type': ['application/json'] } });
    expect(JSON.parse(Buffer.from(response.body).toString())).toEqual({ path: 'columns', url: 'columns?table=t' });
    expect(handlers.resourceRequests[0].headers).toEqual({ accept: 'a/b' });
    expect((await client.callResource({ path: 'missing' })).status).toBe(404);
  });

  it('returns the metrics', async () => {
    expect(await client.collectMetrics()).toContain('fake 1');
  });

  it('responds that a live stream does not exist', async () => {
    expect((await client.unary(Stream.method.subscribeStream, { path: 'x' })).status).toBe(1);
    expect((await client.unary(Stream.method.publishStream, { path: 'x' })).status).toBe(1);
    expect((await failure(client.serverStreaming(Stream.method.runStream, {}))).code).toBe(status.NOT_FOUND);
  });

  it('reports SERVING for the service `plugin`, which go-plugin checks', async () => {
    const response = await client.unary(Health.method.check, { service: 'plugin' });
    expect(response.status).toBe(HealthCheckResponse_ServingStatus.SERVING);
    expect((await failure(client.unary(Health.method.check, { service: 'other' }))).code).toBe(status.NOT_FOUND);
  });

  it('responds to Shutdown and calls onShutdown', async () => {
    await client.unary(GRPCController.method.shutdown, {});
    expect(shutdowns).toBe(1);
  });

  it('keeps the stdio stream open until the server stops', async () => {
    let ended = false;
    const stdio = client.openStdio().then(() => {
      ended = true;
    });
    await client.collectMetrics();
    expect(ended).toBe(false);
    await server.close(0);
    await stdio;
  });
});

describe('a call that fails', () => {
  it('gets the status INTERNAL without the message of the error, and a log line', async () => {
    const error = await failure(client.queryData({ queries: [fakeQuery('A', { fail: 'bug' })] }));
    expect(error.code).toBe(status.INTERNAL);
    expect(error.details).not.toContain('x is not a function');
    const lines: Array<Record<string, unknown>> = log.map((line) => JSON.parse(line));
    expect(lines.find((line) => line['@level'] === 'error')).toMatchObject({
      '@message': 'Call failed',
      method: '/pluginv2.Data/QueryData',
      error: expect.stringContaining('x is not a function'),
    });
  });

  it('does not affect other calls', async () => {
    const good = client.queryData({ queries: [fakeQuery('A')] });
    const bad = failure(client.queryData({ queries: [fakeQuery('A', { fail: 'proxy_error' })] }));
    expect((await bad).details).toContain('near "FORM"');
    expect((await good).responses.A.status).toBe(200);
  });
});

describe('a call that ends early', () => {
  it('aborts the handler when the caller cancels', async () => {
    const arrived = handlers.nextHang();
    const cancel = new AbortController();
    const error = failure(client.queryData({ queries: [fakeQuery('A', { hang: true })] }, { signal: cancel.signal }));
    await arrived;
    cancel.abort();
    expect((await error).code).toBe(status.CANCELLED);
    // HTTP/2 keeps the order of frames. When a later call on the same connection has a response, the reset has arrived.
    await client.collectMetrics();
    expect(handlers.aborted).toEqual(['AbortError: The caller left.']);
  });

  it('aborts the handler when the connection breaks', async () => {
    const arrived = handlers.nextHang();
    const aborted = handlers.nextAbort();
    const session = connect('http://plugin', { createConnection: () => connectSocket(path) });
    const stream = session.request({ ...grpc, ':path': '/pluginv2.Data/QueryData', ':method': 'POST' });
    stream.on('error', () => undefined);
    session.on('error', () => undefined);
    stream.end(framedQuery({ hang: true }));
    await arrived;
    session.destroy();
    await aborted;
    expect(handlers.aborted).toEqual(['AbortError: The caller left.']);
  });

  it('frees its response if the caller has left', async () => {
    const arrived = handlers.nextHang();
    const cancel = new AbortController();
    const queries = [fakeQuery('A', { hang: true, pieces: 50, pieceBytes: 100_000 })];
    const error = failure(client.queryData({ queries }, { signal: cancel.signal }));
    await arrived;
    cancel.abort();
    await error;
    await client.collectMetrics();
    expect(handlers.done).toBe(1);
  });

  it('frees its response if the caller leaves while the response is sent', async () => {
    const session = connect('http://plugin', { createConnection: () => connectSocket(path) });
    const stream = session.request({ ...grpc, ':path': '/pluginv2.Data/QueryData', ':method': 'POST' });
    stream.on('error', () => undefined);
    stream.end(framedQuery({ pieces: 500, pieceBytes: 1_000_000 }));
    // The client reads only the first part, so the window is full long before half a gigabyte is sent.
    await new Promise<void>((resolve) => stream.once('data', () => resolve()));
    stream.pause();
    expect(handlers.done).toBe(0);
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    stream.destroy();
    await closed;
    await client.collectMetrics();
    expect(handlers.done).toBe(1);
    session.destroy();
  });

  it('gets a status at its deadline, and its handler is aborted', async () => {
    const body = framedQuery({ hang: true });
    const late = await raw({ ...grpc, ':path': '/pluginv2.Data/QueryData', 'grpc-timeout': '5m' }, body);
    expect(late['grpc-status']).toBe('4');
    expect(handlers.aborted).toEqual(['TimeoutError: The deadline passed.']);
  });
});

describe('a server that closes', () => {
  it('waits for running calls, serves those that are on their way, and no later ones', async () => {
    const arrived = handlers.nextHang();
    const running = client.queryData({ queries: [fakeQuery('A', { hang: true })] });
    await arrived;
    const closed = server.close(60_000);
    expect(await client.collectMetrics()).toContain('fake 1');
    // The client knows now that the server closes, and tries to open a new connection.
    expect((await failure(client.collectMetrics())).code).toBe(status.UNAVAILABLE);
    expect(handlers.aborted).toEqual([]);
    handlers.release();
    expect((await running).responses.A.status).toBe(200);
    expect(await closed).toBe(0);
  });

  it('stops the calls that run longer with an error of its own, and gets their responses to the client', async () => {
    const arrived = handlers.nextHang();
    const running = client.queryData({ queries: [fakeQuery('A', { hang: true })] });
    await arrived;
    expect(await server.close(0)).toBe(1);
    expect((await running).responses.A.status).toBe(200);
    expect(handlers.aborted).toEqual([expect.stringMatching(/^ProxyError: .* stopped before the query had ended/)]);
  });

  it('ends calls whose handlers do not respond', async () => {
    const arrived = handlers.nextHang();
    const error = failure(client.queryData({ queries: [fakeQuery('A', { hang: true, isDeaf: true })] }));
    await arrived;
    expect(await server.close(0)).toBe(1);
    expect((await error).code).toBe(status.UNAVAILABLE);
  });

  it('ends the wait for running calls when it is told to hurry', async () => {
    const arrived = handlers.nextHang();
    const running = client.queryData({ queries: [fakeQuery('A', { hang: true })] });
    await arrived;
    expect(await server.close(60_000, Promise.resolve())).toBe(1);
    await running;
  });
});

describe('a raw HTTP/2 request', () => {
  it('gets the status UNIMPLEMENTED for an unknown method', async () => {
    const seen = await raw(
      { ...grpc, ':path': '/pluginv2.AdmissionControl/ValidateAdmission' },
      framed(Buffer.alloc(0))
    );
    expect(seen).toMatchObject({ ':status': '200', 'grpc-status': '12' });
  });

  interface Case {
    name: string;
    headers?: Record<string, string>;
    body?: Buffer;
    expected: Record<string, string>;
  }
  const cases: Case[] = [
    { name: 'with a plain message succeeds', body: framed(healthMessage), expected: { 'grpc-status': '0' } },
    {
      name: 'with a gzip message succeeds',
      headers: { 'grpc-encoding': 'gzip' },
      body: framed(gzipSync(healthMessage), true),
      expected: { 'grpc-status': '0' },
    },
    {
      name: 'with a compression other than gzip is rejected',
      headers: { 'grpc-encoding': 'snappy' },
      body: framed(healthMessage, true),
      expected: { 'grpc-status': '12', 'grpc-accept-encoding': 'identity,gzip' },
    },
    {
      name: 'with malformed gzip is rejected',
      headers: { 'grpc-encoding': 'gzip' },
      body: framed(healthMessage, true),
      expected: { 'grpc-status': '13' },
    },
    {
      name: 'with a truncated message is rejected',
      body: framed(healthMessage).subarray(0, 8),
      expected: { 'grpc-status': '13' },
    },
    {
      name: 'with malformed protobuf is rejected',
      body: framed(Buffer.from([0x0a, 0xff])),
      expected: { 'grpc-status': '13' },
    },
    {
      name: 'with a content type other than gRPC is rejected',
      headers: { 'content-type': 'application/json' },
      expected: { ':status': '415' },
    },
    { name: 'as gRPC-Web fails', headers: { 'content-type': 'application/grpc-web' }, expected: { ':status': '415' } },
    { name: 'with the method GET is rejected', headers: { ':method': 'GET' }, expected: { ':status': '405' } },
  ];
  it.each(cases)('$name', async ({ headers, body, expected }) => {
    expect(await raw({ ...grpc, ...headers }, body ?? Buffer.alloc(0))).toMatchObject(expected);
  });
});

describe('large responses', () => {
  it('arrive complete, even if many are sent at the same time', async () => {
    const pieceBytes = 300_000;
    const results = await Promise.all(
      Array.from({ length: 6 }, () => client.queryData({ queries: [fakeQuery('A', { pieces: 40, pieceBytes })] }))
    );
    for (const { responses } of results) {
      expect(responses.A.frames[0].length).toBe(40 * pieceBytes);
      expect(responses.A.frames[0].every((byte) => byte === 7)).toBe(true);
    }
  });

  // The reason not to use node:http2: it rejects new streams while many bytes are queued on a connection, so one slow
  // reader would block all others.
  it('wait for a slow reader without delaying other calls', async () => {
    const session = connect('http://plugin', { createConnection: () => connectSocket(path) });
    session.on('error', () => undefined);
    // As in gRPC for Go, the window of the connection is larger than the windows of its streams.
    session.once('connect', () => session.setLocalWindowSize(1_000_000));
    const slow = session.request({ ...grpc, ':path': '/pluginv2.Data/QueryData', ':method': 'POST' });
    slow.end(framedQuery({ pieces: 100, pieceBytes: 1_000_000 }));
    await new Promise((resolve) => slow.once('response', resolve));
    slow.pause();
    const other = session.request({ ...grpc, ':method': 'POST' });
    const trailers = new Promise<Record<string, unknown>>((resolve) => other.once('trailers', resolve));
    other.resume().end(framed(healthMessage));
    expect(await trailers).toMatchObject({ 'grpc-status': '0' });
    let bytes = 0;
    slow.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    slow.resume();
    await new Promise((resolve) => slow.once('end', resolve));
    expect(bytes).toBeGreaterThan(100_000_000);
    session.close();
  });
});
