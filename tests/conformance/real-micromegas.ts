/** Checks the built plugin with a real Micromegas, which has telemetry that the OpenTelemetry SDK sent. */
import assert from 'node:assert/strict';
import { builderQuery } from '../../contract/builder/builder-sql';
import { type MetricsState } from '../../contract/builder/builder-state';
import { newState } from '../../contract/builder/new-state';
import { type Counter, COUNTER_RANGE, DELTA, withCounters } from '../../contract/builder/testing/counters';
import { type TablesPayload } from '../../contract/resources/resources';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { CheckHealthResponse_HealthStatus } from '../../proxy/generated/pluginv2/backend_pb';
import { onlyFrame, readFrames } from '../support/frames';
import { pluginContext, runQuery, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { eventually } from '../support/eventually';
import { GLOBAL_TABLES } from './grafana-modules';
import { type GrafanaHost } from './grafana-host';
import { checkIncrementalRefresh } from './incremental-refresh';
import { checkLiveTail } from './live-tail';
import { checkFreshness } from './freshness';
import { checkLogContext } from './log-context';
import { checkLogPages } from './log-pages';
import { checkLogPatterns } from './log-patterns';
import { SENT, sendTelemetry } from './otlp';
import { checkProfiles } from './profiles';
import { checkProcesses } from './process-explorer';
import { type KeySources, type OAuthSources, type SignIns } from './sources';
import { checkLateTelemetry } from './late-telemetry';
import { checkTraces } from './traces';
import { checkWhatChanged } from './what-changed';

/**
 * An idle server shows rows two seconds after they were sent. On a busy server, a task shows the rows. The task runs
 * each minute, and handles the rows of the minute before the last one.
 */
export const APPEARS_WITHIN_MS = 180_000;

export interface RealLake {
  plugin: PluginProcess;
  /** The OAuth sources are missing if the run has no client of an issuer that the server trusts. */
  sources: KeySources & Partial<OAuthSources>;
  /** Base URL of OTLP ingestion. */
  ingestion: string;
}

/** A server that this run configured: its API key has a known name, and its lake has its own audit log. */
export interface OwnLake extends RealLake {
  sources: SignIns;
}

async function ask(plugin: PluginProcess, source: Source, query: string, model: object = {}) {
  const saved = { query, version: 2, timeFilter: false, autoLimit: false, ...model };
  return onlyFrame(await runQuery(plugin, source, saved));
}

/** Sends telemetry, and waits until all tables show it. @returns True if all tables show it in time. */
export async function fillLake(list: Checklist, { plugin, sources, ingestion }: RealLake): Promise<boolean> {
  const count = async (table: string, where: string): Promise<number> => {
    const frame = await ask(plugin, sources.apiKey, `SELECT count(*) AS n FROM ${table} WHERE ${where}`);
    return Number(frame.column('n')[0]);
  };
  return list.check('micromegas: the lake shows OTLP logs, metrics and traces of the OpenTelemetry SDK', async () => {
    await eventually('The server', APPEARS_WITHIN_MS, () => ask(plugin, sources.apiKey, 'SELECT 1 AS one'));
    await sendTelemetry(ingestion);
    for (const [table, where, rows] of [
      ['log_entries', `exe = '${SENT.exe}'`, SENT.logs.length],
      ['measures', `exe = '${SENT.exe}'`, 2],
      ['processes', `exe = '${SENT.exe}'`, 1],
      ['streams', "format = 'otlp/v1/traces'", 1],
      ['blocks', `"processes.exe" = '${SENT.exe}'`, 3],
      ['log_stats', `target = '${SENT.target}'`, 1],
    ] as const) {
      await eventually(`${rows} rows of ${table}`, APPEARS_WITHIN_MS, async () =>
        (await count(table, where)) >= rows ? true : undefined
      );
    }
  });
}

export async function checkRealMicromegas(
  list: Checklist,
  lake: RealLake,
  host: GrafanaHost | undefined
): Promise<void> {
  const { apiKey, oauth, oauthUnattributed } = lake.sources;
  await checkSignIn(list, lake, 'an API key', apiKey, host);
  if (oauth === undefined || oauthUnattributed === undefined) {
    list.skip('micromegas, OAuth', 'MICROMEGAS_OAUTH_ISSUER is not set');
  } else {
    await checkSignIn(list, lake, 'OAuth, attribution on', oauth, host);
    await checkSignIn(list, lake, 'OAuth, attribution off', oauthUnattributed, host);
  }
  await checkFormats(list, lake);
  await checkLogContext(list, lake);
  await checkFreshness(list, lake);
  await checkLogPages(list, lake);
  await checkLogPatterns(list, lake, APPEARS_WITHIN_MS);
  await checkProfiles(list, { plugin: lake.plugin, source: apiKey }, APPEARS_WITHIN_MS);
  await checkTraces(list, lake, host, APPEARS_WITHIN_MS);
  await checkLateTelemetry(list, lake, APPEARS_WITHIN_MS);
  await checkLiveTail(list, lake);
  await checkIncrementalRefresh(list, lake);
  await checkProcesses(list, lake, host);
  await checkWhatChanged(list, lake, host);
  await checkManyRows(list, lake, host);
  await checkMixedTypes(list, lake);
  await checkRates(list, lake);
  await checkErrors(list, lake);
}

async function checkSignIn(
  list: Checklist,
  { plugin }: RealLake,
  name: string,
  source: Source,
  host: GrafanaHost | undefined
): Promise<void> {
  await list.check(`micromegas: Save & test with ${name}`, async () => {
    const { status, message } = await plugin.checkHealth({ pluginContext: pluginContext(source) });
    assert.equal(status, CheckHealthResponse_HealthStatus.OK, message);
    assert.match(message, new RegExp(`; ${GLOBAL_TABLES.length} tables\\.`));
  });
  for (const table of GLOBAL_TABLES) {
    await list.check(`micromegas: SELECT * FROM ${table} with ${name}`, async () => {
      const query = `SELECT * FROM ${table} LIMIT 200`;
      // If the part `grafana` runs, Grafana's own decoder reads the frame.
      const frame = host === undefined ? await ask(plugin, source, query) : await host.onlyFrame(source, { query });
      assert.ok(frame.rowCount > 0, 'no rows');
    });
  }
  await list.check(`micromegas: tables and columns with ${name}`, async () => {
    const call = { context: pluginContext(source) };
    const tables = await plugin.callResource({ ...call, path: 'tables' });
    assert.equal(tables.status, 200, Buffer.from(tables.body).toString());
    const payload: TablesPayload = JSON.parse(Buffer.from(tables.body).toString());
    assert.deepEqual(payload.tables.map((table) => table.name).sort(), [...GLOBAL_TABLES].sort());
    const columns = await plugin.callResource({ ...call, path: 'columns', url: 'columns?table=log_entries' });
    assert.equal(columns.status, 200);
    assert.match(Buffer.from(columns.body).toString(), /"name":"properties"/);
  });
  await list.check(`micromegas: a variable with ${name}`, async () => {
    const query = `SELECT DISTINCT exe FROM processes WHERE exe = '${SENT.exe}'`;
    assert.deepEqual((await ask(plugin, source, query, { purpose: 'variable' })).column('exe'), [SENT.exe]);
  });
  await list.check(`micromegas: an annotation with ${name}`, async () => {
    const query = `SELECT time, msg AS text FROM log_entries WHERE exe = '${SENT.exe}' AND level = 1`;
    const frame = await ask(plugin, source, query, { purpose: 'annotation' });
    assert.deepEqual(frame.column('text'), ['payment service down']);
  });
}

/**
 * Columns of mixed types. If Micromegas preserves dictionaries, the types in its schema differ from the types that it
 * sends.
 */
async function checkMixedTypes(list: Checklist, { plugin, sources }: RealLake): Promise<void> {
  const mixedTypes = `SELECT 'All' AS target UNION ALL SELECT DISTINCT target FROM log_entries WHERE exe = '${SENT.exe}'`;
  for (const [name, query, expected] of [
    // In the schema, the column `a` has the type of the first branch.
    ['an integer or a float', 'SELECT CASE WHEN count(*) = 0 THEN 0 ELSE avg(2.0) END AS a FROM processes', [2]],
    ['Int32 and Int64', "SELECT arrow_cast(1, 'Int32') AS a UNION ALL SELECT 3", [1, 3]],
    ['floats and integers', 'SELECT 0.5 AS a UNION ALL SELECT 3', [0.5, 3]],
    ['a constant string and a dictionary', mixedTypes, ['All', SENT.target]],
    [
      'a string or a dictionary',
      `SELECT DISTINCT CASE WHEN level = 1 THEN 'worst' ELSE target END AS a FROM log_entries WHERE exe = '${SENT.exe}'`,
      [SENT.target, 'worst'],
    ],
    [
      'a dictionary and NULL',
      'SELECT * FROM (SELECT target AS a FROM log_entries LIMIT 1) UNION ALL SELECT NULL',
      undefined,
    ],
  ] as const) {
    await list.check(`micromegas: a column of mixed types: ${name}`, async () => {
      const frame = await ask(plugin, sources.apiKey, query);
      const values = frame
        .column(Object.keys(frame.types)[0])
        .map((value) => (typeof value === 'bigint' ? Number(value) : value));
      if (expected === undefined) {
        assert.equal(values.length, 2);
        assert.ok(values.includes(null));
      } else {
        assert.deepEqual(values.sort(), [...expected].sort());
      }
    });
  }
}

/** Checks rates of the query builder, for counters that increase by one per second and are sampled once per minute. */
async function checkRates(list: Checklist, { plugin, sources }: RealLake): Promise<void> {
  const rate: MetricsState = { ...newState('metrics'), name: 'requests', aggregation: 'rate', interval: '5s' };
  const minutely: Counter = { everySeconds: 60 };
  const increments: Counter = { everySeconds: 60, isDelta: true };
  for (const [name, state, counter] of [
    ['a counter in intervals of 5 s', rate, minutely],
    ['a counter in intervals of 90 s', { ...rate, interval: '90s' }, minutely],
    ['a counter as one number', { ...rate, shape: 'number' }, minutely],
    ['a sum with delta temporality', rate, { ...increments, properties: DELTA }],
    ['increments', { ...rate, aggregation: 'increment-rate', shape: 'number' }, { ...increments, from: 60 }],
  ] as Array<[string, MetricsState, Counter]>) {
    await list.check(`micromegas: the rate of ${name}`, async () => {
      const query = withCounters(builderQuery(state).sql, [counter]);
      const saved = { query, version: 2, timeFilter: false, autoLimit: false };
      const frame = onlyFrame(await runQuery(plugin, sources.apiKey, saved, { range: COUNTER_RANGE }));
      const values = frame.column('value').map((value) => Number(value).toFixed(6));
      assert.deepEqual([...new Set(values)], ['1.000000']);
    });
  }
}

/** Number of copies of each sent line. The result has more rows than one batch of the server. */
const MANY_ROWS = 3000;

async function checkManyRows(
  list: Checklist,
  { plugin, sources }: RealLake,
  host: GrafanaHost | undefined
): Promise<void> {
  await list.check('micromegas: the strings and properties of 18,000 rows are those that were sent', async () => {
    const query = `SELECT l.exe, l.msg, l.properties FROM log_entries l, generate_series(1, ${MANY_ROWS}) WHERE l.exe = '${SENT.exe}'`;
    const source = sources.apiKey;
    const frame = host === undefined ? await ask(plugin, source, query) : await host.onlyFrame(source, { query });
    const bodies = SENT.logs.map(({ body }) => body);
    assert.equal(frame.rowCount, bodies.length * MANY_ROWS);
    assert.deepEqual([...new Set(frame.column('exe'))], [SENT.exe]);
    for (const body of bodies) {
      assert.equal(frame.column('msg').filter((msg) => msg === body).length, MANY_ROWS);
    }
    // Grafana's decoder returns JSON values as objects. The Arrow reader of the tests returns JSON as bytes.
    const order = frame.column('properties').map((value) => {
      const properties = value instanceof Uint8Array ? JSON.parse(Buffer.from(value).toString()) : value;
      return properties.order;
    });
    assert.deepEqual([...new Set(order)], [SENT.attributes.order]);
  });
}

async function checkFormats(list: Checklist, { plugin, sources }: RealLake): Promise<void> {
  const source = sources.apiKey;
  await list.check('micromegas: logs have the bodies, levels and attributes that were sent', async () => {
    const query = `SELECT time, level, target, msg, properties FROM log_entries WHERE exe = '${SENT.exe}' ORDER BY level DESC`;
    const frame = await ask(plugin, source, query, { format: 'logs', rowLimit: 100 });
    assert.equal(frame.meta.type, 'log-lines');
    assert.deepEqual(
      frame.column('body'),
      SENT.logs.map(({ body }) => body)
    );
    assert.deepEqual(
      frame.column('severity'),
      SENT.logs.map(({ severity }) => severity)
    );
    const labels = JSON.parse(new TextDecoder().decode(frame.column('labels')[0] as Uint8Array));
    assert.equal(labels.order, SENT.attributes.order);
    assert.equal(labels.target, SENT.target);
  });
  for (const [name, where, table] of [
    ['log_stats', `target = '${SENT.target}'`, 'log_stats'],
    ['the lines', `exe = '${SENT.exe}'`, 'log_lines'],
    ['the lines of a CTE', `exe = '${SENT.exe}' AND msg <> ''`, 'log_lines'],
  ] as const) {
    await list.check(`micromegas: the log volume, counted in ${name}`, async () => {
      const lines = `SELECT time, msg FROM log_entries WHERE ${where}`;
      const query = name.endsWith('CTE')
        ? `WITH sent AS (SELECT * FROM log_entries) SELECT * FROM sent WHERE ${where} ORDER BY time LIMIT 1`
        : `${lines} ORDER BY time LIMIT 1`;
      const model = { query, version: 2, format: 'logs', supplementary: { type: 'logs-volume' } } as const;
      const toMs = Date.now() + 60_000;
      const range = { fromMs: toMs - 6 * 3_600_000, toMs };
      const response = await runQuery(plugin, source, model, { range, intervalMs: 60_000 });
      assert.equal(response.error, '');
      const frames = readFrames(response);
      const counts = frames.map((frame) => [
        frame.labels('lines').level,
        frame.column('lines').reduce((sum: number, count) => sum + Number(count), 0),
      ]);
      assert.deepEqual(Object.fromEntries(counts), Object.fromEntries(SENT.logs.map(({ severity }) => [severity, 1])));
      assert.match(frames[0].meta.executedQueryString ?? '', new RegExp(`FROM ${table}|AS ${table}`));
    });
  }
  await list.check('micromegas: measures as a time series', async () => {
    for (const { name, value } of [SENT.gauge, SENT.counter]) {
      const query = `SELECT time, name, value FROM measures WHERE exe = '${SENT.exe}' AND name = '${name}' ORDER BY time`;
      const frame = await ask(plugin, source, query, { format: 'time_series' });
      assert.equal(frame.meta.type, 'timeseries-wide');
      // The SDK may send more than one sample.
      assert.deepEqual([...new Set(frame.column('value'))], [value]);
      assert.deepEqual(frame.labels('value'), { name });
    }
  });
  await list.check('micromegas: the time range of the panel selects rows', async () => {
    const inRange = async (fromMs: number, toMs: number): Promise<number> => {
      const query = `SELECT count(*) AS n FROM log_entries WHERE exe = '${SENT.exe}'`;
      const response = await runQuery(plugin, source, { query, version: 2 }, { range: { fromMs, toMs } });
      return Number(onlyFrame(response).column('n')[0]);
    };
    const nowMs = Date.now();
    assert.equal(await inRange(nowMs - 3_600_000, nowMs + 60_000), SENT.logs.length);
    assert.equal(await inRange(nowMs - 7_200_000, nowMs - 3_600_000), 0);
  });
  await list.check('micromegas: spans have names and events', async () => {
    const [id] = (await ask(plugin, source, `SELECT process_id FROM processes WHERE exe = '${SENT.exe}'`)).column(
      'process_id'
    );
    const frame = await ask(plugin, source, `SELECT * FROM view_instance('otel_spans', '${String(id)}')`);
    assert.deepEqual(frame.column('name'), [SENT.span.name]);
    const events = JSON.parse(new TextDecoder().decode(frame.column('events')[0] as Uint8Array));
    assert.equal(events[0].name, SENT.span.event);
  });
}

async function checkErrors(list: Checklist, { plugin, sources }: RealLake): Promise<void> {
  await list.check('micromegas: Save & test says that the server rejects the API key', async () => {
    const wrong = { ...sources.apiKey, uid: 'wrong', secureJsonData: { token: 'wrong' } };
    const { status, message } = await plugin.checkHealth({ pluginContext: pluginContext(wrong) });
    assert.equal(status, CheckHealthResponse_HealthStatus.ERROR);
    assert.match(message, /API key/);
  });
  const failures: Array<[name: string, query: string, expected: RegExp, status: number]> = [
    ['broken SQL', 'SELECT 1 FROM', /SQL[\s\S]*query_id/, 400],
    ['an unknown table', 'SELECT * FROM nope', /nope[\s\S]*not found/, 400],
  ];
  for (const [name, query, expected, status] of failures) {
    await list.check(`micromegas: ${name} is a downstream error with the server's message`, async () => {
      const response = await runQuery(plugin, sources.apiKey, { query, version: 2 });
      assert.match(response.error, expected);
      assert.equal(response.errorSource, 'downstream');
      assert.equal(response.status, status);
    });
  }
}
