import { Bool, Dictionary, Field, Int32, List, Table, Utf8, vectorFromArray, type Vector } from 'apache-arrow';
import { type LookupRequest } from '../../../contract/resources/lookups';
import { type IpcMessage } from '../../frames/arrow-ipc';
import { messagesOf, stream, timeColumn } from '../../frames/data-frames/testing/arrow-messages';
import { ProxyError } from '../../base/errors/proxy-error';
import { type InstanceCall } from '../../lakehouse/instances/instance';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { type LookupCall, runLookup } from './run-lookup';

const NOW_MS = Date.UTC(2026, 0, 10, 12);
const RANGE = { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS };
const ID = '7c1e9d30-8f2b-4c59-b1d7-2e8a64c0f902';
const TARGETS: LookupRequest = { kind: 'values', table: 'log_entries', column: 'target', range: RANGE };
const NAMES: LookupRequest = { kind: 'values', table: 'measures', column: 'name', range: RANGE };

type Execute = (sql: string, signal: AbortSignal) => AsyncIterable<IpcMessage>;

/** Runs a lookup. `execute` stands for the server. */
function run(request: LookupRequest, execute: Execute, changes: Partial<LookupCall> = {}) {
  const calls: Array<{ sql: string; call: InstanceCall }> = [];
  const call: InstanceCall = {
    origin: { entrypoint: 'completion' },
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
  };
  const result = runLookup(request, {
    execute(sql, each) {
      calls.push({ sql, call: each });
      return execute(sql, each.signal);
    },
    call,
    suggestsValues: true,
    nowMs: NOW_MS,
    ...changes,
  });
  return { calls, result };
}

const rowsOf = (columns: Record<string, Vector>) => () => stream(messagesOf(new Table(columns)));
const strings = (values: Array<string | null>) => vectorFromArray(values, new Utf8());

async function* failing(code: 'query_invalid' | 'server_unavailable'): AsyncGenerator<IpcMessage> {
  await Promise.resolve();
  throw new ProxyError(code);
}

it('reads values, and leaves out values that are empty or too long for a filter', async () => {
  const value = vectorFromArray(['b', 'a', '', 'x'.repeat(501)], new Dictionary(new Utf8(), new Int32()));
  const { result } = run(NAMES, rowsOf({ value }));
  expect(await result).toEqual({ items: [{ value: 'b' }, { value: 'a' }], isTruncated: false });
});

it('truncates a list that is longer than its limit', async () => {
  const { result } = run(NAMES, rowsOf({ value: strings(Array.from({ length: 5000 }, (_, row) => `v${row}`)) }));
  const { items, isTruncated } = await result;
  expect([items.length, isTruncated]).toEqual([1000, true]);
});

it('reads processes', async () => {
  const time = timeColumn([BigInt(NOW_MS) * 1_000_000n + 999n, null]);
  const { result } = run(
    { kind: 'processes', range: RANGE },
    rowsOf({
      process_id: strings([ID, 'x']),
      exe: strings(['ember', null]),
      computer: strings(['atlas', null]),
      username: strings(['ada', null]),
      start_time: time,
      last_update_time: time,
    })
  );
  expect(await result).toEqual({
    items: [
      { processId: ID, exe: 'ember', computer: 'atlas', username: 'ada', startMs: NOW_MS, lastUpdateMs: NOW_MS },
      { processId: 'x', exe: '', computer: '', username: '', startMs: 0, lastUpdateMs: 0 },
    ],
    isTruncated: false,
  });
});

it('reads which telemetry each process has', async () => {
  const times = () => timeColumn([BigInt(NOW_MS) * 1_000_000n, null]);
  const flags = (...values: number[]) => vectorFromArray(values, new Int32());
  const columns = { process_id: strings([ID, 'x']), exe: strings(['ember', null]) };
  const { result } = run(
    { kind: 'telemetry', range: RANGE },
    rowsOf({
      ...columns,
      start_time: times(),
      last_update: times(),
      has_cpu: flags(1, 0),
      has_trace: flags(0, 0),
      has_image: flags(1, 0),
    })
  );
  expect((await result).items).toEqual([
    { processId: ID, exe: 'ember', startMs: NOW_MS, lastUpdateMs: NOW_MS, has: ['cpu', 'image'] },
    { processId: 'x', exe: '', startMs: 0, lastUpdateMs: 0, has: [] },
  ]);
});

it('reads streams with their tags', async () => {
  const tags = vectorFromArray([['cpu', 'x'.repeat(501)], [], null], new List(new Field('item', new Utf8())));
  const columns = { stream_id: strings(['1', '2', '3']), name: strings(['main', null, null]), tags };
  const { result } = run({ kind: 'streams', processId: ID }, rowsOf(columns));
  expect((await result).items).toEqual([
    { streamId: '1', tags: ['cpu'], name: 'main' },
    { streamId: '2', tags: [], name: '' },
    { streamId: '3', tags: [], name: '' },
  ]);
});

it('reads view sets', async () => {
  const { result } = run(
    { kind: 'view-sets' },
    rowsOf({
      view_set_name: strings(['processes', 'otel_spans']),
      has_view_maker: vectorFromArray([false, true], new Bool()),
      global_instance_available: vectorFromArray([true, false], new Bool()),
    })
  );
  expect((await result).items).toEqual([
    { name: 'processes', isGlobal: true, hasInstances: false },
    { name: 'otel_spans', isGlobal: false, hasInstances: true },
  ]);
});

