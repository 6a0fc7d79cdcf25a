/**
 * Attacks of Flight servers and callers on the memory of the process, over the plugin protocol. Without the memory
 * budget, each attack would take gigabytes. The process stays small, and a small query completes during the attack.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { Binary, Bool, Dictionary, Int32, Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { columnOf, messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  flightData,
  startFlightServer,
  type DataCall,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { CallResourceRequestSchema } from '../../proxy/generated/pluginv2/backend_pb';
import { Status } from '../../proxy/base/grpc';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const MIB = 1024 * 1024;
const BUDGET_MIB = 128;
/** Without a query, the process takes about 80 MB. */
const MOST_RESIDENT_BYTES = 450 * MIB;
const ALL = { version: 2, autoLimit: false, timeFilter: false };

/** Creates messages, which the server sends until the call is cancelled. */
type Endless = (index: number) => Buffer[];

const [NUMBERS_SCHEMA, NUMBERS] = messagesOf(new Table({ n: columnOf(new Int32(), new Int32Array(100)) }));
const WORD = new Dictionary(new Utf8(), new Int32(), 3);
const words = messagesOf(new Table({ word: vectorFromArray(['x'.repeat(8 * MIB), 'a'], WORD) }));

/** One record batch of 300,000 short lists, which the plugin converts to JSON. */
const long = messagesOf(
  new Table({ list: vectorFromArray(Array.from({ length: 300_000 }, (_, row) => [row, row + 1])) })
);

/** A response to `GetTables`, with table names of half a megabyte each. */
const tables = messagesOf(
  new Table({
    table_name: vectorFromArray(
      Array.from({ length: 8 }, () => 't'.repeat(MIB / 2)),
      new Utf8()
    ),
    table_schema: vectorFromArray(
      Array.from({ length: 8 }, () => schemaBytes()),
      new Binary()
    ),
  })
);

/** A response to a lookup of view sets, with names of 16 kB each. */
const viewSets = messagesOf(
  new Table({
    view_set_name: vectorFromArray(
      Array.from({ length: 8 }, () => 'v'.repeat(16_384)),
      new Utf8()
    ),
    has_view_maker: vectorFromArray(new Array<boolean>(8).fill(true), new Bool()),
    global_instance_available: vectorFromArray(new Array<boolean>(8).fill(true), new Bool()),
  })
);

function schemaBytes(): Uint8Array {
  const { header } = NUMBERS_SCHEMA;
  const bytes = Buffer.alloc(8 + header.length);
  bytes.writeUInt32LE(0xffffffff, 0);
  bytes.writeUInt32LE(header.length, 4);
  bytes.set(header, 8);
  return bytes;
}

