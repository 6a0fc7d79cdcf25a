/**
 * Responses in JSON and the memory budget of the process, over the plugin protocol. The budget counts the JSON of these
 * responses like received data. The budget of these tests is large enough for the same responses in Arrow.
 */
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { DataFrameFormat, type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { BATCH_ROWS, startEndlessServer, type EndlessServer } from '../support/endless-server';
import { onlyFrame } from '../support/frames';
import { metricValue } from '../support/metrics';
import { dataQuery, pluginContext, startBuiltPlugin, type Source } from '../support/plugin';

const ALL = { version: 2, autoLimit: false, timeFilter: false };
const BATCHES = 40;

let server: EndlessServer;
let plugin: PluginProcess;
let source: Source;

beforeAll(async () => {
  // The limit of one response is 16 MB. In Arrow, the response takes 8 MB, and 4 MB are for data that the server sends
  // ahead.
  [server, plugin] = await Promise.all([startEndlessServer(), startBuiltPlugin({ GF_PLUGIN_MEMORY_BUDGET_MB: '32' })]);
  source = { jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none' } };
}, 60_000);

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
});

const request = (query: string, format: DataFrameFormat) => ({
  pluginContext: pluginContext(source),
  queries: [dataQuery('A', { ...ALL, query })],
  format,
});

interface JsonFrame {
  schema?: { meta: { notices?: Array<{ text: string }> } };
  data: { values: unknown[][] };
}

const jsonFrame = (bytes: Uint8Array): JsonFrame => JSON.parse(Buffer.from(bytes).toString());
const rowsOf = ({ data }: JsonFrame) => data.values[0]?.length ?? 0;

const responseIn = async (format: DataFrameFormat, query = `FROM numbers ${BATCHES}`): Promise<DataResponse> =>
  (await plugin.queryData(request(query, format))).responses.A;

async function expectNothingHeld(): Promise<void> {
  expect(metricValue(await plugin.collectMetrics(), 'micromegas_memory_held_bytes')).toBe(0);
}

it('truncates a response whose JSON is too large, with a notice, and frees its memory', async () => {
  const arrow = onlyFrame(await responseIn(DataFrameFormat.ARROW));
  expect(arrow.rowCount).toBe(BATCHES * BATCH_ROWS);
  expect(arrow.meta.notices).toBeUndefined();

  const { error, frames } = await responseIn(DataFrameFormat.JSON);
  expect(error).toBe('');
  const json = jsonFrame(frames[0]);
  expect(rowsOf(json)).toBeGreaterThan((BATCHES / 2) * BATCH_ROWS);
  expect(rowsOf(json)).toBeLessThan(BATCHES * BATCH_ROWS);
  expect(json.schema?.meta.notices?.map(({ text }) => text)).toEqual([
    expect.stringMatching(/one result may take 16 MB/),
  ]);
  await expectNothingHeld();
});

it('frees the JSON of a part when Grafana has read it', async () => {
  const chunks = await plugin.queryChunkedData(request(`FROM numbers ${BATCHES}`, DataFrameFormat.JSON));
  expect(chunks.every(({ error, frameId }) => error === '' && frameId === 'rows')).toBe(true);
  const rows = chunks.reduce((sum, { frame }) => sum + rowsOf(jsonFrame(frame)), 0);
  expect(rows).toBe(BATCHES * BATCH_ROWS);
  await expectNothingHeld();
});

it('returns all of eight responses that are requested at the same time', async () => {
  const responses = await Promise.all(
    Array.from({ length: 8 }, () => responseIn(DataFrameFormat.JSON, 'FROM numbers 25'))
  );
  expect(responses.map(({ error }) => error)).toEqual(responses.map(() => ''));
  expect(responses.map(({ frames }) => rowsOf(jsonFrame(frames[0])))).toEqual(responses.map(() => 25 * BATCH_ROWS));
  await expectNothingHeld();
});
