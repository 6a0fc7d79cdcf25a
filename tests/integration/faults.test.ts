/**
 * What goes wrong between Grafana, the proxy and the server, each done rather than imagined.
 */
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

/** Asks again until the answer is yes; each question is a call that takes its own time. Jest's timeout ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await plugin.collectMetrics();
  }
}

const heldBytes = async () => Number(/^micromegas_memory_held_bytes (\S+)$/m.exec(await plugin.collectMetrics())?.[1]);

async function works(): Promise<void> {
  const response = await runQuery(plugin, source(), { query: 'numbers 1', ...ALL });
  expect(onlyFrame(response).rowCount).toBe(BATCH_ROWS);
}

/** Answers of queries that Grafana asks together, by refId. */
async function together(queries: Record<string, string>): Promise<Record<string, DataResponse>> {
  const { responses } = await plugin.queryData({
    pluginContext: pluginContext(source()),
    queries: Object.entries(queries).map(([refId, query]) => dataQuery(refId, { query, ...ALL })),
  });
  return responses;
}

describe('the server', () => {
  it('fails after the first batches: that query fails, the others keep their rows', async () => {
    const { A, B, C } = await together({ A: 'numbers 3', B: 'numbers 5 fail', C: 'numbers 2' });
    expect(onlyFrame(A).rowCount).toBe(3 * BATCH_ROWS);
    expect(onlyFrame(C).rowCount).toBe(2 * BATCH_ROWS);
    expect(B).toMatchObject({ status: 400, errorSource: 'downstream', error: expect.stringMatching(/Divide by zero/) });
    expect(await heldBytes()).toBe(0);
  });

  it('dies in mid-stream: the query says so, and the next finds the server that comes back', async () => {
    const answer = runQuery(plugin, source(), { query: 'numbers 5 wait', ...ALL });
    await until(() => server.results.some(({ bytes }) => bytes > 500_000));
    server.kill();
    expect(await answer).toMatchObject({
      status: 502,
      errorSource: 'downstream',
      error: expect.stringMatching(/broke during the query/),
    });
    server = await startEndlessServer();
    await works();
    expect(await heldBytes()).toBe(0);
  });

  it('falls silent behind an open connection: the query ends at its timeout, others go on', async () => {
    const relay = await startRelay(server.port);
    const silent = source({ queryTimeoutSeconds: 2 }, relay.port);
    // The connection stands and works before it freezes.
    expect(onlyFrame(await runQuery(plugin, silent, { query: 'numbers 1', ...ALL })).rowCount).toBe(BATCH_ROWS);
    const startedAtMs = performance.now();
    const answer = runQuery(plugin, silent, { query: 'numbers 5 wait', ...ALL });
    await until(() => server.results.length === 2);
    relay.freeze();
    await works();
    expect(await answer).toMatchObject({ status: 504, errorSource: 'downstream' });
    expect(performance.now() - startedAtMs).toBeLessThan(3000);
    await relay.close();
  });
});

describe('Grafana', () => {
  let session: ClientHttp2Session;

  beforeEach(() => {
    const path = plugin.address.replace(/^unix:/, '');
    // A window as small as HTTP/2 begins with: what is not read stays with the plugin.
    session = connect('http://plugin', { createConnection: () => connectSocket(path) });
    session.on('error', () => undefined);
  });

  afterEach(() => session.destroy());

  /** A call that is read no further than its first bytes. */
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

  /** Waits until nothing flows any more from the server, through many turns of everybody. */
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

  it('reads slowly: an answer in parts is held back all the way to the server', async () => {
    const stream = await startReading('QueryChunkedData', 'numbers');
    const sent = await standstill();
    // The windows and a few parts, out of an endless result.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(await heldBytes()).toBeLessThan(32 * 1024 * 1024);
    // It reads a little more, and so much more comes; and another query is answered meanwhile.
    await works();
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

  it('reads slowly: a whole answer waits for it and grows no more', async () => {
    const stream = await startReading('QueryData', 'numbers 100');
    const answerBytes = 100 * BATCH_ROWS * 24;
    expect(await heldBytes()).toBeGreaterThan(answerBytes);
    // Sizes of buffers are rounded up.
    expect(await heldBytes()).toBeLessThan(1.1 * answerBytes);
    await works();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    // What answers on the same connection has read of the end before.
    await new Promise((resolve) => session.ping(resolve));
    expect(await heldBytes()).toBe(0);
  });

  it('closes its connection in mid-stream: the query ends on the server', async () => {
    await startReading('QueryChunkedData', 'numbers');
    session.destroy();
    await until(() => server.results[0].isOver);
    expect(server.results[0].cancelledAtMs).toBeDefined();
    expect(await heldBytes()).toBe(0);
    await works();
  });
});
