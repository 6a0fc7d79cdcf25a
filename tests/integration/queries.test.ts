/**
 * Queries over the plugin protocol: formats, saved models of the older plugin, limits, errors, cancellation.
 */
import { tableFromIPC } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { useDemoPlugin } from '../support/demo-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame, readFrames } from '../support/frames';
import { metricValue } from '../support/metrics';
import { dataQuery, pluginContext, runQuery, startBuiltPlugin } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useDemoPlugin();

const ask = (query: string, model: object = {}, options = {}) =>
  runQuery(lab.plugin, lab.source, { query, version: 2, autoLimit: false, ...model }, options);

describe('formats', () => {
  it.each(['log_entries', 'measures', 'processes', 'streams', 'blocks', 'log_stats'])(
    'shows every column of %s',
    async (table) => {
      const frame = onlyFrame(await ask(`SELECT * FROM ${table} LIMIT 20`));
      expect(frame.rowCount).toBeGreaterThan(0);
      for (const [name, type] of Object.entries(frame.types)) {
        expect(`${name} ${type}`).toMatch(/ (Utf8(View)?|Binary|Bool|U?Int\d+|Float\d+|Timestamp<NANOSECOND.*>)$/);
      }
    }
  );

  it('reads JSONB properties as JSON', async () => {
    const frame = onlyFrame(await ask('SELECT properties FROM log_entries LIMIT 50'));
    for (const bytes of frame.column('properties')) {
      const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes as Uint8Array));
      expect(typeof parsed).toBe('object');
    }
  });

  it('returns time series in the wide format, in ascending order', async () => {
    const frame = onlyFrame(
      await ask(
        `SELECT $__dateBin(time) AS time, level, count(*) AS n, 'x' AS kind FROM log_entries
         WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1 DESC`,
        { format: 'time_series' },
        { intervalMs: 600_000 }
      )
    );
    expect(frame.meta.type).toBe('timeseries-wide');
    const times = frame.column('time') as bigint[];
    expect(times.length).toBeGreaterThan(3);
    expect([...times].sort((a, b) => Number(a) - Number(b))).toEqual(times);
  });

  it('returns logs in the format of the logs panel', async () => {
    const frame = onlyFrame(
      await ask('SELECT time, level, target, msg, properties FROM log_entries ORDER BY time DESC', {
        format: 'logs',
        rowLimit: 100,
      })
    );
    expect(frame.meta.type).toBe('log-lines');
    expect(frame.types).toMatchObject({ body: 'Utf8', severity: 'Utf8', id: 'Utf8', labels: 'Binary' });
    expect(frame.types.timestamp).toMatch(/Timestamp<NANOSECOND/);
    expect(new Set(frame.column('id')).size).toBe(100);
    for (const severity of frame.column('severity')) {
      expect(['critical', 'error', 'warning', 'info', 'debug', 'trace']).toContain(severity);
    }
  });

  it('returns no frame for an empty time series', async () => {
    const response = await ask('SELECT time, value FROM measures WHERE 1 = 0', { format: 'time_series' });
    expect(response).toMatchObject({ status: 200, error: '', frames: [] });
  });

  it('returns no frame for an empty table', async () => {
    const response = await ask('SELECT time, msg FROM log_entries WHERE 1 = 0');
    expect(response).toMatchObject({ status: 200, error: '', frames: [] });
  });
});

describe('saved queries of the older plugin', () => {
  it('runs a query of version 1', async () => {
    const frame = onlyFrame(await runQuery(lab.plugin, lab.source, { queryText: 'SELECT 1 AS one', rawEditor: true }));
    expect(frame.rowCount).toBe(1);
  });

  it('runs a query of the older query builder', async () => {
    const frame = onlyFrame(
      await runQuery(lab.plugin, lab.source, {
        table: 'processes',
        columns: ['exe', 'computer'],
        wheres: ["exe <> ''"],
        orderBy: 'exe',
        limit: '2',
        rawEditor: false,
      })
    );
    expect(Object.keys(frame.types)).toEqual(['exe', 'computer']);
    expect(frame.rowCount).toBe(2);
  });

  it('runs a variable query that is a string', async () => {
    expect(onlyFrame(await runQuery(lab.plugin, lab.source, 'SELECT 1 AS one')).rowCount).toBe(1);
  });

  it('returns no frame for a query without SQL', async () => {
    expect(await runQuery(lab.plugin, lab.source, { query: '  ' })).toMatchObject({
      status: 200,
      error: '',
      frames: [],
    });
  });
});