it('reads the signatures and first sentences of functions, and omits functions that change the lakehouse', async () => {
  const functions = [
    ['date_bin', 'SCALAR', 'date_bin(interval, time)', '\nStarts an interval. It has more.\n\nMore.'],
    ['retire_partitions', 'TABLE', null, null],
    ['retire_partition_by_file', 'SCALAR', null, null],
    ['retire_partition_by_metadata', 'SCALAR', null, null],
    ['regenerate_partitions', 'TABLE', null, null],
    ['materialize_partitions', 'TABLE', null, null],
    ['deny_queries', 'TABLE', null, null],
    ['remove_query_denial', 'TABLE', null, null],
    ['list_query_denials', 'TABLE', null, null],
    ['array_remove', 'SCALAR', null, null],
    ['a_procedure', 'PROCEDURE', null, null],
    ['__proto__', 'SCALAR', null, null],
  ];
  const column = (index: number) => strings(functions.map((row) => row[index] ?? null));
  const { result } = run(
    { kind: 'functions' },
    rowsOf({ routine_name: column(0), kind: column(1), syntax: column(2), description: column(3) })
  );
  expect(JSON.stringify(await result)).toBe(
    JSON.stringify({
      items: ['date_bin', 'list_query_denials', 'array_remove', '__proto__'],
      isTruncated: false,
      help: Object.fromEntries([
        ['date_bin', { kind: 'scalar', syntax: 'date_bin(interval, time)', description: 'Starts an interval.' }],
        ['list_query_denials', { kind: 'table' }],
        ['array_remove', { kind: 'scalar' }],
        ['__proto__', { kind: 'scalar' }],
      ]),
    })
  );
});

it('sends the range, the origin and the user of the call', async () => {
  const user = { login: 'ada', name: 'Ada', email: 'ada@example.com' };
  const signal = new AbortController().signal;
  const call = { origin: { entrypoint: 'completion' }, user, signal, memory: unlimitedAccount() };
  const { result, calls } = run(NAMES, rowsOf({ value: strings([]) }), { call });
  await result;
  expect(calls).toEqual([
    { sql: expect.any(String), call: expect.objectContaining({ range: RANGE, user, origin: call.origin }) },
  ]);
});

it('reads log_entries if the server has no log_stats', async () => {
  const { result, calls } = run(TARGETS, (sql) =>
    sql.includes('log_stats') ? failing('query_invalid') : rowsOf({ value: strings(['a']) })()
  );
  expect((await result).items).toEqual([{ value: 'a' }]);
  expect(calls).toHaveLength(2);
});

it.each([
  { name: 'a server that is down', request: TARGETS, code: 'server_unavailable' as const },
  { name: 'an unknown column', request: NAMES, code: 'query_invalid' as const },
])('sends only one statement for $name', async ({ request, code }) => {
  const { result, calls } = run(request, () => failing(code));
  await expect(result).rejects.toMatchObject({ code });
  expect(calls).toHaveLength(1);
});

it.each<LookupRequest>([
  NAMES,
  { kind: 'property-keys', table: 'measures', column: 'properties', range: RANGE },
  { kind: 'processes', range: RANGE },
  { kind: 'streams', processId: ID },
  { kind: 'measures', range: RANGE },
])('sends no statement for $kind if value suggestions are off', async (request) => {
  const { result, calls } = run(request, () => failing('query_invalid'), { suggestsValues: false });
  await expect(result).rejects.toMatchObject({ code: 'lookups_off' });
  expect(calls).toEqual([]);
});

it('lists view sets if value suggestions are off', async () => {
  const empty = { view_set_name: strings([]), has_view_maker: strings([]), global_instance_available: strings([]) };
  const { result } = run({ kind: 'view-sets' }, rowsOf(empty), { suggestsValues: false });
  expect(await result).toEqual({ items: [], isTruncated: false });
});

it('cancels the statement after ten seconds', async () => {
  let elapse: () => void = () => undefined;
  const limits: number[] = [];
  const { result } = run(
    NAMES,
    async function* (_sql, signal) {
      elapse();
      await Promise.resolve();
      expect(signal.aborted).toBe(true);
      yield* failing('server_unavailable');
    },
    {
      startTimer(callback, ms) {
        limits.push(ms);
        elapse = callback;
        return () => undefined;
      },
    }
  );
  await expect(result).rejects.toMatchObject({ code: 'lookup_timeout', status: 504 });
  expect(limits).toEqual([10_000]);
});

it('counts the memory of the items in the memory account', async () => {
  const memory = accountOf(20_000);
  const call = { origin: { entrypoint: 'completion' }, signal: new AbortController().signal, memory };
  const value = strings(Array.from({ length: 900 }, (_, row) => `value-${row}`));
  const { result } = run(NAMES, rowsOf({ value }), { call });
  await expect(result).rejects.toMatchObject({ code: 'result_too_large' });
});

it('fails for a result without the expected columns', async () => {
  await expect(run(NAMES, rowsOf({ time: timeColumn([1n]) })).result).rejects.toMatchObject({
    code: 'result_malformed',
  });
});
