/**
 * Tests the data for the query inspector over the plugin protocol. A result has statistics. A failure has the server's
 * query id, even if it follows the first rows.
 */
import { Int32, Table, tableFromIPC, vectorFromArray } from 'apache-arrow';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { DataFrameFormat } from '../../proxy/generated/pluginv2/backend_pb';
import { startDemoServices, type DemoServices } from '../support/demo-services';
import { startEndlessServer, type EndlessServer } from '../support/endless-server';
import { onlyFrame, readFrames } from '../support/frames';
import { dataQuery, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';

const ALL = { version: 2, autoLimit: false, timeFilter: false };
const QUERY_ID = /^[0-9a-f-]{36}$/;

let demo: DemoServices;
let failing: EndlessServer;
let multiEndpoint: TestServer;
let plugin: PluginProcess;

beforeAll(async () => {
  [demo, failing, multiEndpoint, plugin] = await Promise.all([
    startDemoServices(),
    startEndlessServer(),
    startFlightServer({
      endpoints: [{ ticket: '1' }, { ticket: '2' }, { ticket: '3' }],
      doGet: (ticket, call) => finish(call, ...partOf(Number(ticket))),
    }),
    startBuiltPlugin(),
  ]);
}, 60_000);

afterAll(async () => {
  await plugin?.shutdown();
  multiEndpoint?.kill();
  failing?.kill();
  await demo?.stop();
});

function partOf(number: number): Buffer[] {
  const table = new Table({ n: vectorFromArray([number], new Int32()) });
  return messagesOf(table).map(({ header, body }) => flightData(header, body));
}

const lake = (): Source => ({
  uid: 'lake',
  jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
  secureJsonData: { token: demo.apiKey },
});

const openServer = ({ port }: { port: number }): Source => ({
  uid: `open-${port}`,
  jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none' },
});

interface Stat {
  displayName: string;
  value: number;
}

interface Meta {
  stats?: Stat[];
  custom?: unknown;
}

const valuesOf = ({ stats = [] }: Meta) =>
  Object.fromEntries(stats.map(({ displayName, value }) => [displayName, value]));

function request(source: Source, query: string, format: DataFrameFormat) {
  return { pluginContext: pluginContext(source), queries: [dataQuery('A', { ...ALL, query })], format };
}

describe('statistics of a result', () => {
  it('contain the numbers of rows, bytes and endpoints', async () => {
    const frame = onlyFrame(await runQuery(plugin, lake(), { ...ALL, query: 'SELECT range AS n FROM range(20)' }));
    const stats = valuesOf(frame.meta);
    expect(stats).toMatchObject({ 'Rows received': 20, Endpoints: 1 });
    expect(stats['Bytes received']).toBeGreaterThan(20 * 8);
    for (const name of ['Time to first rows', 'Time waiting for Micromegas', 'Time in the data source']) {
      expect([name, stats[name]]).toEqual([name, expect.any(Number)]);
    }
    // An API key has no age.
    expect(stats).not.toHaveProperty('Age of the access token');
    expect(frame.meta.custom).not.toHaveProperty('limit');
  });

  it('contain the number of endpoints of a distributed result', async () => {
    const frame = onlyFrame(await runQuery(plugin, openServer(multiEndpoint), { ...ALL, query: 'SELECT 1' }));
    expect(frame.column('n')).toEqual([1, 2, 3]);
    expect(valuesOf(frame.meta)).toMatchObject({ 'Rows received': 3, Endpoints: 3 });
  });

  it('are in the first part of a response in parts', async () => {
    const chunks = await plugin.queryChunkedData(request(openServer(multiEndpoint), 'SELECT 1', DataFrameFormat.JSON));
    const first: { schema: { meta: Meta } } = JSON.parse(Buffer.from(chunks[0].frame).toString());
    expect(valuesOf(first.schema.meta).Endpoints).toBe(3);
  });
});

describe('the id of a failed query', () => {
  it('is in the metadata if the query fails before its first rows', async () => {
    const [frame] = readFrames(await runQuery(plugin, lake(), { ...ALL, query: 'SELECT nope FROM log_entries' }));
    expect(frame.meta.custom).toMatchObject({
      code: 'query_invalid',
      queryId: expect.stringMatching(QUERY_ID),
      position: { line: 1, column: 8, offset: 7 },
    });
  });

  it('is in the metadata if the query fails after its first rows', async () => {
    const [frame] = readFrames(await runQuery(plugin, openServer(failing), { ...ALL, query: 'FROM numbers 2 fail' }));
    expect(frame.meta.custom).toMatchObject({ code: 'query_failed', queryId: '1-2' });
  });

  it('is in the last part of a response in parts', async () => {
    const chunks = await plugin.queryChunkedData(
      request(openServer(failing), 'FROM numbers 2 fail', DataFrameFormat.ARROW)
    );
    expect(chunks.length).toBeGreaterThan(1);
    const { schema } = tableFromIPC(chunks[chunks.length - 1].frame);
    const meta: Meta = JSON.parse(schema.metadata.get('meta') ?? '{}');
    expect(meta.custom).toMatchObject({ code: 'query_failed', queryId: '1-2' });
  });
});
