/** Faults between Grafana, the plugin and the server, caused with real processes and connections. */
import { create, toBinary } from '@bufbuild/protobuf';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import {
  QueryChunkedDataRequestSchema,
  QueryDataRequestSchema,
  type DataResponse,
} from '../../proxy/generated/pluginv2/backend_pb';
import { BATCH_ROWS, startEndlessServer, type EndlessServer } from '../support/endless-server';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { startRelay } from '../support/relay';

const ALL = { version: 2, autoLimit: false, timeFilter: false };

let server: EndlessServer;
let plugin: PluginProcess;

beforeEach(async () => {
  [server, plugin] = await Promise.all([startEndlessServer(), startBuiltPlugin()]);
});

afterEach(async () => {
  await plugin.shutdown();
  server.kill();
});

const source = (settings: object = {}, port = server.port): Source => ({
  uid: JSON.stringify([settings, port]),
  jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none', maxRows: 1e9, ...settings },
});

/** Calls the plugin until the condition is true. Jest's timeout ends the loop. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await plugin.collectMetrics();
  }
}

const heldBytes = async () => metricValue(await plugin.collectMetrics(), 'micromegas_memory_held_bytes');

async function expectWorks(): Promise<void> {
  const response = await runQuery(plugin, source(), { query: 'FROM numbers 1', ...ALL });
  expect(onlyFrame(response).rowCount).toBe(BATCH_ROWS);
}

/** Runs several queries in one request. @returns The responses by refId. */
async function together(queries: Record<string, string>): Promise<Record<string, DataResponse>> {
  const { responses } = await plugin.queryData({
    pluginContext: pluginContext(source()),
    queries: Object.entries(queries).map(([refId, query]) => dataQuery(refId, { query, ...ALL })),
  });
  return responses;
}

describe('a fault of the server', () => {
  it('fails only the query whose call on the server fails after the first batches', async () => {
    const { A, B, C } = await together({ A: 'FROM numbers 3', B: 'FROM numbers 5 fail', C: 'FROM numbers 2' });
    expect(onlyFrame(A).rowCount).toBe(3 * BATCH_ROWS);
    expect(onlyFrame(C).rowCount).toBe(2 * BATCH_ROWS);
    expect(B).toMatchObject({ status: 400, errorSource: 'downstream', error: expect.stringMatching(/Divide by zero/) });
    expect(await heldBytes()).toBe(0);
  });

  it('fails a query if the server dies, and the next query reconnects', async () => {
    const response = runQuery(plugin, source(), { query: 'FROM numbers 5 wait', ...ALL });
    await until(() => server.results.some(({ bytes }) => bytes > 500_000));
    server.kill();
    expect(await response).toMatchObject({
      status: 502,
      errorSource: 'downstream',
      error: expect.stringMatching(/broke during the query/),
    });
    server = await startEndlessServer();
    await expectWorks();
    expect(await heldBytes()).toBe(0);
  });

  it('if the server sends nothing, ends a query at its timeout, and runs other queries meanwhile', async () => {
    const relay = await startRelay(server.port);
    const silent = source({ queryTimeoutSeconds: 2 }, relay.port);
    // The connection works before the relay freezes it.
    expect(onlyFrame(await runQuery(plugin, silent, { query: 'FROM numbers 1', ...ALL })).rowCount).toBe(BATCH_ROWS);
    const response = runQuery(plugin, silent, { query: 'FROM numbers 5 wait', ...ALL });
    await until(() => server.results.length === 2);
    relay.freeze();
    await expectWorks();
    expect(await response).toMatchObject({ status: 504, errorSource: 'downstream' });
    await relay.close();
  });
});

describe('a fault of Grafana', () => {
  let session: ClientHttp2Session;

  beforeEach(() => {
    const path = plugin.address.replace(/^unix:/, '');
    // The default window of HTTP/2 is 65,535 bytes, so unread data stays in the plugin.
    session = connect('http://plugin', { createConnection: () => connectSocket(path) });
    session.on('error', () => undefined);
  });

  afterEach(() => session.destroy());

  /** Starts a call, and reads only the first bytes of its response. */
  async function startReading(method: 'QueryData' | 'QueryChunkedData', query: string): Promise<ClientHttp2Stream> {
    const request = { pluginContext: pluginContext(source()), queries: [dataQuery('A', { query, ...ALL })] };
    const message =
      method === 'QueryData'
        ? toBinary(QueryDataRequestSchema, create(QueryDataRequestSchema, request))
        : toBinary(QueryChunkedDataRequestSchema, create(QueryChunkedDataRequestSchema, request));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/pluginv2.Data/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.concat([prefix, message]));
    await new Promise<void>((resolve) => stream.once('readable', () => resolve()));
    return stream;
  }

  /** Waits until backpressure stops the server. @returns The number of bytes that it has sent. */
  async function standstill(): Promise<number> {
    const [result] = server.results;
    for (;;) {
      const before = result.bytes;
      for (let turn = 0; turn < 50; turn++) {
        await plugin.collectMetrics();
      }
      if (result.bytes === before && result.isPaused) {
        return before;
      }
    }
  }

  it('causes backpressure on the server if Grafana is slow to read a response in parts', async () => {
    const stream = await startReading('QueryChunkedData', 'FROM numbers');
    const sent = await standstill();
    // The server has sent only data that fit into the flow control windows and into a few parts of the response.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(await heldBytes()).toBeLessThan(32 * 1024 * 1024);
    // The server sends more when Grafana reads more. Meanwhile, another query completes.
    await expectWorks();
    let read = 0;
    stream.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read > 2 * sent) {
        stream.pause();
      }
    });
    await until(() => server.results[0].bytes > 2 * sent);
    stream.destroy();
    await until(() => server.results[0].isOver);
    await until(() => server.results.every(({ isOver }) => isOver));
    expect(await heldBytes()).toBe(0);
  });

  it('holds a whole response only once in memory while Grafana reads it slowly', async () => {
    const stream = await startReading('QueryData', 'FROM numbers 100');
    const responseBytes = 100 * BATCH_ROWS * 24;
    expect(await heldBytes()).toBeGreaterThan(responseBytes);
    // Buffer sizes are rounded up.
    expect(await heldBytes()).toBeLessThan(1.1 * responseBytes);
    await expectWorks();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    // The response to the PING proves that the plugin has seen the end of the stream.
    await new Promise((resolve) => session.ping(resolve));
    expect(await heldBytes()).toBe(0);
  });

  it('cancels the query on the server if Grafana closes its connection', async () => {
    await startReading('QueryChunkedData', 'FROM numbers');
    session.destroy();
    await until(() => server.results[0].isOver);
    expect(server.results[0].isCancelled).toBe(true);
    expect(await heldBytes()).toBe(0);
    await expectWorks();
  });
});
