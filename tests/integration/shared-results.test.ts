/**
 * Tests which queries get the result of another query. The server responds when a test tells it to. Each statement is
 * counted at the server.
 */
import { status as Status } from '@grpc/grpc-js';
import { Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { DataFrameFormat, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { failCall } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { GRACE, NUMBERS, respond, useHeldStatements } from '../support/held-statements';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, pluginContext } from '../support/plugin';

const ANONYMOUS = { login: '', name: '', email: '', role: 'Viewer' };
const DASHBOARD = { 'http_X-Dashboard-Uid': 'sales', 'http_X-Panel-Id': '1' };
const RANGE = { fromMs: 1_700_000_000_123, toMs: 1_700_003_600_456 };
/** Statements with this string get a result immediately. */
const MARK = 'settled';
/** A result that is larger than the maximum size of a cached result. */
const LARGE = messagesOf(new Table({ text: vectorFromArray(['x'.repeat(9_000_000)], new Utf8()) }));

const held = useHeldStatements((ticket) => !ticket.includes(MARK));
const { arrivals } = held;
/** Each test has its own data source, because the results of earlier tests are still cached. */
let uid = 0;

beforeEach(() => {
  uid++;
});

interface Panel {
  source?: string;
  user?: typeof ADA;
  orgId?: bigint;
  /** Version of the settings. */
  updatedMs?: number;
  settings?: object;
  headers?: Record<string, string>;
  model?: MicromegasQueryFields;
  range?: typeof RANGE;
  signal?: AbortSignal;
}

/** The request of a panel. Its results do not expire during a test. */
function requestOf({
  source = `shared ${uid}`,
  user = ADA,
  orgId,
  updatedMs,
  settings,
  headers = DASHBOARD,
  model,
  range = RANGE,
}: Panel = {}) {
  const jsonData = { ...held.settings, resultAgeSeconds: 3600, ...settings };
  const query = { version: 2, query: 'SELECT n FROM numbers', ...model };
  return {
    pluginContext: pluginContext({ uid: source, jsonData, user, orgId, updatedMs }),
    headers,
    queries: [dataQuery('A', query, { range })],
  };
}

async function run(panel: Panel = {}): Promise<DataResponse> {
  return (await held.plugin.queryData(requestOf(panel), { signal: panel.signal })).responses.A;
}

/**
 * Waits until each earlier call has either sent its statement to the server or begun to wait for the statement of
 * another call. For this, the function runs one more call, which goes through the same steps after the earlier calls.
 */
async function settled(): Promise<void> {
  const headers = { ...DASHBOARD, FromAlert: 'true' };
  expect((await run({ source: MARK, headers, model: { query: `SELECT n AS ${MARK} FROM numbers` } })).status).toBe(200);
}

/** Runs a query that must send a statement of its own, and responds to it. */
async function runSent(panel: Panel = {}) {
  const before = held.arrived.length;
  const running = run(panel);
  await arrivals(before + 1);
  respond(held.arrived[before]);
  return running;
}

/** The origin of the result in the statistics. Undefined: the query sent its own statement. */
function origin(response: Awaited<ReturnType<typeof run>>): string | undefined {
  const { stats = [] } = onlyFrame(response).meta as {
    stats?: Array<{ displayName: string; mappings?: Array<{ options: Record<string, { text: string }> }> }>;
  };
  return stats.find(({ displayName }) => displayName === 'Result')?.mappings?.[0].options['0'].text;
}

async function sharedCount(from: string): Promise<number> {
  return metricValue(await held.plugin.collectMetrics(), 'micromegas_shared_results_total', `from="${from}"`) ?? 0;
}

it('sends the statement of ten equal panels once', async () => {
  const before = await sharedCount('statement');
  const running = Array.from({ length: 10 }, () => run());
  await arrivals(1);
  await settled();
  respond(held.arrived[0]);
  const responses = await Promise.all(running);
  expect(held.arrived).toHaveLength(1);
  expect(responses.map((response) => onlyFrame(response).column('n'))).toEqual(Array(10).fill([1, 2]));
  const origins = responses.map(origin);
  expect(origins.filter((origin) => origin === undefined)).toHaveLength(1);
  expect(await sharedCount('statement')).toBe(before + 9);
});

it('returns the cached result to a second request, with its origin in the statistics', async () => {
  const before = await sharedCount('memory');
  const first = await runSent();
  const second = await run();
  expect(held.arrived).toHaveLength(1);
  expect(origin(first)).toBeUndefined();
  expect(origin(second)).toMatch(/^from memory, \d+ s old$/);
  expect(onlyFrame(second).column('n')).toEqual(onlyFrame(first).column('n'));
  expect(await sharedCount('memory')).toBe(before + 1);
  // The session identifies the statement that was sent, so that the user can find its audit record.
  const { session, startedMs } = onlyFrame(first).meta.custom as { session: string; startedMs: number };
  expect(onlyFrame(second).meta.custom).toMatchObject({ session, startedMs, sharedFrom: 'memory' });
});

const OTHERS: Array<{ name: string; other: Panel; first?: Panel }> = [
  { name: 'another user', other: { user: GRACE } },
  { name: 'the same login with another name', other: { user: { ...ADA, name: 'Another Ada' } } },
  { name: 'the same user with another role', other: { user: { ...ADA, role: 'Viewer' } } },
  { name: 'the same user in another organization', other: { orgId: 2n } },
  { name: 'a visitor without a sign-in', other: { user: ANONYMOUS }, first: { user: ANONYMOUS } },
  { name: 'changed settings', other: { updatedMs: 1_700_000_000_001 } },
  { name: 'other SQL', other: { model: { query: 'SELECT m FROM numbers' } } },
  { name: 'another row limit', other: { model: { rowLimit: 5 } } },
  { name: 'another time range', other: { range: { ...RANGE, toMs: RANGE.toMs + 1 } } },
  { name: 'a query without a time range', other: { model: { timeFilter: false } } },
  { name: 'Explore', other: { headers: {} } },
  { name: 'an alert rule', other: { headers: { ...DASHBOARD, FromAlert: 'true' } } },
  {
    name: 'a public dashboard',
    other: { user: { login: 'service', name: '', email: '', role: 'Admin' } },
  },
  { name: 'a variable', other: { model: { purpose: 'variable' } } },
  { name: 'an annotation', other: { model: { purpose: 'annotation' } } },
  { name: 'a panel whose request wants a new result', other: { model: { panel: { skipQueryCache: true } } } },
];
const WITHOUT_MEMORY: Panel = { model: { panel: { cacheTimeout: '0' } } };

const ALONE = [...OTHERS, { name: 'a panel with the cache timeout 0', other: WITHOUT_MEMORY, first: undefined }];

it.each(ALONE)('sends a new statement for $name', async ({ other, first }) => {
  await runSent(first);
  const response = await runSent(other);
  expect(response.status).toBe(200);
  expect(held.arrived).toHaveLength(2);
});

it.each(ALONE)('sends a new statement for $name while the first one runs', async ({ other, first }) => {
  const running = [run(first)];
  await arrivals(1);
  running.push(run(other));
  await arrivals(2);
  held.arrived.forEach((statement) => respond(statement));
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
});

it.each([
  { name: 'another user', other: { user: GRACE } },
  { name: 'a visitor without a sign-in', other: { user: ANONYMOUS } },
])('returns the cached result to $name if all users share results', async ({ other }) => {
  const settings = { shareResults: 'all' };
  await runSent({ settings });
  const response = await run({ settings, ...other });
  expect(origin(response)).toMatch(/^from memory/);
  // The audit record belongs to the user who sent the statement.
  expect(onlyFrame(response).meta.custom).not.toHaveProperty('session');
  expect(held.arrived).toHaveLength(1);
});

it.each(['variable', 'annotation'] as const)('shares no %s result of an anonymous visitor', async (purpose) => {
  const panel = { settings: { shareResults: 'all' }, user: ANONYMOUS, model: { purpose } };
  await runSent(panel);
  await runSent(panel);
  expect(held.arrived).toHaveLength(2);
});

it('caches no result if the result age is 0, even if a panel has a cache timeout', async () => {
  const panel = { settings: { resultAgeSeconds: 0 }, model: { panel: { cacheTimeout: '600' } } };
  await runSent(panel);
  await runSent(panel);
  expect(held.arrived).toHaveLength(2);
});

it('sends a new statement after the result age, even if a panel has a longer cache timeout', async () => {
  const panel = { settings: { resultAgeSeconds: 0.000001 }, model: { panel: { cacheTimeout: '3600' } } };
  await runSent(panel);
  await runSent(panel);
  expect(held.arrived).toHaveLength(2);
});

it('keeps a result no longer than the cache timeout of a panel', async () => {
  await runSent();
  await runSent({ model: { panel: { cacheTimeout: '0.000001' } } });
  expect(held.arrived).toHaveLength(2);
});

it('two requests of a relative range read the same range, which contains the ranges of both', async () => {
  const model = { query: 'SELECT $__from, $__to', panel: { from: 'now-1h', to: 'now' } };
  const first = await runSent({ model });
  const moved = { fromMs: RANGE.fromMs + 500, toMs: RANGE.toMs + 500 };
  expect(origin(await run({ model, range: moved }))).toMatch(/^from memory/);
  const sql = onlyFrame(first).meta.executedQueryString ?? '';
  const [from, to] = [...sql.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  expect(from).toBeLessThanOrEqual(RANGE.fromMs);
  expect(to).toBeGreaterThanOrEqual(moved.toMs);
});

it('continues the statement when the first of two callers leaves, and ends it when both have left', async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const left = run({ signal: first.signal }).catch(() => 'left');
  await arrivals(1);
  const joined = run({ signal: second.signal }).catch(() => 'left');
  await settled();
  first.abort();
  await left;
  await settled();
  expect(held.arrived[0].call.cancelled).toBe(false);
  const cancelled = new Promise((resolve) => held.arrived[0].call.on('cancelled', resolve));
  second.abort();
  await joined;
  await cancelled;
  expect(held.arrived).toHaveLength(1);
});

it('gives the result to the second caller when the first one has left', async () => {
  const first = new AbortController();
  const left = run({ signal: first.signal }).catch(() => 'left');
  await arrivals(1);
  const joined = run();
  await settled();
  first.abort();
  await left;
  respond(held.arrived[0]);
  expect(onlyFrame(await joined).column('n')).toEqual([1, 2]);
  expect(held.arrived).toHaveLength(1);
});

it('returns the error of a statement to all its callers, and caches no error', async () => {
  const running = [run(), run()];
  await arrivals(1);
  await settled();
  failCall(held.arrived[0].call, Status.INTERNAL, 'no such table');
  const codes = (await Promise.all(running)).map(({ error }) => codeOf(error));
  expect(codes).toEqual([codes[0], codes[0]]);
  expect(codes[0]).toBeDefined();
  expect((await runSent()).status).toBe(200);
  expect(held.arrived).toHaveLength(2);
});

it('drops the cached results when the server rejects a request of the user', async () => {
  await runSent();
  const rejected = run({ model: { query: 'SELECT secret' } });
  await arrivals(2);
  failCall(held.arrived[1].call, Status.PERMISSION_DENIED, 'not allowed');
  expect(codeOf((await rejected).error)).toBe('permission_denied');
  await runSent();
  expect(held.arrived).toHaveLength(3);
});

it.each([
  {
    name: 'keeps the results of others when the server rejects a user',
    status: Status.PERMISSION_DENIED,
    isKept: true,
  },
  { name: 'drops all results when the server rejects the sign-in', status: Status.UNAUTHENTICATED, isKept: false },
])('$name', async ({ status, isKept }) => {
  const settings = { shareResults: 'all' };
  await runSent({ settings });
  const rejected = run({ settings, user: GRACE, model: { query: 'SELECT secret' } });
  await arrivals(2);
  failCall(held.arrived[1].call, status, 'not allowed');
  expect((await rejected).error).toContain('not allowed');
  await (isKept ? run({ settings }) : runSent({ settings }));
  expect(held.arrived).toHaveLength(isKept ? 2 : 3);
});

it('does not share a result that is too large to cache', async () => {
  const model = { query: 'SELECT text FROM numbers' };
  const first = run({ model });
  await arrivals(1);
  const second = run({ model });
  await settled();
  respond(held.arrived[0], LARGE);
  await arrivals(2);
  respond(held.arrived[1], LARGE);
  const responses = await Promise.all([first, second]);
  expect(responses.map((response) => onlyFrame(response).rowCount)).toEqual([1, 1]);
  expect(responses.map(origin)).toEqual([undefined, undefined]);
});

it('takes no slot for a query that shares a running statement', async () => {
  const settings = { maxStatements: 1 };
  const running = [run({ settings }), run({ settings }), run({ settings })];
  await arrivals(1);
  await settled();
  respond(held.arrived[0]);
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(held.arrived).toHaveLength(1);
});

it.each([
  { name: 'a small result', messages: NUMBERS, statements: 1 },
  { name: 'a result that is too large to cache', messages: LARGE, statements: 2 },
])('sends $name in parts to two callers', async ({ messages, statements }) => {
  const inParts = () => held.plugin.queryChunkedData({ ...requestOf(), format: DataFrameFormat.ARROW });
  const running = [inParts(), inParts()];
  for (let index = 0; index < statements; index++) {
    await arrivals(index + 1);
    await settled();
    respond(held.arrived[index], messages);
  }
  const [first, second] = (await Promise.all(running)).map((parts) => parts.map(({ frame }) => frame.length));
  expect(first.length).toBeGreaterThan(0);
  expect(second).toHaveLength(first.length);
  expect(held.arrived).toHaveLength(statements);
});