const IMAGE_BYTES = 12 * MIB;
const picture = new Uint8Array(IMAGE_BYTES);
picture.set(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
const image = messagesOf(
  new Table({
    name: vectorFromArray(['shot'], new Utf8()),
    payload_size: vectorFromArray([BigInt(IMAGE_BYTES)], new Int64()),
    data: vectorFromArray([picture], new Binary()),
  })
);

const flight = (messages: typeof words) => messages.map(({ header, body }) => flightData(header, body));
const RESPONSES: Readonly<Record<string, { first: Buffer[]; endless: Endless }>> = {
  // Each dictionary replaces the previous dictionary. There are no rows.
  dictionaries: { first: flight(words.slice(0, 1)), endless: () => flight(words.slice(1, 2)) },
  tables: { first: flight(tables.slice(0, 1)), endless: () => flight(tables.slice(1)) },
  viewSets: { first: flight(viewSets.slice(0, 1)), endless: () => flight(viewSets.slice(1)) },
};

function send(call: DataCall, { first, endless }: { first: Buffer[]; endless: Endless }): void {
  let isOver = false;
  call.on('cancelled', () => (isOver = true));
  first.forEach((message) => call.write(message));
  const next = (index: number): void => {
    while (!isOver) {
      const room = endless(index++).map((message) => call.write(message));
      if (room.includes(false)) {
        call.once('drain', () => next(index));
        return;
      }
    }
  };
  next(0);
}

let server: TestServer;
let plugin: PluginProcess;

beforeAll(async () => {
  server = await startFlightServer({
    doGet: (sql, call) => {
      const hostile = RESPONSES[sql.includes('list_view_sets()') ? 'viewSets' : sql.replace(/^SELECT /, '')];
      if (hostile !== undefined) {
        send(call, hostile);
        return;
      }
      const finite = sql.includes('payload_size') ? image : sql === 'SELECT long' ? long : [NUMBERS_SCHEMA, NUMBERS];
      flight(finite).forEach((message) => call.write(message));
      call.end();
    },
  });
});

afterAll(() => server?.kill());

beforeEach(async () => {
  plugin = await startBuiltPlugin({ GF_PLUGIN_MEMORY_BUDGET_MB: String(BUDGET_MIB) });
});

afterEach(async () => void (await plugin?.shutdown()));

function source(settings: object = {}): Source {
  const jsonData = { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none', maxRows: 1e9, ...settings } as const;
  return { uid: 'attacked', jsonData, user: ADA };
}

/** Peak resident memory of the plugin. */
const residentBytes = () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${plugin.pid}/status`, 'utf8'))?.[1]) * 1024;

/** Checks that a small query completes during the attack, and that no memory is held after the attack. */
async function expectHealthy(attack: Promise<unknown>): Promise<void> {
  const small = await runQuery(plugin, source(), { query: 'SELECT small', ...ALL });
  expect(onlyFrame(small).rowCount).toBe(100);
  await attack;
  expect(residentBytes()).toBeLessThan(MOST_RESIDENT_BYTES);
  // The memory is freed when the process notices that the caller has left. Jest's timeout ends the loop.
  while (metricValue(await plugin.collectMetrics(), 'micromegas_memory_held_bytes') !== 0) {
    // The condition awaits a call, so no pause is necessary.
  }
}

it('counts the memory of dictionaries that are replaced', async () => {
  const responses = Promise.all(
    [1, 2, 3].map(() => runQuery(plugin, source(), { query: 'SELECT dictionaries', ...ALL }))
  );
  await expectHealthy(responses);
  for (const { status, error } of await responses) {
    expect([status, error]).toEqual([
      413,
      expect.stringMatching(/Not even the first row fits into the limit: one result may take 64 MB/),
    ]);
  }
});

it('limits the size of the list of tables', async () => {
  const response = plugin.callResource({ context: pluginContext(source()), path: 'tables' });
  await expectHealthy(response);
  const { status, body } = await response;
  expect([
    status,
    Buffer.from(body.subarray(0, 300))
      .toString()
      .slice(0, status === 200 ? 0 : 300),
  ]).toEqual([200, '']);
  const payload = JSON.parse(Buffer.from(body).toString()) as { tables: unknown[]; truncated?: boolean };
  expect(payload.truncated).toBe(true);
  expect(payload.tables.length).toBeGreaterThan(8);
});

it('limits the size of the response to a lookup', async () => {
  const body = Buffer.from('{"kind":"view-sets"}');
  const response = plugin.callResource({ context: pluginContext(source()), path: 'lookup', method: 'POST', body });
  await expectHealthy(response);
  const payload = JSON.parse(Buffer.from((await response).body).toString()) as { items: Array<{ name: string }> };
  expect(payload).toMatchObject({ isTruncated: true });
  expect(payload.items).toHaveLength(1000);
  expect(new Set(payload.items.map(({ name }) => name))).toEqual(new Set(['v'.repeat(500)]));
});

it('counts the memory of SQL that macros expand, and truncates the SQL in the response', async () => {
  const nested = `${'$__timeFilter('.repeat(14)}time${')'.repeat(14)}`;
  const queries = Array.from({ length: 200 }, (_, index) => dataQuery(`Q${index}`, { query: nested, ...ALL }));
  const attack = plugin.queryData({ pluginContext: pluginContext(source()), headers: {}, queries });
  await expectHealthy(attack);
  const { responses } = await attack;
  const frames = Object.values(responses).flatMap((response) => response.frames);
  expect(frames).toHaveLength(200);
  expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(MIB / 2);
});

/** The prefix of a gRPC message. */
function prefix(length: number, flag = 0): Buffer {
  const bytes = Buffer.from([flag, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** A second client on the plugin's socket. */
function connectSession(): ClientHttp2Session {
  const session = connect('http://plugin', {
    createConnection: () => connectSocket(plugin.address.replace(/^unix:/, '')),
  });
  session.on('error', () => undefined);
  return session;
}

it('limits unread files to their share of the memory', async () => {
  const session = connectSession();
  const callImage = (index: number) => {
    const context = pluginContext({ ...source(), uid: `images-${index % 10}` });
    const url = `image?process=0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01&time=1`;
    const message = toBinary(
      CallResourceRequestSchema,
      create(CallResourceRequestSchema, { pluginContext: context, path: 'image', method: 'GET', url })
    );
    const stream = session.request({
      ':method': 'POST',
      ':path': '/pluginv2.Resource/CallResource',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.pause();
    stream.end(Buffer.concat([prefix(message.length), message]));
    return once(stream, 'response');
  };
  // A user may load 100 images at the same time from ten data sources. Two images fit into the share.
  await Promise.race(Array.from({ length: 100 }, (_, index) => callImage(index)));
  const small = await runQuery(plugin, source(), { query: 'SELECT small', ...ALL });
  expect(onlyFrame(small).rowCount).toBe(100);
  const held = metricValue(await plugin.collectMetrics(), 'micromegas_memory_held_bytes');
  expect(held).toBeGreaterThanOrEqual(IMAGE_BYTES);
  expect(held).toBeLessThanOrEqual((BUDGET_MIB / 2) * MIB);
  session.destroy();
  await expectHealthy(Promise.resolve());
});

describe('requests', () => {
  let session: ClientHttp2Session;

  beforeEach(() => {
    session = connectSession();
  });

  afterEach(() => session.destroy());

  /**
   * Sends the headers of a call.
   *
   * @returns The stream of the call, for its body, and the gRPC status with which the call ends.
   */
  function call(encoding?: string): { stream: ClientHttp2Stream; status: Promise<number> } {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/pluginv2.Data/QueryData',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(encoding !== undefined && { 'grpc-encoding': encoding }),
    });
    const status = new Promise<number>((resolve) => {
      const read = (headers: Record<string, unknown>) => {
        if (headers['grpc-status'] !== undefined) {
          resolve(Number(headers['grpc-status']));
        }
      };
      stream.on('response', read);
      stream.on('trailers', read);
      stream.on('close', () => resolve(-1));
      stream.on('error', () => undefined);
    });
    stream.resume();
    return { stream, status };
  }

  it('rejects incomplete requests beyond their share of the memory', async () => {
    const calls = Array.from({ length: 30 }, () => call());
    const part = Buffer.alloc(MIB);
    calls.forEach(({ stream }) => {
      stream.write(prefix(60 * MIB));
      stream.write(part);
    });
    const statuses: number[] = [];
    calls.forEach(({ status }) => void status.then((code) => statuses.push(code)));
    // Jest's timeout ends the loop.
    while (statuses.length < calls.length / 2) {
      await plugin.collectMetrics();
    }
    // If the plugin resets a stream while Node's client writes, the client may drop the status.
    expect(statuses.filter((code) => code === Status.RESOURCE_EXHAUSTED).length).toBeGreaterThan(5);
    const ended = Promise.resolve().then(() => session.destroy());
    await expectHealthy(ended);
  });

  it('rejects compressed requests without decompressing them', async () => {
    const bomb = gzipSync(Buffer.alloc(128 * MIB));
    const calls = Array.from({ length: 40 }, () => call('gzip'));
    calls.forEach(({ stream }) => stream.end(Buffer.concat([prefix(bomb.length, 1), bomb])));
    const statuses = await Promise.all(calls.map(({ status }) => status));
    expect(new Set(statuses)).toEqual(new Set([Status.RESOURCE_EXHAUSTED]));
    await expectHealthy(Promise.resolve());
  });
});

it('runs other queries while a long batch is converted, and stops converting after a cancellation', async () => {
  await runQuery(plugin, source(), { query: 'SELECT small', ...ALL });
  const controller = new AbortController();
  const slow = runQuery(plugin, source(), { query: 'SELECT long', ...ALL }, { signal: controller.signal });
  const failed = expect(slow).rejects.toMatchObject({ code: Status.CANCELLED });
  // Small queries complete one after the other, until the conversion ends.
  let finished = 0;
  let isOver = false;
  void slow.then(
    () => (isOver = true),
    () => (isOver = true)
  );
  while (!isOver && finished < 20) {
    expect(onlyFrame(await runQuery(plugin, source(), { query: 'SELECT small', ...ALL })).rowCount).toBe(100);
    finished++;
    if (finished === 3) {
      controller.abort();
    }
  }
  expect(finished).toBeGreaterThanOrEqual(3);
  await failed;
  await expectHealthy(Promise.resolve());
});
