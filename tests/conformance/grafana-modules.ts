/** Checks the built plugin: Grafana's own Go modules call it, and it queries the demo's lakehouse. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readQuery } from '../../contract/queries/query';
import { type ColumnsPayload, type TablesPayload } from '../../contract/resources/resources';
import { NODE_ENVIRONMENT, type Source } from '../support/plugin';
import { provisionedRules } from '../support/provisioned-rules';
import { type Checklist } from './checklist';
import { GrafanaHost } from './grafana-host';
import { checkProfileFrames } from './profiles';
import { type SignIns } from './sources';

export const GLOBAL_TABLES = ['log_entries', 'measures', 'processes', 'streams', 'blocks', 'log_stats'];

/** @param program Path of grafana-host. @param host A host with a running plugin. */
export async function checkGrafanaModules(
  list: Checklist,
  program: string,
  host: GrafanaHost,
  sources: SignIns
): Promise<void> {
  await checkHealth(list, host, sources);
  await checkQueries(list, host, sources);
  await checkProfileFrames(list, host, sources.apiKey);
  await checkAlertRules(list, host, sources);
  await checkChunks(list, host, sources);
  await checkResources(list, host, sources);
  await list.check('grafana: metrics', async () => {
    const metrics = await host.metrics();
    assert.match(metrics, /^# TYPE micromegas_queries_total counter$/m);
    assert.match(metrics, /^process_cpu_seconds_total\{backend=/m);
  });
  await checkShutdown(list, program, sources);
}

async function checkHealth(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  await list.check('grafana: Save & test passes with an API key', async () => {
    const { ok, message, details } = await host.health(apiKey);
    assert.ok(ok, message);
    assert.match(message, /signed in with API key; \d+ tables/);
    const names = details.stages.map(({ name }) => name);
    assert.deepEqual(names, ['settings', 'address', 'tls', 'server', 'query', 'tables', 'audiences']);
  });
  await list.check('grafana: Save & test passes with OAuth', async () => {
    const { ok, message, details } = await host.health(oauth);
    assert.ok(ok, message);
    assert.match(message, /signed in with OAuth as \S+ of http/);
    assert.deepEqual(
      details.stages.map(({ name, status }) => `${name} ${status}`),
      ['settings', 'address', 'tls', 'discovery', 'token', 'server', 'query', 'tables', 'audiences'].map(
        (name) => `${name} ok`
      )
    );
  });
  await list.check(
    'grafana: Save & test says that the server rejects the API key, and does not show the key',
    async () => {
      const { ok, message } = await host.health({
        ...apiKey,
        uid: 'wrong-key',
        secureJsonData: { token: 'not-the-key' },
      });
      assert.ok(!ok);
      assert.match(message, /API key/);
      assert.ok(!message.includes('not-the-key'));
    }
  );
  await list.check('grafana: Save & test fails at the stage "token" if the client secret is wrong', async () => {
    const { ok, message, details } = await host.health({
      ...oauth,
      uid: 'wrong-secret',
      secureJsonData: { oauthClientSecret: 'wrong-one' },
    });
    assert.ok(!ok);
    assert.equal(details.stages.at(-1)?.name, 'token');
    assert.ok(!message.includes('wrong-one'));
  });
}

async function checkQueries(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  for (const [name, source] of [
    ['an API key', apiKey],
    ['OAuth', oauth],
  ] as const) {
    for (const table of GLOBAL_TABLES) {
      await list.check(`grafana: SELECT * FROM ${table} with ${name}`, async () => {
        const frame = await host.onlyFrame(source, { query: `SELECT * FROM ${table} LIMIT 50`, format: 'table' });
        assert.ok(frame.rowCount > 0, 'no rows');
      });
    }
  }
  await list.check('grafana: a time series is wide and has labels', async () => {
    const query = 'SELECT time, value, name FROM measures ORDER BY time LIMIT 500';
    const frame = await host.onlyFrame(apiKey, { query, format: 'time_series' });
    assert.equal(frame.meta.type, 'timeseries-wide');
    assert.equal(frame.fields[0].type, 'time');
    assert.ok(frame.fields.slice(1).every(({ type, labels }) => type === 'number' && labels?.name !== undefined));
    const times = frame.column(frame.names[0]).map(Number);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b)
    );
  });
  await list.check('grafana: logs have the fields of the logs panel', async () => {
    const query = 'SELECT time, level, target, msg, properties FROM log_entries ORDER BY time DESC';
    const frame = await host.onlyFrame(apiKey, { query, format: 'logs', rowLimit: 20 });
    assert.equal(frame.meta.type, 'log-lines');
    for (const name of ['timestamp', 'body', 'severity', 'id', 'labels']) {
      assert.equal(frame.column(name).length, 20, name);
    }
  });
  await list.check('grafana: strings in a result of 5,000 rows equal those in results of 100 rows', async () => {
    const query = 'SELECT process_id, exe, target, msg, properties FROM log_entries ORDER BY time, msg';
    const all = await host.onlyFrame(apiKey, { query: `${query} LIMIT 5000` });
    assert.equal(all.rowCount, 5000);
    for (const from of [0, 2400, 4900]) {
      const few = await host.onlyFrame(apiKey, { query: `${query} LIMIT 100 OFFSET ${from}` });
      for (const name of all.names) {
        assert.deepEqual(all.column(name).slice(from, from + 100), few.column(name), name);
      }
    }
  });
  await checkOptions(list, host, apiKey);
  await list.check('grafana: a failed query has status, error source and message', async () => {
    await assert.rejects(host.query(apiKey, { query: 'SELECT 1 FROM' }), /status 400, source downstream: .*SQL/s);
  });
}

