/**
 * Tests queries that the plugin runs in slices of the time range, over the plugin protocol. The log lines must equal
 * the lines of one statement for the whole range. In the demo's lakehouse, lines with the same time have an arbitrary
 * order.
 */
import { Table, tableFromIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type AuditRecord } from '../../demo/lakehouse/audit';
import { type Lakehouse, startLakehouse } from '../../demo/lakehouse/lakehouse';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf, timeColumn } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import {
  type DataCall,
  finish,
  flightData,
  startFlightServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { ALL_TESTS } from '../support/all-tests';
import { readFrames } from '../support/frames';
import { ADA, dataQuery, pluginContext, runQuery, type Source, startBuiltPlugin } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const API_KEY = 'mmk_newest-lines-test-key';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TO_MS = Date.parse('2026-11-24T12:00:00Z');
const WRITERS = ['server-restarted', 'editor', 'matchmaker', 'web-gateway', 'lake'];
const LINES = 3000;
/**
 * Length of the range of a query. When a query runs for the first time, its slices may end at `BORDERS`, counted from
 * the start or the end of the range.
 */
const RANGE_MS = 128 * MINUTE_MS;
const BORDERS = [2, 10, 18, 34, 42].map((minutes) => minutes * MINUTE_MS);

let lakehouse: Lakehouse;
let plugin: PluginProcess;
let source: Source;

beforeAll(async () => {
  [lakehouse, plugin] = await Promise.all([
    startLakehouse({ apiKeys: [{ name: 'tests', key: API_KEY }], now: () => TO_MS, grow: false }),
    startBuiltPlugin(),
  ]);
  source = {
    jsonData: { host: lakehouse.address, selectedAuthType: 'token' },
    secureJsonData: { token: API_KEY },
    user: ADA,
  };
  await writeLines();
}, 60_000);

afterAll(async () => {
  await plugin.shutdown();
  await lakehouse.close();
});

expectNoSecretsAtEnd();

/** About half of the lines are near the ends of the slices, many of them at the same times. */
async function writeLines(): Promise<void> {
  const random = randomNumbers(27);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)];
  for (const [number, process] of WRITERS.entries()) {
    const lines = Array.from({ length: LINES / WRITERS.length }, (_, index) => {
      const border = pick([TO_MS, TO_MS - RANGE_MS]) + pick([-1, 1]) * pick(BORDERS);
      const timeMs =
        random() < 0.5 ? border + pick([-0.001, 0, 0, 0.001]) : TO_MS - Math.floor(random() * 2 * RANGE_MS);
      return { timeMs, message: `${index % 50 === 0 ? 'rare' : 'line'} ${process} ${index}` };
    });
    const blockId = `00000000-0000-4000-8000-00000000000${number}`;
    await lakehouse.addLogBlock({ process, target: 'slices', blockId, arrivedMs: TO_MS, lines });
  }
}

const ENDS = { fromMs: TO_MS - RANGE_MS, toMs: TO_MS };

interface Line {
  ns: bigint;
  message: string;
}

interface LinesResult {
  lines: Line[];
  slices: number;
}

async function run(model: MicromegasQueryFields, range = ENDS): Promise<LinesResult> {
  const response = await runQuery(plugin, source, { version: 2, format: 'logs', ...model }, { range });
  expect(response.error).toBe('');
  const [frame] = readFrames(response);
  if (frame === undefined) {
    return { lines: [], slices: 0 };
  }
  const times = frame.column('timestamp') as bigint[];
  const messages = frame.column('body') as string[];
  const slices = frame.meta.stats?.find(({ displayName }) => displayName === 'Parts of the time range')?.value ?? 1;
  return { lines: messages.map((message, row) => ({ ns: times[row], message })), slices };
}

/**
 * Three versions of a query: the plugin may read `sliced` in slices, but never `whole`, which has the same result.
 * `all` is `whole` without the limit.
 */
function queriesFor(condition: string, order: string, limit: number) {
  const lines = `SELECT time, msg FROM log_entries WHERE $__timeFilter(time) AND ${condition}`;
  return {
    sliced: `${lines} ORDER BY ${order} LIMIT ${limit}`,
    whole: `SELECT * FROM (${lines}) ORDER BY ${order} LIMIT ${limit}`,
    all: `SELECT * FROM (${lines}) ORDER BY ${order}`,
  };
}

/**
 * Checks that a limited result has the first lines of the whole result. If several lines have the time of the last
 * line, the result may have any of them.
 */
function expectLinesOf(result: readonly Line[], whole: readonly Line[], all: readonly Line[]): void {
  expect(result.map(({ ns }) => ns)).toEqual(whole.map(({ ns }) => ns));
  const last = whole.at(-1)?.ns;
  const before = (lines: readonly Line[]) =>
    lines
      .filter(({ ns }) => ns !== last)
      .map(({ ns, message }) => `${ns} ${message}`)
      .sort();
  expect(before(result)).toEqual(before(whole));
  const atLast = new Set(all.filter(({ ns }) => ns === last).map(({ message }) => message));
  const chosen = result.filter(({ ns }) => ns === last).map(({ message }) => message);
  expect(chosen.every((message) => atLast.has(message))).toBe(true);
  expect(new Set(chosen).size).toBe(chosen.length);
}

