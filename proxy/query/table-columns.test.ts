import { Binary, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { type SqlSource } from '../../contract/sql/query-scopes';
import { messagesOf } from '../frames/data-frames/testing/arrow-messages';
import { type ErrorCode } from '../base/errors/catalogue';
import { ProxyError } from '../base/errors/proxy-error';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type Instance } from '../lakehouse/instances/instance';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { type SchemaCall, TableColumns } from './table-columns';

const LOGS = new Table({ msg: vectorFromArray(['x'], new Utf8()), level: vectorFromArray([1], new Int32()) });
const SPANS = new Table({
  name: vectorFromArray(['x'], new Utf8()),
  properties: vectorFromArray([new Uint8Array()], new Binary()),
});

async function* streamed(table: Table): AsyncGenerator<FlightMessage> {
  await Promise.resolve();
  yield* messagesOf(table);
}

/** The schema as GetTables encodes it: the first message of a stream, with its prefix. */
function encapsulated(table: Table): Uint8Array {
  const stream = tableToIPC(table.slice(0, 0), 'stream');
  const length = new DataView(stream.buffer, stream.byteOffset).getInt32(4, true);
  return stream.slice(0, 8 + length);
}

/** A server that records its calls. The first calls fail with the given errors. */
function fakeServer(...failures: ProxyError[]) {
  const calls: string[] = [];
  const result = async function* (name: string, table: Table) {
    calls.push(name);
    const failure = failures.shift();
    await Promise.resolve();
    if (failure !== undefined) {
      throw failure;
    }
    yield* streamed(table);
  };
  const tables = new Table({
    table_name: vectorFromArray(['log_entries'], new Utf8()),
    table_schema: vectorFromArray([encapsulated(LOGS)], new Binary()),
  });
  const instance = {
    getTables: () => result('tables', tables),
    execute: (sql: string) => result(sql, SPANS),
    takeSlot: () => Promise.resolve(() => undefined),
  } satisfies Pick<Instance, 'getTables' | 'execute' | 'takeSlot'> as unknown as Instance;
  return { calls, instance };
}

const source = (origin: SqlSource['origin']): SqlSource => ({
  qualifier: undefined,
  name: undefined,
  columnAliases: [],
  isOptional: false,
  isHidden: false,
  start: 0,
  origin,
});
const logs = source({ kind: 'table', table: 'log_entries' });
const view = (...args: Array<string | undefined>) => source({ kind: 'function', name: 'view_instance', args });

const budget = new MemoryBudget({ totalBytes: 1e9 });

function callOf(signal = new AbortController().signal): SchemaCall {
  return {
    origin: { entrypoint: 'schema' },
    signal,
    openMemory: () => budget.open({ signal, limitMs: 1000 }),
  };
}

it('reads the tables once, and each view set once for all ids', async () => {
  const { calls, instance } = fakeServer();
  const columns = new TableColumns(() => 0);
  for (const id of ['a', "b'c"]) {
    const sources = [logs, view('otel_spans', id), view('log_entries', id)];
    const catalogue = await columns.catalogueFor(sources, instance, callOf());
    expect(sources.map((each) => catalogue.columnsOf(each)?.map(({ name, kind }) => `${name} ${kind}`))).toEqual([
      ['msg text', 'level number'],
      ['name text', 'properties json'],
      ['msg text', 'level number'],
    ]);
    expect(catalogue.columnsOf(view('nope', id))).toBeUndefined();
  }
  expect(calls).toEqual(['tables', "SELECT * FROM view_instance('otel_spans', 'a') LIMIT 0"]);
});

it('calls only functions that return views, and only with short string literals', async () => {
  const { calls, instance } = fakeServer();
  const sources = [
    source({ kind: 'function', name: 'retire_partitions', args: ['log_entries'] }),
    view('otel_spans', undefined),
    view('otel_spans', 'x'.repeat(2000)),
  ];
  const catalogue = await new TableColumns(() => 0).catalogueFor(sources, instance, callOf());
  expect(sources.map((each) => catalogue.columnsOf(each))).toEqual([undefined, undefined, undefined]);
  expect(calls).toEqual(['tables']);
});

it('reads the tables again after ten minutes', async () => {
  const { calls, instance } = fakeServer();
  let elapsedMs = 0;
  const columns = new TableColumns(() => elapsedMs);
  await columns.catalogueFor([logs], instance, callOf());
  elapsedMs += 10 * 60_000 - 1;
  await columns.catalogueFor([logs], instance, callOf());
  expect(calls).toHaveLength(1);
  elapsedMs += 1;
  await columns.catalogueFor([logs], instance, callOf());
  expect(calls).toHaveLength(2);
});

it('makes one call for concurrent queries, and after a failure makes no new call for a short time', async () => {
  const { calls, instance } = fakeServer(new ProxyError('connection_refused'));
  let elapsedMs = 0;
  const columns = new TableColumns(() => elapsedMs);
  const both = [1, 2].map(() => columns.catalogueFor([logs], instance, callOf()));
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(calls).toHaveLength(1);
  await expect(columns.catalogueFor([logs], instance, callOf())).rejects.toThrow(ProxyError);
  elapsedMs += 2000;
  await expect(columns.catalogueFor([logs], instance, callOf())).resolves.toBeDefined();
});

it.each<ErrorCode>([
  'query_cancelled',
  'query_timeout',
  'memory_busy',
  'statements_busy',
  'identity_missing',
  'identity_refused',
  'attribution_refused',
  'permission_denied',
  'query_denied',
])('loads the columns again for other queries if the query that loads them fails with %s', async (code) => {
  const { calls, instance } = fakeServer(new ProxyError(code));
  const columns = new TableColumns(() => 0);
  const first = columns.catalogueFor([logs], instance, callOf());
  const second = columns.catalogueFor([logs], instance, callOf());
  await expect(first).rejects.toThrow(ProxyError);
  await expect(second).resolves.toBeDefined();
  expect(calls).toHaveLength(2);
});