async function checkOptions(list: Checklist, host: GrafanaHost, source: Source): Promise<void> {
  await list.check('grafana: a time series can have numbers as labels, and zeros in gaps', async () => {
    const query = 'SELECT $__dateBin(time) AS time, level, count(*) AS messages FROM log_entries GROUP BY 1, 2';
    const frame = await host.onlyFrame(source, {
      query,
      format: 'time_series',
      labelColumns: ['level'],
      fillMode: 'zero',
    });
    const series = frame.fields.slice(1);
    assert.ok(series.length > 1 && series.every(({ labels }) => /^[1-6]$/.test(labels?.level ?? '')));
    const values = series.flatMap((_, index) => frame.columnAt(index + 1));
    assert.ok(values.includes(0) && !values.includes(null));
  });
  await list.check('grafana: a table of strings and numbers is numeric-long, as alert rules need it', async () => {
    const query = 'SELECT target, count(*) AS messages, max(level) AS worst FROM log_entries GROUP BY 1';
    const frame = await host.onlyFrame(source, { query, format: 'table' });
    assert.equal(frame.meta.type, 'numeric-long');
  });
  await list.check('grafana: integers beyond 2^53 cause a notice, and are strings with bigIntegersAsText', async () => {
    const query = "SELECT 'a' AS name, 9007199254740993 AS n";
    const rounded = await host.onlyFrame(source, { query, format: 'table' });
    assert.equal(rounded.type('n'), 'number');
    assert.match(rounded.meta.notices?.[0]?.text ?? '', /Column "n" holds numbers that browsers round/);
    const exact = await host.onlyFrame(source, { query, format: 'table', bigIntegersAsText: true });
    assert.deepEqual(exact.column('n'), ['9007199254740993']);
  });
  await list.check('grafana: a result without rows has no frame in any format', async () => {
    for (const format of ['table', 'time_series', 'logs'] as const) {
      const query = 'SELECT time, msg, level FROM log_entries WHERE level > 99';
      assert.deepEqual(await host.query(source, { query, format }), [], format);
    }
  });
}

/** More series than a rule should have, each in its own frame. */
const MANY_SERIES = 5000;