it('returns the same lines as one statement for the whole range', async () => {
  const random = randomNumbers(2027);
  const slices: number[] = [];
  const rounds = ALL_TESTS ? 20 : 8;
  for (let round = 0; round < rounds; round++) {
    const condition = round % 3 === 0 ? "target = 'slices' AND msg LIKE 'rare%'" : "target = 'slices'";
    const isWhole = random() < 0.5;
    const fromMs = TO_MS - (isWhole ? RANGE_MS : 0.5 * HOUR_MS + Math.floor(random() * 3 * HOUR_MS));
    const range = { fromMs, toMs: TO_MS };
    const order = random() < 0.5 ? 'time' : 'time DESC';
    const limit = 1 + Math.floor(random() ** 2 * LINES);
    const { sliced, whole, all } = queriesFor(`${condition} AND ${round} = ${round}`, order, limit);
    // In the second run, the plugin knows how many lines there are per second.
    for (let repeat = 0; repeat < 2; repeat++) {
      const result = await run({ query: sliced }, range);
      expectLinesOf(result.lines, (await run({ query: whole }, range)).lines, (await run({ query: all }, range)).lines);
      slices.push(result.slices);
    }
  }
  expect(Math.max(...slices)).toBeLessThanOrEqual(6);
  expect(slices.filter((count) => count > 1).length).toBeGreaterThan(rounds / 2);
}, 60_000);

const LIMIT = 300;

/** Queries for the newest lines. A new name makes new SQL, which the plugin has not run before. */
const newest = (name: string) => queriesFor(`target = 'slices' AND '${name}' = '${name}'`, 'time DESC', LIMIT);
const NEWEST = newest('single');

function records(): AuditRecord[] {
  return lakehouse.audit.records.filter(({ sql }) => sql.includes("target = 'slices'"));
}

it('stops when it has enough lines, and records its statements in the audit log', async () => {
  const before = records().length;
  const { lines, slices } = await run({ query: newest('audit').sliced });
  expect(lines).toHaveLength(LIMIT);
  const sent = records().slice(before);
  expect(sent).toHaveLength(slices);
  expect(slices).toBeGreaterThan(1);
  expect(new Set(sent.map(({ session, user, sql }) => JSON.stringify([session, user, sql]))).size).toBe(1);
  expect(sent.map(({ range_end: end }) => end)).toEqual([
    new Date(TO_MS).toISOString(),
    ...sent
      .slice(0, -1)
      .map(({ range_begin: begin }) => `${new Date(Date.parse(begin!) - 1).toISOString().slice(0, -1)}999999Z`),
  ]);
  expect(Date.parse(sent.at(-1)!.range_begin!)).toBeGreaterThan(ENDS.fromMs);
});

it.each<{ where: string; headers: Record<string, string>; advice: string }>([
  { where: 'Explore', headers: {}, advice: 'Scroll to load more.' },
  {
    where: 'a panel',
    headers: { 'x-dashboard-uid': 'd', 'x-panel-id': '1' },
    advice: 'Narrow the time range, aggregate, or raise the limit to see more.',
  },
])('reports in $where that the row limit of the query truncates the lines', async ({ where, headers, advice }) => {
  const query = newest(where).sliced.replace(/ LIMIT.*/, '');
  const before = records().length;
  const response = await runQuery(
    plugin,
    source,
    { version: 2, format: 'logs', query, rowLimit: LIMIT },
    { range: ENDS, headers }
  );
  const [{ meta, rowCount }] = readFrames(response);
  expect(records().length - before).toBeGreaterThan(1);
  expect(rowCount).toBe(LIMIT);
  expect(meta.notices).toEqual([
    { severity: 'info', text: `Showing the newest 300 lines: the row limit of the query. ${advice}` },
  ]);
  expect(meta.custom).toMatchObject({ limit: LIMIT });
});

it('sends the lines in parts', async () => {
  const model = { version: 2, format: 'logs' as const, query: newest('parts').sliced };
  const before = records().length;
  const chunks = await plugin.queryChunkedData({
    pluginContext: pluginContext(source),
    queries: [dataQuery('A', model, { range: ENDS })],
    format: DataFrameFormat.ARROW,
  });
  expect(records().length - before).toBeGreaterThan(1);
  const times = chunks.flatMap(({ frame }) => [...(tableFromIPC(frame).getChild('timestamp') ?? [])]);
  expect(times).toEqual((await run({ query: NEWEST.whole })).lines.map(({ ns }) => ns));
});

it('cancels its statement when the query is cancelled, and sends no further statement', async () => {
  const rows = new Table({
    time: timeColumn([BigInt(TO_MS) * 1_000_000n]),
    msg: vectorFromArray(['line'], new Utf8()),
  });
  const messages = messagesOf(rows).map(({ header, body }) => flightData(header, body));
  const panel = new AbortController();
  const calls: DataCall[] = [];
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const server = await startFlightServer({
    doGet: (_ticket, call) => {
      calls.push(call);
      if (calls.length === 1) {
        finish(call, ...messages);
      } else {
        call.on('cancelled', resolve);
        panel.abort();
      }
    },
  });
  try {
    const other = { uid: 'panel', jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none' as const } };
    const model = { version: 2, format: 'logs' as const, query: newest('panel').sliced };
    const running = runQuery(plugin, other, model, { range: ENDS, signal: panel.signal });
    await expect(running).rejects.toThrow();
    await cancelled;
    await plugin.collectMetrics();
    expect(calls).toHaveLength(2);
  } finally {
    server.kill();
  }
});

it.each([
  ['a short range', {}, { fromMs: TO_MS - 0.4 * HOUR_MS, toMs: TO_MS }],
  ['a table', { format: 'table' as const }, ENDS],
  ['a query of all times', { timeFilter: false, query: NEWEST.sliced.replace('$__timeFilter(time)', 'true') }, ENDS],
  ['a subquery', { query: NEWEST.whole }, ENDS],
])('sends one statement for %s', async (_name, model, range) => {
  const before = records().length;
  await runQuery(plugin, source, { version: 2, format: 'logs', query: NEWEST.sliced, ...model }, { range });
  expect(records().length - before).toBe(1);
});
