/**
 * Queries with time bins that are refreshed in parts, with a writer whose lines arrive late, compared with the same
 * queries over the whole range.
 */
import { type ParseStatements } from '../../contract/sql/sql-parser';
import { loadParser } from '../../contract/sql/testing/load-parser';
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { type QueryDataDeps } from '../../proxy/handlers/open-request';
import { queryData } from '../../proxy/handlers/query-data';
import { createInstanceStore, type InstanceStore } from '../../proxy/lakehouse/instances/instance-store';
import { depsWith } from '../../proxy/lakehouse/instances/testing/settings-bench';
import { createLogger } from '../../proxy/observe/logging/logger';
import { createMetrics } from '../../proxy/observe/metrics/metrics';
import { MemoryBudget } from '../../proxy/observe/memory/memory-budget';
import { LineRates } from '../../proxy/query/log-slices/line-rates';
import { KeptResults } from '../../proxy/query/incremental/kept-results';
import { type GrafanaUser, type QueryDataRequest, type RequestHeaders } from '../../proxy/query/plugin-request';
import { type QuerySummary } from '../../proxy/observe/telemetry/query-summary';
import { TableColumns } from '../../proxy/query/table-columns';
import { UnreadableSql } from '../../proxy/query/unreadable-sql';
import { type JobResults, type ParserJob, ParserJobs } from '../../proxy/sql/edit/parser-jobs';
import { type ReadFrame, readFrames } from '../support/frames';

const MINUTE_MS = 60_000;
const API_KEY = 'mmk_test-key';
/** The seed of `npm test`, and in `.ci/run` one more. */
const ALL = process.env.ALL_TESTS === '1';
const SEEDS = ALL ? [7, 8] : [7];

const fixture = useLakehouse();
let parse: ParseStatements;
let store: InstanceStore;
let summaries: QuerySummary[];

beforeAll(() => {
  parse = loadParser();
  const logger = createLogger({ write: () => undefined });
  const now = () => fixture.clockMs;
  store = createInstanceStore({ ...depsWith(), logger, metrics: createMetrics(), now });
});

beforeEach(() => {
  summaries = [];
});

afterAll(() => store.close());

/** Parser and clocks are those of the test. */
function depsOf(): QueryDataDeps {
  const memory = new MemoryBudget({ totalBytes: 1e9 });
  const results = new KeptResults(memory.kept);
  const jobs = new ParserJobs(parse);
  const clock = { now: () => fixture.clockMs, elapsedMs: () => fixture.clockMs };
  return {
    ...clock,
    observers: [{ queryEnded: (summary) => summaries.push(summary) }],
    logger: createLogger({ write: () => undefined }),
    parser: {
      run: <Job extends ParserJob>(job: Job) => {
        const end = jobs.run(job);
        return end.kind === 'done'
          ? Promise.resolve(end.value as JobResults[Job['kind']])
          : Promise.reject(new Error(end.kind));
      },
    },
    columns: new TableColumns(clock.now),
    memory,
    store,
    filterable: { of: () => Promise.resolve(() => false) },
    freshness: { begin: () => () => Promise.resolve(undefined) },
    lineRates: new LineRates(),
    unreadable: new UnreadableSql(),
    refresh: { ...clock, results, minWholeMs: 0 },
    startTimer: () => () => undefined,
  };
}

interface Panel {
  sql: string;
  format?: string;
  intervalMs: number;
  user?: GrafanaUser;
  headers?: RequestHeaders;
}

const ADA: GrafanaUser = { login: 'ada', name: 'Ada', email: '', role: 'Viewer' };
const DASHBOARD: RequestHeaders = { 'x-dashboard-uid': 'd', 'x-panel-id': '1' };

interface Range {
  fromMs: number;
  toMs: number;
}

function requestOf(
  { sql, format = 'table', intervalMs, user = ADA, headers = DASHBOARD }: Panel,
  timeRange: Range,
  json: object
): QueryDataRequest {
  const jsonData = { host: fixture.lakehouse.address, selectedAuthType: 'token', ...json };
  const dataSource = {
    uid: JSON.stringify(json),
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(JSON.stringify(jsonData)),
    decryptedSecureJsonData: { token: API_KEY },
    lastUpdatedMs: 0,
  };
  const model = { version: 2, format, query: sql, autoLimit: false, timeFilter: true };
  return {
    context: { orgId: 1, pluginId: 'p', namespace: '', user, dataSource, grafanaConfig: {} },
    headers,
    queries: [{ refId: 'A', maxDataPoints: 1000, intervalMs, timeRange, json: Buffer.from(JSON.stringify(model)) }],
    encoding: 'arrow',
  };
}

