/**
 * Results of at most 30 MiB that would take gigabytes of memory, or seconds to convert. The plugin rejects each result,
 * and completes other queries meanwhile.
 */
import { readFileSync } from 'node:fs';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { type ArrowType, type IpcMessage } from '../../proxy/frames/arrow-ipc';
import {
  batchMessageOf,
  dictionaryMessageOf,
  field,
  int32s,
  schemaMessageOf,
} from '../../proxy/frames/arrow-ipc/testing/write-ipc';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { onlyFrame } from '../support/frames';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };
const INT64: ArrowType = { kind: 'int', bits: 64, signed: true };
const NO_BYTES = new Uint8Array(0);
const MIB = 1024 * 1024;

function sharedName(): IpcMessage[] {
  const name = 'n'.repeat(1_000_000);
  return [schemaMessageOf(Array.from({ length: 15_000 }, () => field(name, INT8)))];
}

function sharedTimezone(): IpcMessage[] {
  const type: ArrowType = { kind: 'timestamp', unit: 'nanosecond', timezone: 'z'.repeat(1_000_000) };
  return [schemaMessageOf(Array.from({ length: 15_000 }, (_, index) => field(`c${index}`, type)))];
}

function sharedBuffer(): IpcMessage[] {
  const columns = 1000;
  const rows = MIB;
  const fields = Array.from({ length: columns }, (_, index) => field(`c${index}`, INT64));
  return [
    schemaMessageOf(fields),
    batchMessageOf({
      length: rows,
      nodes: fields.map(() => [rows, 0]),
      buffers: [new Uint8Array(rows * 8)],
      places: fields.flatMap((): Array<[number, number]> => [
        [0, 0],
        [0, rows * 8],
      ]),
    }),
  ];
}

/**
 * Nested list views. Each row of a level contains both rows of the level below, so the size doubles with each level.
 */
function nestedListViews(levels: number): IpcMessage[] {
  let type = INT8;
  const buffers: Uint8Array[] = [NO_BYTES, Uint8Array.of(1, 2)];
  for (let level = 0; level < levels; level++) {
    type = { kind: 'listView', item: field('item', type) };
    buffers.unshift(NO_BYTES, int32s(0, 0), int32s(2, 2));
  }
  const nodes = Array.from({ length: levels + 1 }, () => [2, 0] as const);
  return [schemaMessageOf([field('views', type)]), batchMessageOf({ length: 2, nodes, buffers })];
}

/**
 * 4,000 columns share a dictionary of 4,000 pieces. If each column stored each piece, there would be 16 million
 * objects.
 */
function dictionaryPieces(): IpcMessage[] {
  const columns = 4000;
  const type: ArrowType = {
    kind: 'dictionary',
    id: 0,
    index: { kind: 'int', bits: 32, signed: true },
    value: { kind: 'utf8' },
  };
  return [
    schemaMessageOf(Array.from({ length: columns }, (_, index) => field(`c${index}`, type))),
    ...Array.from({ length: 4000 }, (_, index) =>
      dictionaryMessageOf(
        { length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, int32s(0, 1), Uint8Array.of(0x61)] },
        { isDelta: index > 0 }
      )
    ),
    batchMessageOf({
      length: 1,
      nodes: Array.from({ length: columns }, () => [1, 0] as const),
      buffers: Array.from({ length: columns }, () => [NO_BYTES, int32s(3999)]).flat(),
    }),
  ];
}

/** One row with a list that takes ten seconds to write. */
function longList(): IpcMessage[] {
  const items = 30 * MIB;
  return [
    schemaMessageOf([field('list', { kind: 'list', item: field('item', INT8) })]),
    batchMessageOf({
      length: 1,
      nodes: [
        [1, 0],
        [items, 0],
      ],
      buffers: [NO_BYTES, int32s(0, items), NO_BYTES, new Uint8Array(items)],
    }),
  ];
}

const MALFORMED = "The server's response is not valid Arrow data.";
const TOO_LARGE = 'The result is too large for Grafana.';

const results: Record<string, { messages: () => IpcMessage[]; error: string; detail: string }> = {
  'fields that share a name': { messages: sharedName, error: TOO_LARGE, detail: 'names of the columns' },
  'fields that share a time zone': { messages: sharedTimezone, error: TOO_LARGE, detail: 'names of the columns' },
  'columns that share their bytes': { messages: sharedBuffer, error: MALFORMED, detail: 'overlap' },
  'nested list views': { messages: () => nestedListViews(30), error: TOO_LARGE, detail: '32 MiB are allowed' },
  'dictionaries of many pieces': { messages: dictionaryPieces, error: TOO_LARGE, detail: '65536 pieces' },
  'a row that is a long list': { messages: longList, error: TOO_LARGE, detail: '32 MiB are allowed' },
};

let server: TestServer;
let plugin: PluginProcess;
let source: Source;

beforeAll(async () => {
  server = await startFlightServer({
    doGet: (sql, call) => {
      const messages = results[sql.replace(/^SELECT /, '')]?.messages() ?? [
        schemaMessageOf([field('n', INT8)]),
        batchMessageOf({ length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, Uint8Array.of(1)] }),
      ];
      finish(call, ...messages.map(({ header, body }) => flightData(header, body)));
    },
  });
  plugin = await startBuiltPlugin();
  source = { jsonData: { host: `127.0.0.1:${server.port}`, secure: false, selectedAuthType: 'none' } };
});

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
});

const ask = (query: string) =>
  runQuery(plugin, source, { query: `SELECT ${query}`, version: 2, timeFilter: false, autoLimit: false });

it.each(Object.keys(results))('rejects %s, and runs another query meanwhile', async (name) => {
  const [rejected, accepted] = await Promise.all([ask(name), ask('one row')]);
  expect(rejected.error).toContain(results[name]?.error);
  expect(rejected.error).toContain(results[name]?.detail);
  expect(onlyFrame(accepted).rowCount).toBe(1);
});

it('keeps the memory of the process small', () => {
  const [, peakKb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${plugin.pid}/status`, 'utf8')) ?? [];
  expect(Number(peakKb) * 1024).toBeLessThan(250 * MIB);
});
