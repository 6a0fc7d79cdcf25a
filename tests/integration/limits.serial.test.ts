/**
 * Limits of rows, bytes and memory, over the plugin protocol. When a query reaches a limit, the plugin cancels the
 * query on the server at once, and names the limit in a notice or an error. No result makes the process exit.
 */
import { readFileSync } from 'node:fs';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { DataFrameFormat, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { BATCH_ROWS, startEndlessServer, type EndlessServer, type SentResult } from '../support/endless-server';
import { startDemoServices, type DemoServices } from '../support/demo-services';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

/** Fields of a query without a limit of its own. */
const ALL = { version: 2, autoLimit: false, timeFilter: false };

let server: EndlessServer;

beforeAll(async () => {
  server = await startEndlessServer();
});

afterAll(() => server.kill());

function source(settings: object = {}, grafanaConfig: Record<string, string> = {}): Source {
  // There is no row limit, unless a test sets a row limit.
  const jsonData = { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none', maxRows: 1e9, ...settings } as const;
  return { uid: JSON.stringify(settings), jsonData, grafanaConfig, user: ADA };
}

const noticesOf = (response: DataResponse) => onlyFrame(response).meta.notices?.map(({ text }) => text) ?? [];

/** Calls the plugin until the condition is true. The loop also ends when the plugin ends. */
async function until(plugin: PluginProcess, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await plugin.collectMetrics();
  }
}

describe('limits', () => {
  let plugin: PluginProcess;

  beforeAll(async () => {
    plugin = await startBuiltPlugin();
  });

  afterAll(async () => void (await plugin?.shutdown()));

  interface Case {
    name: string;
    settings?: object;
    grafana?: Record<string, string>;
    model?: object;
    rows?: number;
    notice: RegExp;
  }

  const cases: Case[] = [
    {
      name: 'row limit of the data source',
      settings: { maxRows: 10_000 },
      grafana: { GF_SQL_ROW_LIMIT: '20000' },
      model: { rowLimit: 30_000 },
      rows: 10_000,
      notice: /^Showing the first 10,000 rows: the row limit of the data source\./,
    },
    {
      name: 'row limit of Grafana',
      settings: { maxRows: 20_000 },
      grafana: { GF_SQL_ROW_LIMIT: '10000' },
      rows: 10_000,
      notice: /Grafana's row limit \(row_limit in \[dataproxy\]\)/,
    },
    {
      name: 'row limit of the query',
      settings: { maxRows: 20_000 },
      model: { rowLimit: 10_000 },
      rows: 10_000,
      notice: /the row limit of the query/,
    },
    {
      name: 'size limit of the data source',
      settings: { maxAnswerMegabytes: 1 },
      grafana: { GF_RESPONSE_LIMIT: '2000000' },
      notice: /the size limit of the data source, 1 MB/,
    },
    {
      name: 'size limit of Grafana',
      settings: { maxAnswerMegabytes: 2 },
      grafana: { GF_RESPONSE_LIMIT: '1000000' },
      notice: /Grafana's limit of 1 MB for one result \(response_limit in \[dataproxy\]\)/,
    },
  ];

  it.each(cases)(
    'truncates the response at the $name, and names this limit',
    async ({ settings, grafana, model, rows, notice }) => {
      const response = await runQuery(plugin, source(settings, grafana), { query: 'FROM numbers', ...ALL, ...model });
      const frame = onlyFrame(response);
      // A row has 24 bytes, so 1 MB has about 41,000 rows.
      expect(frame.rowCount).toBeGreaterThan(rows === undefined ? 38_000 : rows - 1);
      expect(frame.rowCount).toBeLessThan(rows === undefined ? 42_000 : rows + 1);
      expect(noticesOf(response)).toEqual([expect.stringMatching(notice)]);
      const result = server.results.at(-1);
      await until(plugin, () => result?.isOver === true);
      expect(result?.isCancelled).toBe(true);
      // In addition to the shown rows, the server has sent only data that fit into the flow control windows of HTTP/2.
      expect(result?.bytes).toBeLessThan(24_000_000);
    }
  );

  // Each batch of `FROM words` comes with a dictionary of 1 MB.
  it.each(['ARROW', 'JSON'] as const)(
    'fails if the limit is too small for one row: in %s, as a whole response and in parts',
    async (encoding) => {
      const request = {
        pluginContext: pluginContext(source({ maxAnswerMegabytes: 1 })),
        format: DataFrameFormat[encoding],
        queries: [dataQuery('A', { query: 'FROM words', ...ALL })],
      };
      const whole = (await plugin.queryData(request)).responses.A;
      const parts = await plugin.queryChunkedData(request);
      expect(parts).toHaveLength(1);
      for (const response of [whole, ...parts]) {
        expect(response).toMatchObject({
          status: 413,
          errorSource: 'downstream',
          error: expect.stringMatching(
            /Not even the first row fits into the limit: the size limit of the data source, 1 MB\. .* raise the limit\.$/
          ),
        });
      }
      for (const result of server.results.slice(-2)) {
        await until(plugin, () => result.isOver);
      }
    }
  );

  it('truncates logs and time series too', async () => {
    for (const [query, format] of [
      ['FROM lines', 'logs'],
      ['FROM points', 'time_series'],
    ]) {
      const response = await runQuery(plugin, source({ maxAnswerMegabytes: 1 }), { query, format, ...ALL } as object);
      expect(onlyFrame(response).rowCount).toBeGreaterThan(1000);
      expect(noticesOf(response)).toEqual([expect.stringMatching(/size limit of the data source/)]);
    }
  });

  it('adds no notice if no limit was reached', async () => {
    const response = await runQuery(plugin, source({ maxAnswerMegabytes: 10 }), { query: 'FROM numbers 3', ...ALL });
    expect(onlyFrame(response).rowCount).toBe(3 * BATCH_ROWS);
    expect(noticesOf(response)).toEqual([]);
  });

  it('rejects a negative size limit in the settings', async () => {
    const response = await runQuery(plugin, source({ maxAnswerMegabytes: -1 }), { query: 'FROM numbers', ...ALL });
    expect(response.error).toMatch(/Size limit: Enter a number of megabytes of at least 1/);
  });
});

describe('a running call', () => {
  let plugin: PluginProcess;

  beforeAll(async () => {
    plugin = await startBuiltPlugin();
  });

  afterAll(async () => void (await plugin?.shutdown()));

  const started = async (): Promise<SentResult> => {
    const before = server.results.length;
    await until(plugin, () => (server.results[before]?.bytes ?? 0) > 0);
    return server.results[before];
  };

  it('ends on the server when Grafana cancels it', async () => {
    const controller = new AbortController();
    const response = runQuery(
      plugin,
      source(),
      { query: 'FROM numbers 5 wait', ...ALL },
      { signal: controller.signal }
    );
    const failed = expect(response).rejects.toMatchObject({ code: 1 });
    const result = await started();
    controller.abort();
    await failed;
    await until(plugin, () => result.isOver);
    expect(result.isCancelled).toBe(true);
  });

  it('ends on the server at its timeout', async () => {
    const endless = source({ queryTimeoutSeconds: 1, maxRows: 1e12 });
    const response = runQuery(plugin, endless, { query: 'FROM numbers', ...ALL });
    const result = await started();
    expect(await response).toMatchObject({
      status: 504,
      error: expect.stringMatching(/longer than the data source allows/),
    });
    await until(plugin, () => result.isOver);
    expect(result.isCancelled).toBe(true);
  });

  it('ends on the server when Grafana stops the process', async () => {
    const doomed = await startBuiltPlugin();
    const response = runQuery(doomed, source(), { query: 'FROM numbers', ...ALL }).catch(() => undefined);
    const result = await started();
    const { graceful } = await doomed.shutdown();
    expect(graceful).toBe(true);
    await response;
    await until(plugin, () => result.isOver);
    expect(result.isCancelled).toBe(true);
  });
});

describe('results that do not fit into memory', () => {
  /** A small heap, and a small memory budget. */
  const SMALL = { NODE_OPTIONS: '--max-old-space-size=48', GF_PLUGIN_MEMORY_BUDGET_MB: '64' };
  let plugin: PluginProcess;
  let hasExited = false;
  let demo: DemoServices;
  let lake: Source;

  beforeAll(async () => {
    [plugin, demo] = await Promise.all([startBuiltPlugin(SMALL), startDemoServices()]);
    lake = {
      uid: 'lake',
      jsonData: { host: demo.lakehouse, selectedAuthType: 'token', maxRows: 1e9 },
      secureJsonData: { token: demo.apiKey },
    };
    void plugin.exited.then(() => (hasExited = true));
  });

  afterAll(async () => {
    await plugin?.shutdown();
    await demo?.stop();
  });

  const metric = async (name: string) => metricValue(await plugin.collectMetrics(), name);

  const residentBytes = () =>
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${plugin.pid}/status`, 'utf8'))?.[1]) * 1024;

  const formats: Array<[query: string, format: string, encoding: 'ARROW' | 'JSON']> = [
    ['numbers', 'table', 'ARROW'],
    ['numbers', 'table', 'JSON'],
    ['lines', 'table', 'ARROW'],
    ['lines', 'logs', 'ARROW'],
    ['lines', 'logs', 'JSON'],
    ['words', 'table', 'ARROW'],
    ['words', 'table', 'JSON'],
    ['points', 'time_series', 'ARROW'],
    ['points', 'time_series', 'JSON'],
    ['series', 'time_series', 'ARROW'],
  ];

  it.each(formats)('truncates or rejects %s as %s in %s, and names the limit', async (query, format, encoding) => {
    const { responses } = await plugin.queryData({
      pluginContext: pluginContext(source()),
      format: DataFrameFormat[encoding],
      queries: [dataQuery('A', { query: `FROM ${query}`, format, ...ALL } as object)],
    });
    const shown =
      responses.A.error !== ''
        ? responses.A.error
        : encoding === 'JSON'
          ? Buffer.from(responses.A.frames[0].subarray(0, 4000)).toString()
          : noticesOf(responses.A).join(' ');
    expect(shown).toMatch(/one result may (take 32 MB of memory|have 20 million values)/);
    expect(hasExited).toBe(false);
    expect(await metric('micromegas_memory_held_bytes')).toBe(0);
  });

  it('returns results one after the other if they do not fit into memory at the same time', async () => {
    const rejectedBefore = await metric('micromegas_memory_refusals_total');
    const asked = Array.from({ length: 12 }, () => runQuery(plugin, source(), { query: 'FROM numbers 100', ...ALL }));
    const responses = await Promise.all(asked);
    expect(responses.map(({ error }) => error)).toEqual(new Array(12).fill(''));
    expect(new Set(responses.map((response) => onlyFrame(response).rowCount))).toEqual(new Set([100 * BATCH_ROWS]));
    expect(await metric('micromegas_memory_held_bytes')).toBe(0);
    expect(await metric('micromegas_memory_refusals_total')).toBe(rejectedBefore);
  });

  it('runs a small query after many large concurrent queries', async () => {
    const large = Array.from({ length: 12 }, (_, index) =>
      runQuery(plugin, source(), { query: `FROM ${['numbers', 'lines'][index % 2]}`, format: 'table', ...ALL })
    );
    const responses = await Promise.all(large);
    for (const { error, frames, status } of responses) {
      // The response is truncated, or it is the error for too little memory.
      expect(error === '' ? frames.length : `${status} ${error}`).toEqual(
        error === '' ? 1 : expect.stringMatching(/^503 The data source has no memory left/)
      );
    }
    expect(responses.some(({ error }) => error === '')).toBe(true);
    expect(onlyFrame(await runQuery(plugin, source(), { query: 'FROM numbers 1', ...ALL })).rowCount).toBe(BATCH_ROWS);
    expect(await metric('micromegas_memory_held_bytes')).toBe(0);
    expect(await metric('micromegas_memory_waiting_queries')).toBe(0);
    expect(hasExited).toBe(false);
  });

  it.each([
    ['table', "SELECT range AS n, repeat('x', 500) AS text FROM range(10000000)"],
    ['logs', "SELECT TIMESTAMP '2026-01-01' + to_seconds(range) AS time, repeat('x', 500) AS msg FROM range(10000000)"],
    ['time_series', "SELECT TIMESTAMP '2026-01-01' + to_seconds(range) AS time, range AS n FROM range(10000000)"],
  ])('truncates a result of the lakehouse, as %s', async (format, query) => {
    const response = await runQuery(plugin, lake, { query, format, ...ALL } as object);
    expect(noticesOf(response).join(' ')).toMatch(/one result may take 32 MB of memory/);
    expect(hasExited).toBe(false);
  });

  it.each(['table', 'logs', 'time_series'])(
    'rejects a single row that is larger than the limit, as %s',
    async (format) => {
      const query = "SELECT TIMESTAMP '2026-01-01' AS time, repeat('x', 3000000) AS msg, 1 AS n";
      const limited = { ...lake, uid: 'limited', jsonData: { ...lake.jsonData, maxAnswerMegabytes: 2 } };
      const response = await runQuery(plugin, limited, { query, format, ...ALL } as object);
      expect(response).toMatchObject({
        status: 413,
        error: expect.stringMatching(
          /Not even the first row fits into the limit: the size limit of the data source, 2 MB/
        ),
      });
    }
  );

  it('truncates a time series in descending order, with a notice', async () => {
    const query = `SELECT TIMESTAMP '2026-01-01' - to_seconds(range // 4) AS time, 'host ' || (range % 4) AS host, range AS n
      FROM range(10000000)`;
    const response = await runQuery(plugin, lake, { query, format: 'time_series', ...ALL });
    expect(noticesOf(response).join(' ')).toMatch(/one result may take 32 MB of memory/);
    expect(Object.keys(onlyFrame(response).types)).toHaveLength(2);
    expect(hasExited).toBe(false);
  });

  it('keeps the memory of the process small', () => {
    expect(residentBytes()).toBeLessThan(300 * 1024 * 1024);
  });
});