/** The columns of all frames. */
async function read(
  panel: Panel,
  range: Range,
  deps: QueryDataDeps,
  json: object
): Promise<Array<[string, unknown[]]>> {
  const { responses, done } = await queryData(requestOf(panel, range, json), deps, new AbortController().signal);
  const response = responses.get('A');
  if (response === undefined || response.error !== undefined) {
    throw new Error(`${response?.error}: ${panel.sql}`);
  }
  const frames: ReadFrame[] = readFrames({ frames: response.frames.map((pieces) => Buffer.concat(pieces)) });
  const columns = frames.flatMap((frame) =>
    Object.keys(frame.types).map((name): [string, unknown[]] => [
      `${name} ${frame.types[name]} ${JSON.stringify(frame.labels(name))}`,
      frame.column(name),
    ])
  );
  done();
  return columns;
}

/** The default. */
const ON = {};
const OFF = { incrementalRefreshMinutes: 0 };

/** A number from 0 to 1, from a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const CONDITIONS = [
  '$__timeFilter(time)',
  "$__timeFilter(time) AND target <> 'late.b'",
  'level <= 4 AND time >= $__timeFrom() AND time <= $__timeTo()',
  "(exe LIKE 'ember%' OR exe IS NULL) AND ($__timeFilter(time))",
  'true',
];
/** Each query adds a record to the audit log. */
const NO_AUDIT = "target <> 'flightsql_query_audit'";
const BINS = [
  '$__dateBin(time)',
  "$__dateBin(time, '2m')",
  "date_bin(interval '1 minute', time)",
  "date_trunc('minute', time)",
];
const VALUES = [
  'count(*) AS n',
  'count(*) AS n, count(DISTINCT exe) AS e',
  'max(level) AS n',
  'count(*) * 60.0 / $__range_s AS n',
];
const GROUPS = ['', 'target', "nullif(target, 'late.a') AS g", 'exe'];
const HAVINGS = ['', 'HAVING count(*) > 2'];

/** A query with a total order, so that its rows can be compared. */
function randomPanel(random: () => number): Panel {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
  const group = pick(GROUPS);
  const condition = pick(CONDITIONS);
  const direction = pick(['', ' DESC']);
  const sql = [
    `SELECT ${pick(BINS)} AS t, ${group === '' ? '' : `${group}, `}${pick(VALUES)}`,
    `FROM ${pick(['log_entries', 'log_entries AS l', "view_instance('log_entries', 'global')"])}`,
    `WHERE ${condition} AND ${NO_AUDIT}`,
    group === '' ? 'GROUP BY 1' : 'GROUP BY 1, 2',
    pick(HAVINGS),
    group === '' ? `ORDER BY 1${direction}` : `ORDER BY t${direction}, 2`,
  ].join(' ');
  return {
    sql,
    intervalMs: pick([60_000, 120_000]),
    format: group === 'target' ? pick(['table', 'time_series']) : 'table',
  };
}

/** Writes lines with times of the last 40 minutes, which have just arrived or arrived at most five minutes ago. */
async function writeLines(random: () => number, step: number): Promise<void> {
  for (const [index, target] of ['late.a', 'late.b'].entries()) {
    if (random() < 0.4) {
      continue;
    }
    const now = fixture.clockMs;
    const lateMs = random() < 0.3 ? Math.floor(random() * 40 * MINUTE_MS) : 0;
    const lines = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, line) => ({
      timeMs: now - lateMs - Math.floor(random() * 20_000),
      message: `line ${line} of ${step}`,
    }));
    const arrivedMs = now - Math.floor(random() * 290_000);
    await fixture.lakehouse.addLogBlock({
      process: 'matchmaker',
      target,
      blockId: `00000000-0000-4000-8000-${String(step * 2 + index).padStart(12, '0')}`,
      arrivedMs,
      lines,
    });
  }
}

