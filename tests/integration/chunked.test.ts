/**
 * Responses in parts (QueryChunkedData) and responses in JSON, over the plugin protocol. The parts contain the same
 * rows as a whole response in the same format, Arrow or JSON.
 */
import { tableFromIPC, type Table } from 'apache-arrow';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { DataFrameFormat, type QueryChunkedDataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { startDemoServices, type DemoServices } from '../support/demo-services';
import { BATCH_ROWS, startEndlessServer, type EndlessServer } from '../support/endless-server';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const ALL = { version: 2, autoLimit: false, timeFilter: false };

let demo: DemoServices;
let server: EndlessServer;
let plugin: PluginProcess;
let lake: Source;
let endless: Source;

beforeAll(async () => {
  [demo, server, plugin] = await Promise.all([startDemoServices(), startEndlessServer(), startBuiltPlugin()]);
  lake = {
    uid: 'lake',
    jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
    secureJsonData: { token: demo.apiKey },
  };
  endless = { uid: 'endless', jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none' } };
}, 60_000);

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
  await demo?.stop();
});

type Models = Record<string, MicromegasQueryFields>;

function requestFor(source: Source, models: Models, format: DataFrameFormat) {
  const queries = Object.entries(models).map(([refId, model]) => dataQuery(refId, { ...ALL, ...model }));
  return { pluginContext: pluginContext(source), queries, format };
}

const chunksOf = (source: Source, models: Models, format = DataFrameFormat.ARROW) =>
  plugin.queryChunkedData(requestFor(source, models, format));

/** The members of a JSON frame that these tests read. */
interface JsonFrame {
  schema?: {
    refId: string;
    meta?: Record<string, unknown>;
    fields: Array<{ name: string; typeInfo: { frame: string } }>;
  };
  data: { values: unknown[][]; nanos?: unknown; entities?: unknown };
}

const jsonFrame = (bytes: Uint8Array): JsonFrame => JSON.parse(Buffer.from(bytes).toString());

const FORMATS: Array<[name: string, model: MicromegasQueryFields]> = [
  ['a table', { query: 'SELECT * FROM log_entries ORDER BY time, msg LIMIT 9000' }],
  [
    'logs',
    { query: 'SELECT time, level, msg, properties FROM log_entries ORDER BY time, msg LIMIT 9000', format: 'logs' },
  ],
  ['time series', { query: 'SELECT time, name, value FROM measures ORDER BY time LIMIT 9000', format: 'time_series' }],
  ['a large table', { query: "SELECT range AS n, repeat('x', 100) AS text FROM range(20000) ORDER BY n" }],
];

describe('a response in parts', () => {
  it.each(FORMATS)('contains the rows of %s', async (_name, model) => {
    const whole = await runQuery(plugin, lake, { ...ALL, ...model });
    const chunks = await chunksOf(lake, { A: model });
    expect(new Set(chunks.map(({ refId, frameId, status }) => `${refId} ${frameId} ${status}`)).size).toBe(1);
    const tables = chunks.map(({ frame }) => tableFromIPC(frame));
    const schemas = tables.map(({ schema }) => JSON.stringify([schema.fields.map(String), [...schema.metadata]]));
    expect(new Set(schemas).size).toBe(1);
    const [expected] = whole.frames.map((frame) => arrowTable(frame));
    expect(tables.reduce((sum, { numRows }) => sum + numRows, 0)).toBe(expected.numRows);
    for (const [index, { name }] of expected.schema.fields.entries()) {
      const values = tables.flatMap((table) => columnOf(table, index));
      expect([name, values]).toEqual([name, columnOf(expected, index)]);
    }
  });

  it.each(FORMATS)('contains the rows of %s in JSON, with the schema in the first part only', async (_name, model) => {
    const whole = await wholeJson(model);
    const chunks = await chunksOf(lake, { A: model }, DataFrameFormat.JSON);
    expect(chunks.every(({ format }) => format === DataFrameFormat.JSON)).toBe(true);
    const [first, ...later] = chunks.map(({ frame }) => jsonFrame(frame));
    expect(first.schema?.fields).toEqual(whole.schema?.fields);
    expect(later.every((part) => Object.keys(part).join() === 'data')).toBe(true);
    const values = whole.data.values.map((_, index) => [first, ...later].flatMap((part) => part.data.values[index]));
    expect(values).toEqual(whole.data.values);
  });

  it('interleaves several queries, and fails only the query with an error', async () => {
    const chunks = await chunksOf(endless, {
      A: { query: 'FROM numbers 40' },
      B: { query: 'FROM numbers 2 fail' },
      C: { query: 'FROM numbers 40' },
    });
    const rowsOf = (refId: string) =>
      chunks
        .filter((chunk) => chunk.refId === refId && chunk.frameId === 'rows')
        .reduce((sum, { frame }) => sum + tableFromIPC(frame).numRows, 0);
    expect([rowsOf('A'), rowsOf('C')]).toEqual([40 * BATCH_ROWS, 40 * BATCH_ROWS]);
    expect(rowsOf('B')).toBeGreaterThan(0);
    const order = chunks.map(({ refId }) => refId).join('');
    expect(order.indexOf('C')).toBeLessThan(order.lastIndexOf('A'));
    const errors = chunks.filter(({ error }) => error !== '');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ refId: 'B', frameId: 'error', status: 400, errorSource: 'downstream' });
    expect(metaOf(errors[0])).toMatchObject({
      executedQueryString: 'FROM numbers 2 fail',
      custom: { code: 'query_failed' },
    });
  });

  it('ends at a row limit, with a last frame that names the limit', async () => {
    const chunks = await chunksOf(endless, { A: { query: 'FROM numbers', rowLimit: 100_000 } });
    const rows = chunks.reduce((sum, { frame }) => sum + tableFromIPC(frame).numRows, 0);
    expect(rows).toBe(100_000);
    expect(chunks.at(-1)?.frameId).toBe('notices');
    const [notice] = metaOf(chunks[chunks.length - 1]).notices ?? [];
    expect(notice.text).toMatch(/^Showing the first 100,000 rows: the row limit of the query/);
  });

  it('streams a result that is larger than the memory budget', async () => {
    const small = await startBuiltPlugin({ GF_PLUGIN_MEMORY_BUDGET_MB: '32', NODE_OPTIONS: '--max-old-space-size=48' });
    const models = { A: { query: 'FROM numbers 1000' } };
    const huge = { ...endless, jsonData: { ...endless.jsonData, maxRows: 1e9 } };
    try {
      const chunks = await small.queryChunkedData(requestFor(huge, models, DataFrameFormat.ARROW));
      // A result that is not streamed may take 16 MiB, half of the budget.
      expect(chunks.reduce((sum, { frame }) => sum + frame.length, 0)).toBeGreaterThan(190_000_000);
      expect(chunks.some(({ frameId }) => frameId !== 'rows')).toBe(false);
      expect(metricValue(await small.collectMetrics(), 'micromegas_memory_held_bytes')).toBe(0);
    } finally {
      await small.shutdown();
    }
  });

  it('is one frame without fields if the result has no rows', async () => {
    const chunks = await chunksOf(lake, { A: { query: 'SELECT time FROM log_entries WHERE 1 = 0' } });
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({ status: 200, error: '' });
    expect(tableFromIPC(chunks[0].frame).schema.fields).toEqual([]);
  });

  it('reports invalid settings for each query', async () => {
    const chunks = await chunksOf({ jsonData: {}, user: ADA }, { A: { query: 'SELECT 1' }, B: { query: 'SELECT 1' } });
    expect(chunks.map(({ refId, status }) => [refId, status])).toEqual([
      ['A', 400],
      ['B', 400],
    ]);
    expect(chunks[0].error).toMatch(/Host: Enter the address/);
  });
});

