/** Tests peers that flood the built plugin: a client on the plugin's socket, and a Flight server. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { Http2ErrorCode, PREFACE } from '@micromegas/http2';
import { data, END_STREAM, headers, ping, post, RawPeer, reset, settings } from '@micromegas/http2/testing';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import {
  GRPC_HEADERS,
  SCHEMA_MESSAGE,
  startHttp2Server,
} from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { QueryDataRequestSchema } from '../../proxy/generated/pluginv2/backend_pb';
import { MOST_LINES } from '../../proxy/observe/logging/limited-logger';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { eventually } from '../support/eventually';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

let plugin: PluginProcess;

beforeAll(async () => {
  plugin = await startBuiltPlugin();
});

afterEach(endLoopback);

afterAll(() => plugin.shutdown());

/** A second client on the plugin's socket, which can send any frame. */
async function rawGrafana(): Promise<RawPeer> {
  const socket = connect(plugin.address.replace(/^unix:/, ''));
  await once(socket, 'connect');
  const peer = new RawPeer(socket);
  peer.send(PREFACE, settings());
  return peer;
}

function sourceAt(port: number): Source {
  return { uid: `p${port}`, jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none' }, user: ADA };
}

function queryMessage(source: Source): Buffer {
  const request = create(QueryDataRequestSchema, {
    pluginContext: pluginContext(source),
    queries: [dataQuery('A', { query: 'SELECT 1' })],
  });
  const message = toBinary(QueryDataRequestSchema, request);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Waits until the metrics report that no query runs. */
async function idle(): Promise<void> {
  while (metricValue(await plugin.collectMetrics(), 'micromegas_queries_running') !== 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const QUERY = post('/pluginv2.Data/QueryData', ['content-type', 'application/grpc'], ['te', 'trailers']);

it('closes the connection of a peer that floods it, logs the reason once, and serves other connections meanwhile', async () => {
  const peer = await rawGrafana();
  const pings = Array.from({ length: 500 }, () => ping());
  for (let batch = 0; batch < 200; batch++) {
    peer.send(...pings);
    const [hasResponse] = await Promise.all([peer.roundTrip(String(batch).padStart(8, '0')), plugin.collectMetrics()]);
    if (!hasResponse) {
      break;
    }
    peer.frames.splice(0);
  }
  expect(peer.goAwayCode).toBe(Http2ErrorCode.ENHANCE_YOUR_CALM);
  expect(metricValue(await plugin.collectMetrics(), 'micromegas_queries_running')).toBe(0);
  expect(plugin.logs.filter(({ fields }) => fields.flood !== undefined)).toEqual([
    expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ flood: 'frames' }) }),
  ]);
});

it('keeps a connection open if 6,000 queries on it are cancelled, before or after their start', async () => {
  const { port } = await startHttp2Server((stream) => stream.respond(GRPC_HEADERS));
  const body = queryMessage(sourceAt(port));
  const peer = await rawGrafana();
  for (let batch = 0, id = 1; batch < 60; batch++) {
    const opened = Array.from({ length: 100 }, () => (id += 2) - 2);
    const frames = opened.flatMap((stream) => [headers(stream, QUERY), data(stream, body, END_STREAM)]);
    const resets = opened.map((stream) => reset(stream, Http2ErrorCode.CANCEL));
    if (batch % 2 === 0) {
      peer.send(...frames, ...resets);
    } else {
      peer.send(...frames);
      await peer.roundTrip(`b${String(batch).padStart(7, '0')}`);
      peer.send(...resets);
    }
  }
  expect(await peer.roundTrip('survived')).toBe(true);
  expect(peer.goAwayCode).toBeUndefined();
  await idle();
});

it('limits the number of log lines about calls without a message', async () => {
  const peer = await rawGrafana();
  const unknown = post('/no/such/method', ['content-type', 'application/grpc']);
  for (let id = 1; id < 2000; id += 2) {
    peer.send(headers(id, unknown), data(id, '', END_STREAM));
  }
  await peer.findType(1, 1999);
  // The log is a separate pipe, in which the line of the next call follows these lines.
  await plugin.callResource({ context: pluginContext({ jsonData: {}, user: ADA }), path: 'after-the-flood' });
  await eventually('The line of the next call', 60_000, () =>
    Promise.resolve(plugin.logs.find(({ message }) => message === 'A resource call failed'))
  );
  const timesMs = plugin.logs
    .filter(({ message }) => message === 'Call ended early')
    .map(({ raw }) => Date.parse((JSON.parse(raw) as { '@timestamp': string })['@timestamp']));
  const inTenSeconds = timesMs.map((startMs) => timesMs.filter((ms) => ms >= startMs && ms < startMs + 10_000).length);
  expect(inTenSeconds.length).toBeGreaterThan(0);
  // Ten seconds can contain the end of one interval of the limit and the start of the next, each with `MOST_LINES`
  // lines.
  expect(Math.max(...inTenSeconds)).toBeLessThanOrEqual(2 * MOST_LINES);
});

it('fails a query whose response consists of empty messages, and runs other queries meanwhile', async () => {
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.on('error', () => undefined);
    stream.write(SCHEMA_MESSAGE);
    stream.write(Buffer.alloc(8_000_000));
  });
  const response = runQuery(plugin, sourceAt(port), { query: 'SELECT 1' });
  let others = 0;
  let isOver = false;
  void response.finally(() => (isOver = true)).catch(() => undefined);
  while (!isOver) {
    await plugin.collectMetrics();
    others += 1;
  }
  expect((await response).error).toContain("The server's response is not valid Arrow data.");
  // Without the limit for empty messages, the first of these calls would wait until the query is over.
  expect(others).toBeGreaterThan(2);
});