/** The provisioned rules, and shapes of results that rules accept or reject. */
async function checkAlertRules(list: Checklist, host: GrafanaHost, { apiKey }: SignIns): Promise<void> {
  for (const { title, queries, expressions } of provisionedRules()) {
    await list.check(`grafana: the values of the provisioned rule "${title}" fit its expressions`, async () => {
      const [{ model, relativeTimeRange }] = queries;
      const toMs = Date.now();
      const range = { fromMs: toMs - relativeTimeRange.from * 1000, toMs };
      const saved = { ...model, format: readQuery(model).format, timeFilter: true };
      const options = { range, intervalMs: model.intervalMs ?? 1000, maxDataPoints: 43_200 };
      const values = await host.ruleValues(apiKey, saved, options);
      assert.ok(values.length > 0, 'no data');
      const kind = expressions[0].model.type === 'reduce' ? 'series' : 'number';
      assert.ok(values.every((value) => value.kind === kind));
      assert.equal(new Set(values.map(({ labels }) => JSON.stringify(labels))).size, values.length);
    });
  }
  for (const [format, query, expected] of [
    ['time_series', 'SELECT time, name, value FROM measures ORDER BY 1', 'series'],
    ['table', 'SELECT target, count(*) AS n FROM log_entries GROUP BY 1', 'number'],
    ['table', 'SELECT count(*) AS n FROM log_entries', 'number'],
    ['table', 'SELECT time, level FROM log_entries ORDER BY 1 LIMIT 100', 'series'],
    ['table', 'SELECT level FROM log_entries WHERE 1 = 0', 'no data'],
    ['time_series', 'SELECT time, level FROM log_entries WHERE 1 = 0', 'no data'],
    ['table', 'SELECT time, target, level FROM log_entries LIMIT 10', 'rejected'],
    ['logs', 'SELECT time, msg FROM log_entries LIMIT 10', 'rejected'],
  ] as const) {
    await list.check(`grafana: ${query} as ${format} in an alert rule: ${expected}`, async () => {
      const kind = await host.ruleValues(apiKey, { query, format }).then(
        ([first]) => first?.kind ?? 'no data',
        () => 'rejected'
      );
      assert.equal(kind, expected);
    });
  }
  await list.check('grafana: alert rules get each series with the times of its own rows', async () => {
    const query = `SELECT * FROM (VALUES
      (TIMESTAMP '2026-01-01 00:00:00', 'a', 1, 10), (TIMESTAMP '2026-01-01 00:01:00', 'a', 2, NULL),
      (TIMESTAMP '2026-01-01 00:02:00', 'b', 3, 30)) AS rows(time, exe, n, m)`;
    const values = await host.ruleValues(apiKey, { query, format: 'time_series' });
    assert.deepEqual(
      values.map(({ kind, labels, values: points }) => [kind, labels.exe, points]),
      [
        ['series', 'a', [1, 2]],
        ['series', 'b', [3]],
        ['series', 'a', [10, null]],
        ['series', 'b', [30]],
      ]
    );
  });
  await list.check('grafana: alert rules get 5,000 series', async () => {
    const query = `SELECT now() AS time, CAST(range AS VARCHAR) AS host, range AS n FROM range(${MANY_SERIES})`;
    assert.equal((await host.ruleValues(apiKey, { query, format: 'time_series' })).length, MANY_SERIES);
  });
}

async function checkChunks(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  for (const [name, source] of [
    ['an API key', apiKey],
    ['OAuth', oauth],
  ] as const) {
    await list.check(
      `grafana: the parts of a chunked query have the rows of the whole result, with ${name}`,
      async () => {
        const query = 'SELECT time, level, target, msg FROM log_entries ORDER BY time, msg LIMIT 5000';
        const whole = await host.onlyFrame(source, { query });
        const chunks = await host.queryChunked(source, { query });
        assert.equal(new Set(chunks.map(({ frameId }) => frameId)).size, 1);
        for (const [index, column] of whole.names.entries()) {
          assert.deepEqual(
            chunks.flatMap(({ frame }) => frame.columnAt(index)),
            whole.column(column),
            column
          );
        }
      }
    );
  }
}

async function checkResources(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  for (const [name, source] of [
    ['an API key', apiKey],
    ['OAuth', oauth],
  ] as const) {
    await list.check(`grafana: resource tables with ${name}`, async () => {
      const { status, body } = await host.resource(source, 'tables');
      assert.equal(status, 200);
      const { tables } = body as TablesPayload;
      const names = tables.map((table) => table.name);
      assert.deepEqual(
        GLOBAL_TABLES.filter((table) => !names.includes(table)),
        []
      );
      assert.ok(tables.every(({ columns }) => columns.length > 0));
    });
  }
  await list.check('grafana: resource columns', async () => {
    const { status, body } = await host.resource(apiKey, 'columns?table=log_entries');
    assert.equal(status, 200);
    const { columns } = body as ColumnsPayload;
    assert.ok(columns.some(({ name }) => name === 'msg'));
    assert.equal((await host.resource(apiKey, 'columns?table=no_such_table')).status, 400);
  });
}

async function checkShutdown(list: Checklist, program: string, { apiKey }: SignIns): Promise<void> {
  await list.check('grafana: the plugin ends when Grafana asks it to, and leaves no files behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mm'));
    try {
      await GrafanaHost.use(program, { env: { ...NODE_ENVIRONMENT, TMPDIR: folder } }, async (host) => {
        const { ok, message } = await host.health(apiKey);
        assert.ok(ok, message);
        // go-plugin kills a plugin that has not ended after two seconds.
        assert.equal(await host.stop(), 'exit status 0');
        assert.match(host.log, /Grafana called Shutdown/);
      });
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