describe('a response in JSON', () => {
  it('has the types and values of the result', async () => {
    const model = {
      query: `SELECT 9223372036854775807 AS big, 'NaN'::double AS n, 'Infinity'::double AS inf, NULL AS nothing, true AS yes,
        TIMESTAMP '1969-12-31 23:59:59.9999995' AS early, 'a "quoted" é' AS text`,
    };
    const frame = await wholeJson(model);
    expect(frame.schema?.fields.map(({ name, typeInfo }) => [name, typeInfo.frame])).toEqual([
      ['big', 'int64'],
      ['n', 'float64'],
      ['inf', 'float64'],
      ['nothing', expect.any(String)],
      ['yes', 'bool'],
      ['early', 'time.Time'],
      ['text', 'string'],
    ]);
    expect(frame.data.values.slice(1).map(([value]) => value)).toEqual([null, null, null, true, -1, 'a "quoted" é']);
    expect(frame.data.entities).toEqual([null, { NaN: [0] }, { Inf: [0] }, null, null, null, null]);
  });

  it('contains every digit of big integers', async () => {
    const request = requestFor(lake, { A: { query: 'SELECT 9223372036854775807 AS big' } }, DataFrameFormat.JSON);
    const { responses } = await plugin.queryData(request);
    expect(Buffer.from(responses.A.frames[0]).toString()).toContain('[9223372036854775807]');
  });

  it('contains the frame of a failed query', async () => {
    const request = requestFor(lake, { A: { query: 'SELEC 1' } }, DataFrameFormat.JSON);
    const { A } = (await plugin.queryData(request)).responses;
    expect(A).toMatchObject({ status: 400, format: DataFrameFormat.JSON });
    expect(jsonFrame(A.frames[0]).schema?.meta).toMatchObject({ executedQueryString: 'SELEC 1' });
  });
});

async function wholeJson(model: MicromegasQueryFields): Promise<JsonFrame> {
  const { A } = (await plugin.queryData(requestFor(lake, { A: model }, DataFrameFormat.JSON))).responses;
  expect(A).toMatchObject({ status: 200, error: '', format: DataFrameFormat.JSON });
  return jsonFrame(A.frames[0]);
}

/** Values as strings, which are exact and fast to compare. */
function columnOf(table: Table, index: number): string[] {
  return Array.from({ length: table.numRows }, (_, row) => String(table.getChildAt(index)?.get(row)));
}

interface Meta {
  notices?: Array<{ text: string }>;
  executedQueryString?: string;
  custom?: object;
}

function metaOf({ frame }: QueryChunkedDataResponse): Meta {
  return JSON.parse(tableFromIPC(frame).schema.metadata.get('meta') ?? '{}');
}

expectNoSecretsAtEnd();