it.each(SEEDS)(
  'returns what the whole range returns (seed %d)',
  async (seed) => {
    const random = randomOf(seed);
    const deps = depsOf();
    const panels = Array.from({ length: ALL ? 24 : 8 }, () => randomPanel(random));
    const lengthMs = 120 * MINUTE_MS;
    for (let step = 0; step < (ALL ? 12 : 6); step++) {
      await writeLines(random, step);
      const isZoomed = random() < 0.15;
      const toMs = fixture.clockMs + Math.floor(random() * 3) * 1000;
      const spanMs = isZoomed ? lengthMs / 2 : lengthMs;
      // Every other range begins at a bin, as those of shared results.
      const pastBinMs = step % 2 === 0 ? 0 : (toMs - spanMs) % (2 * MINUTE_MS);
      const range = { fromMs: toMs - spanMs - pastBinMs, toMs: toMs - pastBinMs };
      for (const panel of panels) {
        const inParts = await read(panel, range, deps, ON);
        const whole = await read(panel, range, deps, OFF);
        if (JSON.stringify(inParts, bigintString) !== JSON.stringify(whole, bigintString)) {
          expect({ sql: panel.sql, step, columns: inParts }).toEqual({ sql: panel.sql, step, columns: whole });
        }
      }
      fixture.clockMs += 5000 + Math.floor(random() * 60_000);
      await fixture.lakehouse.advance();
    }
    const parts = summaries.filter(({ refreshed }) => refreshed === 'parts').length;
    const wholes = summaries.filter(({ refreshed }) => refreshed === 'whole').length;
    expect(parts).toBeGreaterThan(wholes);
  },
  300_000
);

const COUNT: Panel = {
  sql: `SELECT $__dateBin(time) AS t, count(*) AS n FROM log_entries WHERE $__timeFilter(time) AND ${NO_AUDIT} GROUP BY 1 ORDER BY 1`,
  intervalMs: MINUTE_MS,
};

it('shows rows that became readable too late after ten minutes', async () => {
  const deps = depsOf();
  const refresh = async () => {
    const range = { fromMs: fixture.clockMs - 60 * MINUTE_MS, toMs: fixture.clockMs };
    const [inParts, whole] = [await read(COUNT, range, deps, ON), await read(COUNT, range, deps, OFF)];
    return JSON.stringify(inParts, bigintString) === JSON.stringify(whole, bigintString);
  };
  const startMs = fixture.clockMs;
  expect(await refresh()).toBe(true);
  const late = { process: 'matchmaker', target: 'late.c', blockId: '00000000-0000-4000-8000-000000001000' };
  const lines = [{ timeMs: startMs - 30 * MINUTE_MS, message: 'late' }];
  await fixture.lakehouse.addLogBlock({ ...late, arrivedMs: startMs - 20 * MINUTE_MS, lines });
  const areEqual: boolean[] = [];
  for (; fixture.clockMs <= startMs + 10 * MINUTE_MS; fixture.clockMs += 2 * MINUTE_MS) {
    areEqual.push(await refresh());
  }
  expect(areEqual).toEqual([false, false, false, false, false, true]);
});

it.each<{ name: string; panel: Partial<Panel> }>([
  { name: 'Explore', panel: { headers: {} } },
  { name: 'an alert rule', panel: { headers: { ...DASHBOARD, fromalert: 'true' } } },
  { name: 'a public dashboard', panel: { user: { login: 'service', name: '', email: '', role: 'Admin' } } },
  { name: 'a visitor without a sign-in', panel: { user: { login: '', name: '', email: '', role: '' } } },
])('reads the whole range for $name', async ({ panel }) => {
  const deps = depsOf();
  const range = { fromMs: fixture.clockMs - 60 * MINUTE_MS, toMs: fixture.clockMs };
  await read(COUNT, range, deps, ON);
  await read(COUNT, range, deps, ON);
  expect(summaries.map(({ refreshed }) => refreshed)).toEqual(['whole', 'parts']);
  summaries = [];
  await read({ ...COUNT, ...panel }, range, deps, ON);
  await read({ ...COUNT, ...panel }, range, deps, ON);
  expect(summaries.map(({ refreshed }) => refreshed)).toEqual([undefined, undefined]);
});

const bigintString = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
