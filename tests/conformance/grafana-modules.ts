/** The built plugin behind Grafana's own modules, in front of the demo's lakehouse and issuer. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnsPayload, type TablesPayload } from '../../contract/resources';
import { NODE_ENVIRONMENT, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { type GrafanaHost } from './grafana-host';
import { type SignIns } from './sources';

export const GLOBAL_TABLES = ['log_entries', 'measures', 'processes', 'streams', 'blocks', 'log_stats'];

export async function checkGrafanaModules(list: Checklist, host: GrafanaHost, sources: SignIns): Promise<void> {
  await checkHealth(list, host, sources);
  await checkQueries(list, host, sources);
  await checkResources(list, host, sources);
  await checkProcess(list, host, sources);
}

async function checkHealth(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  await list.check('grafana-host: handshake, and Save & Test with an API key', async () => {
    const { ok, message, details } = await host.health(apiKey);
    assert.ok(ok, message);
    assert.match(message, /signed in with API key; \d+ tables/);
    const names = details.stages.map(({ name }) => name);
    assert.deepEqual(names, ['settings', 'address', 'tls', 'server', 'query', 'tables']);
  });
  await list.check('grafana-host: Save & Test with OAuth', async () => {
    const { ok, message, details } = await host.health(oauth);
    assert.ok(ok, message);
    assert.match(message, /signed in with OAuth as \S+ of http/);
    assert.deepEqual(
      details.stages.map(({ name, status }) => `${name} ${status}`),
      ['settings', 'address', 'tls', 'discovery', 'token', 'server', 'query', 'tables'].map((name) => `${name} ok`)
    );
  });
  await list.check('grafana-host: Save & Test refuses a wrong API key in plain words', async () => {
    const { ok, message } = await host.health({ ...apiKey, secureJsonData: { token: 'not-the-key' } });
    assert.ok(!ok);
    assert.match(message, /API key/);
    assert.ok(!message.includes('not-the-key'));
  });
  await list.check('grafana-host: Save & Test refuses a wrong client secret in plain words', async () => {
    const { ok, message, details } = await host.health({
      ...oauth,
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
      await list.check(`grafana-host: SELECT * FROM ${table} with ${name}`, async () => {
        const frame = await host.onlyFrame(source, { query: `SELECT * FROM ${table} LIMIT 50`, format: 'table' });
        assert.ok(frame.rowCount > 0, 'no rows');
      });
    }
  }
  await list.check('grafana-host: time series are wide, with labels', async () => {
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
  await list.check('grafana-host: logs have the fields of the logs panel', async () => {
    const query = 'SELECT time, level, target, msg, properties FROM log_entries ORDER BY time DESC';
    const frame = await host.onlyFrame(apiKey, { query, format: 'logs', rowLimit: 20 });
    assert.equal(frame.meta.type, 'log-lines');
    for (const name of ['timestamp', 'body', 'severity', 'id', 'labels']) {
      assert.equal(frame.column(name).length, 20, name);
    }
  });
  await list.check(
    'grafana-host: texts of thousands of rows, as they go out at once, are those of a few rows',
    async () => {
      const query = 'SELECT process_id, exe, target, msg, properties FROM log_entries ORDER BY time, msg';
      const all = await host.onlyFrame(apiKey, { query: `${query} LIMIT 5000` });
      assert.equal(all.rowCount, 5000);
      for (const from of [0, 2400, 4900]) {
        const few = await host.onlyFrame(apiKey, { query: `${query} LIMIT 100 OFFSET ${from}` });
        for (const name of all.names) {
          assert.deepEqual(all.column(name).slice(from, from + 100), few.column(name), name);
        }
      }
    }
  );
  await checkOptions(list, host, apiKey);
  await list.check('grafana-host: a failing query says why', async () => {
    await assert.rejects(host.query(apiKey, { query: 'SELEC 1' }), /status 400, source downstream: .*SQL/s);
  });
}

async function checkOptions(list: Checklist, host: GrafanaHost, source: Source): Promise<void> {
  await list.check('grafana-host: numbers become labels and gaps are filled when asked', async () => {
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
  await list.check('grafana-host: rows of text and numbers are declared for alerting', async () => {
    const query = 'SELECT target, count(*) AS messages, max(level) AS worst FROM log_entries GROUP BY 1';
    const frame = await host.onlyFrame(source, { query, format: 'table' });
    assert.equal(frame.meta.type, 'numeric-long');
  });
  await list.check('grafana-host: integers beyond 2^53 say so, and become text when asked', async () => {
    const query = "SELECT 'a' AS name, 9007199254740993 AS n";
    const rounded = await host.onlyFrame(source, { query, format: 'table' });
    assert.equal(rounded.type('n'), 'number');
    assert.match(rounded.meta.notices?.[0]?.text ?? '', /Column "n" holds numbers that browsers round/);
    const exact = await host.onlyFrame(source, { query, format: 'table', bigIntegersAsText: true });
    assert.deepEqual(exact.column('n'), ['9007199254740993']);
  });
  await list.check('grafana-host: a result without rows is no frame in any format', async () => {
    for (const format of ['table', 'time_series', 'logs'] as const) {
      const query = 'SELECT time, msg, level FROM log_entries WHERE level > 99';
      assert.deepEqual(await host.query(source, { query, format }), [], format);
    }
  });
}

async function checkResources(list: Checklist, host: GrafanaHost, { apiKey, oauth }: SignIns): Promise<void> {
  for (const [name, source] of [
    ['an API key', apiKey],
    ['OAuth', oauth],
  ] as const) {
    await list.check(`grafana-host: resource tables with ${name}`, async () => {
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
  await list.check('grafana-host: resource columns', async () => {
    const { status, body } = await host.resource(apiKey, 'columns?table=log_entries');
    assert.equal(status, 200);
    const { columns } = body as ColumnsPayload;
    assert.ok(columns.some(({ name }) => name === 'msg'));
    assert.equal((await host.resource(apiKey, 'columns?table=no_such_table')).status, 400);
  });
}

async function checkProcess(list: Checklist, host: GrafanaHost, { apiKey }: SignIns): Promise<void> {
  await list.check('grafana-host: metrics', async () => {
    const { code, stdout, stderr } = await host.run('metrics');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^# TYPE micromegas_queries_total counter$/m);
    assert.match(stdout, /^process_cpu_seconds_total /m);
  });
  await list.check('grafana-host: shutdown when asked, leaving nothing behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mm'));
    try {
      const watched = host.withPluginEnv({ ...NODE_ENVIRONMENT, TMPDIR: folder });
      const { code, stderr } = await watched.run('health', ['-v'], apiKey);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /Grafana called Shutdown/);
      assert.doesNotMatch(stderr, /failed to exit gracefully/);
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