describe('limits', () => {
  it('adds a notice if Auto limit truncates the response', async () => {
    const frame = onlyFrame(await ask('SELECT time, msg FROM log_entries', { autoLimit: true }, { maxDataPoints: 10 }));
    expect(frame.rowCount).toBe(10);
    expect(frame.meta.notices?.[0]).toMatchObject({
      severity: 'warning',
      text: expect.stringMatching(/first 10 rows.*Auto limit/),
    });
  });

  const purposes: Array<[name: string, purpose: MicromegasQueryFields['purpose'], rows: number]> = [
    ['a panel', undefined, 10],
    ['a variable', 'variable', 40],
    ['an annotation', 'annotation', 40],
  ];

  it.each(purposes)(
    'applies the default that the older plugin had for Auto limit: %s',
    async (_name, purpose, rows) => {
      const model = { query: 'SELECT msg FROM log_entries LIMIT 40', purpose };
      const frame = onlyFrame(await runQuery(lab.plugin, lab.source, model, { maxDataPoints: 10 }));
      expect(frame.rowCount).toBe(rows);
    }
  );

  it('adds no notice if nothing was truncated', async () => {
    const frame = onlyFrame(
      await ask('SELECT msg FROM log_entries LIMIT 10', { autoLimit: true }, { maxDataPoints: 10 })
    );
    expect(frame.rowCount).toBe(10);
    expect(frame.meta.notices ?? []).toEqual([]);
  });

  it("truncates a million rows at Grafana's row limit", async () => {
    const limited = { ...lab.source, grafanaConfig: { GF_SQL_ROW_LIMIT: '5000' } };
    const sql = 'SELECT range AS n FROM range(1000000)';
    const frame = onlyFrame(await runQuery(lab.plugin, limited, { query: sql, autoLimit: false }));
    expect(frame.rowCount).toBe(5000);
    expect(frame.meta.notices?.[0].text).toMatch(/row_limit/);
  });

  it('returns a complete result of a million rows if there is no limit', async () => {
    const frame = onlyFrame(await ask('SELECT range AS n FROM range(1000000)'));
    expect(frame.rowCount).toBe(1_000_000);
  });

  it('returns a row of 6 MB', async () => {
    const frame = onlyFrame(await ask("SELECT repeat('x', 6000000) AS big"));
    expect((frame.column('big')[0] as string).length).toBe(6_000_000);
  });
});

