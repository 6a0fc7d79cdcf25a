/**
 * The memory of an answer is used again for the next ones. Here many answers go out at once, are left in the middle or are
 * read slowly, and each must hold nothing but its own rows.
 */
import { Table, vectorFromArray } from 'apache-arrow';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { generator } from '../../proxy/arrow-ipc/testing/ipc-bytes';
import { messagesOf } from '../../proxy/data-frames/testing/arrow-messages';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/flight-sql/testing/flight-test-server';
import { QueryDataRequestSchema, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const ROWS = 8192;
const OPTIONS = { version: 2, autoLimit: false, timeFilter: false };

let server: TestServer;
let plugin: PluginProcess;

/** A text that is too long to be part of a view. */
const textOf = (mark: number) => `the text of answer number ${mark}, and of no other`;

/** Batches in which every value tells whose they are: numbers, which pass through, and texts, which are resolved. */
function markedResult(mark: number, batches: number): Buffer[] {
  const names = vectorFromArray(Array.from({ length: ROWS }, () => textOf(mark)));
  // Their views lie in memory that is used again.
  const random = generator(mark);
  const words = vectorFromArray(Array.from({ length: ROWS }, () => `${mark} ${'abcd'[random(4)]}`));
  const numbers = () => vectorFromArray(new Int32Array(ROWS).fill(mark));
  const [schema, ...rest] = messagesOf(new Table({ number: numbers(), more: numbers(), name: names, word: words }));
  const repeated = Array.from({ length: batches }, () => rest).flat();
  return [schema, ...repeated].map(({ header, body }) => flightData(header, body));
}

beforeAll(async () => {
  const kept = new Map<string, Buffer[]>();
  server = await startFlightServer({
    doGet: (sql, call) => {
      const [mark, batches] = sql.split(' ').map(Number);
      const messages = kept.get(sql) ?? markedResult(mark, batches);
      kept.set(sql, messages);
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
  expect([...names]).toEqual([textOf(mark)]);
  const words = new Set(table.getChild('word') ?? []);
  expect([...words].sort()).toEqual(['a', 'b', 'c', 'd'].map((letter) => `${mark} ${letter}`));
}

/** Starts a call of which only the first bytes are read. */
async function startReading(mark: number, batches: number): Promise<ClientHttp2Stream> {
  const session = connect('http://plugin', {
    createConnection: () => connectSocket(plugin.address.replace(/^unix:/, '')),
  });
  session.on('error', () => undefined);
  const queries = [dataQuery('A', { query: `${mark} ${batches}`, ...OPTIONS })];
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

/** All that was sent, read at last. */
async function contentOf(stream: ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

it('gives every answer its own rows, whatever happens to others', async () => {
  for (let round = 0; round < 8; round++) {
    const base = 1000 * (round + 1);
    // One is left in the middle, one waits for its reader until others have come and gone.
    const left = await startReading(base + 500, 20);
    const slow = await startReading(base + 501, 20);
    const marks = Array.from({ length: 10 }, (_, index) => base + index);
    const batchesOf = (mark: number) => 1 + (mark % 5);
    const asked = marks.map((mark) => runQuery(plugin, source(), { query: `${mark} ${batchesOf(mark)}`, ...OPTIONS }));
    left.destroy();
    const answers = await Promise.all(asked);
    answers.forEach((answer, index) => expectOnly(answer, marks[index], batchesOf(marks[index])));
    const content = await contentOf(slow);
    const others = [...marks, base + 500, ...marks.map((mark) => mark - 1000)].map(textOf);
    expect(content.includes(textOf(base + 501))).toBe(true);
    expect(others.filter((text) => content.includes(text))).toEqual([]);
    // Numbers lie in the answer as they came.
    const number = Buffer.alloc(4 * ROWS);
    new Int32Array(number.buffer, number.byteOffset, ROWS).fill(base + 501);
    let found = 0;
    for (let at = content.indexOf(number); at !== -1; at = content.indexOf(number, at + number.length)) {
      found++;
    }
    expect(found).toBe(2 * 20);
  }
});

it('gives the memory back when all have gone', async () => {
  const held = async () => /^micromegas_memory_held_bytes (\S+)$/m.exec(await plugin.collectMetrics())?.[1];
  const left = await startReading(1, 20);
  expect(Number(await held())).toBeGreaterThan(20 * ROWS * 8);
  left.destroy();
  await new Promise((resolve) => left.once('close', resolve));
  expectOnly(await runQuery(plugin, source(), { query: '2 3', ...OPTIONS }), 2, 3);
  expect(await held()).toBe('0');
});
