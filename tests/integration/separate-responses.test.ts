/**
 * The plugin reuses the memory of a response for later ones. Here, many responses are sent at once, some are aborted,
 * and some are read slowly. Each must contain only its own rows.
 */
import { Table, vectorFromArray } from 'apache-arrow';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { generator } from '../../proxy/frames/arrow-ipc/testing/ipc-bytes';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { QueryDataRequestSchema, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { ALL_TESTS } from '../support/all-tests';
import { metricValue } from '../support/metrics';
import { dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const ROWS = 8192;
const OPTIONS = { version: 2, autoLimit: false, timeFilter: false };

let server: TestServer;
let plugin: PluginProcess;

/** A string that is too long to be inlined in a view. */
const bodyOf = (mark: number) => `the text of response number ${mark}, and of no other`;

/**
 * Batches in which every value contains `mark`: numbers, which the plugin passes through, and strings, which it
 * converts.
 */
function markedResult(mark: number, batches: number): Buffer[] {
  const names = vectorFromArray(Array.from({ length: ROWS }, () => bodyOf(mark)));
  // The plugin writes the views of these strings to reused memory.
  const random = generator(mark);
  const words = vectorFromArray(Array.from({ length: ROWS }, () => `${mark} ${'abcd'[random(4)]}`));
  const numbers = () => vectorFromArray(new Int32Array(ROWS).fill(mark));
  const [schema, ...rest] = messagesOf(new Table({ number: numbers(), more: numbers(), name: names, word: words }));
  const repeated = Array.from({ length: batches }, () => rest).flat();
  return [schema, ...repeated].map(({ header, body }) => flightData(header, body));
}

beforeAll(async () => {
  const cache = new Map<string, Buffer[]>();
  server = await startFlightServer({
    doGet: (sql, call) => {
      const [, mark, batches] = sql.split(' ').map(Number);
      const messages = cache.get(sql) ?? markedResult(mark, batches);
      cache.set(sql, messages);
      finish(call, ...messages);
    },
  });
  plugin = await startBuiltPlugin();
});

afterAll(async () => {
  await plugin.shutdown();
  server.kill();
});

const source = (): Source => ({
  uid: 'apart',
  jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none', maxRows: 1e9 },
});

function expectOnly(response: DataResponse, mark: number, batches: number): void {
  expect(response.error).toBe('');
  const table = arrowTable(response.frames[0]);
  expect(table.numRows).toBe(batches * ROWS);
  const numbers: Int32Array = table.getChild('number')?.toArray();
  expect(numbers.every((value) => value === mark)).toBe(true);
  const names = new Set(table.getChild('name') ?? []);
  expect([...names]).toEqual([bodyOf(mark)]);
  const words = new Set(table.getChild('word') ?? []);
  expect([...words].sort()).toEqual(['a', 'b', 'c', 'd'].map((letter) => `${mark} ${letter}`));
}

/** Starts a call, and reads only the first bytes of its response. */
async function startReading(mark: number, batches: number): Promise<ClientHttp2Stream> {
  const session = connect('http://plugin', {
    createConnection: () => connectSocket(plugin.address.replace(/^unix:/, '')),
  });
  session.on('error', () => undefined);
  const queries = [dataQuery('A', { query: `SELECT ${mark} ${batches}`, ...OPTIONS })];
  const request = create(QueryDataRequestSchema, { pluginContext: pluginContext(source()), queries });
  const message = toBinary(QueryDataRequestSchema, request);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/pluginv2.Data/QueryData',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.on('close', () => session.destroy());
  stream.end(Buffer.concat([prefix, message]));
  await new Promise<void>((resolve) => stream.once('readable', () => resolve()));
  return stream;
}

/** Reads the rest of a response. */
async function contentOf(stream: ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

it('returns in every response only the rows of that response', async () => {
  for (let round = 0; round < (ALL_TESTS ? 8 : 3); round++) {
    const base = 1000 * (round + 1);
    // One response is aborted. Another response is read only after the other responses have ended.
    const left = await startReading(base + 500, 20);
    const slow = await startReading(base + 501, 20);
    const marks = Array.from({ length: 10 }, (_, index) => base + index);
    const batchesOf = (mark: number) => 1 + (mark % 5);
    const asked = marks.map((mark) =>
      runQuery(plugin, source(), { query: `SELECT ${mark} ${batchesOf(mark)}`, ...OPTIONS })
    );
    left.destroy();
    const responses = await Promise.all(asked);
    responses.forEach((response, index) => expectOnly(response, marks[index], batchesOf(marks[index])));
    const content = await contentOf(slow);
    const others = [...marks, base + 500, ...marks.map((mark) => mark - 1000)].map(bodyOf);
    expect(content.includes(bodyOf(base + 501))).toBe(true);
    expect(others.filter((other) => content.includes(other))).toEqual([]);
    // The plugin passes numbers through unchanged.
    const number = Buffer.alloc(4 * ROWS);
    new Int32Array(number.buffer, number.byteOffset, ROWS).fill(base + 501);
    let found = 0;
    for (let at = content.indexOf(number); at !== -1; at = content.indexOf(number, at + number.length)) {
      found++;
    }
    expect(found).toBe(2 * 20);
  }
});

it('frees the memory after the last response', async () => {
  const held = async () => metricValue(await plugin.collectMetrics(), 'micromegas_memory_held_bytes');
  const left = await startReading(1, 20);
  expect(await held()).toBeGreaterThan(20 * ROWS * 8);
  left.destroy();
  await new Promise((resolve) => left.once('close', resolve));
  expectOnly(await runQuery(plugin, source(), { query: 'SELECT 2 3', ...OPTIONS }), 2, 3);
  expect(await held()).toBe(0);
});