describe('errors', () => {
  const cases: Array<[name: string, sql: string, status: number, text: RegExp]> = [
    ['a syntax error', 'SELECT 1 FROM', 400, /The query has an error\..*query_id/s],
    ['an unknown table', 'SELECT * FROM nope', 400, /table 'datafusion\.public\.nope' not found/],
    ['an unknown column', 'SELECT nope FROM log_entries', 400, /No field named nope.*single quotes/s],
    ['two statements', 'SELECT 1; SELECT 2', 400, /more than one statement/],
    ['a statement that writes', 'CREATE TABLE t (a INT)', 400, /runs only statements that read\..*"CREATE"/],
    ['an unknown macro', 'SELECT $__nope(time)', 400, /There is no macro \$__nope/],
  ];

  it.each(cases)('explains %s', async (_name, sql, status, message) => {
    const response = await ask(sql);
    expect(response.error).toMatch(message);
    expect(response).toMatchObject({ status, errorSource: 'downstream' });
  });

  it("shows the sent SQL and the server's query id in the inspector", async () => {
    const response = await ask('SELECT nope FROM log_entries WHERE $__timeFilter(time)');
    const [frame] = readFrames(response);
    expect(frame.types).toEqual({});
    expect(frame.meta.executedQueryString).toMatch(/WHERE time >= '/);
    expect(frame.meta.custom).toMatchObject({
      code: 'query_invalid',
      queryId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      position: { line: 1, column: 8, offset: 7 },
    });
  });

  it.each<[place: string, query: string, word: string, model: MicromegasQueryFields]>([
    ['at the start', '\n  COPY (SELECT $__timeFrom()) TO $__timeTo()', 'COPY', {}],
    ['after a macro', 'SELECT 1 WHERE $__timeFilter(now()) AND "retire_partitions" = 1', '"retire', {}],
    [
      'after a filter',
      'WITH a AS (SELECT 1 FROM log_entries) SELECT * FROM a, deny_queries()',
      'deny_queries',
      { filters: [{ key: 'exe', operator: '=', value: 'x' }] },
    ],
  ])('reports the position of a word that is not allowed: %s', async (_place, query, word, model) => {
    const response = await ask(query, model);
    expect(response).toMatchObject({ status: 400, errorSource: 'downstream' });
    expect(codeOf(response.error)).toBe('statement_not_allowed');
    const [{ meta }] = readFrames(response);
    const position: unknown = expect.objectContaining({ offset: query.indexOf(word) });
    expect(meta.custom).toMatchObject({ code: 'statement_not_allowed', position });
  });

  it('shows the saved SQL if a macro is invalid, in a whole response and in a response in parts', async () => {
    const query = 'SELECT $__nope(time) FROM log_entries WHERE $__timeFilter(time)';
    const request = { pluginContext: pluginContext(lab.source), queries: [dataQuery('A', { query, version: 2 })] };
    const frame = tableFromIPC((await lab.plugin.queryChunkedData(request))[0].frame);
    const inParts: unknown = JSON.parse(frame.schema.metadata.get('meta') ?? '{}');
    const [whole] = readFrames(await ask(query));
    for (const meta of [whole.meta, inParts]) {
      const position = { line: 1, column: 8, offset: 7 };
      expect(meta).toMatchObject({ executedQueryString: query, custom: { code: 'macro_invalid', position } });
    }
  });

  it('runs the valid queries of a request that also contains an invalid query', async () => {
    const { responses } = await lab.plugin.queryData({
      pluginContext: pluginContext(lab.source),
      queries: [dataQuery('A', { query: 'SELEC' }), dataQuery('B', { query: 'SELECT 1 AS one' })],
    });
    expect(responses.A.error).not.toBe('');
    expect(onlyFrame(responses.B).rowCount).toBe(1);
  });

  it('names the available columns if a series has no time column', async () => {
    const response = await ask('SELECT exe, computer FROM processes', { format: 'time_series' });
    expect(response).toMatchObject({ status: 400, errorSource: 'downstream' });
    expect(response.error).toMatch(/exe.*computer/s);
  });

  it('ends a query at the timeout of the data source', async () => {
    const impatient = { ...lab.source, uid: 'impatient', jsonData: { ...lab.source.jsonData, queryTimeoutSeconds: 1 } };
    const sql = 'SELECT count(*) AS n FROM range(10000000) a, range(10000) b WHERE a.range + b.range = 3';
    const response = await runQuery(lab.plugin, impatient, { query: sql, autoLimit: false });
    expect(response).toMatchObject({ status: 504, errorSource: 'downstream' });
    expect(response.error).toMatch(/longer than the data source allows/);
  });

  it('fails while the server is down, and reconnects after the server has restarted', async () => {
    await lab.demo.post('/lakehouse/stop');
    const response = await ask('SELECT 1 AS one');
    expect(response.errorSource).toBe('downstream');
    expect(response.status).toBeGreaterThanOrEqual(502);
    await lab.demo.post('/lakehouse/start');
    expect(onlyFrame(await ask('SELECT 1 AS one')).rowCount).toBe(1);
  });
});

it("cancels the server's query when Grafana cancels", async () => {
  const marker = 'cancelled-by-test';
  const sql = `SELECT '${marker}' AS m, count(*) AS n FROM range(10000000) a, range(10000) b WHERE a.range + b.range = 3`;
  const controller = new AbortController();
  const response = ask(sql, {}, { signal: controller.signal });
  const failed = expect(response).rejects.toMatchObject({ code: 1 });
  // The query has started when the metrics count it as running.
  await waitFor(async () => metricValue(await lab.plugin.collectMetrics(), 'micromegas_queries_running') === 1);
  controller.abort();
  await failed;
  await waitFor(async () =>
    (await lab.demo.audit()).some((record) => record.sql.includes(marker) && record.status === 'incomplete')
  );
});

it('fails a query if the process is killed, and works after a restart', async () => {
  const mortal = await startBuiltPlugin();
  const response = runQuery(mortal, lab.source, { query: 'SELECT range AS n FROM range(10000000)', autoLimit: false });
  const failed = expect(response).rejects.toMatchObject({ code: 14 });
  await waitFor(async () => metricValue(await mortal.collectMetrics(), 'micromegas_queries_running') === 1);
  mortal.kill('SIGKILL');
  await failed;
  const next = await startBuiltPlugin();
  expect(readFrames(await runQuery(next, lab.source, { query: 'SELECT 1 AS one' }))).toHaveLength(1);
  await next.shutdown();
});

/** Repeats a call until it returns true. Jest's timeout ends the loop. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    // The condition awaits a call, so no pause is necessary.
  }
}

expectNoSecretsAtEnd();
