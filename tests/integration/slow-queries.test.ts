/** Tests the log lines about slow queries. The server responds when a test tells it to. */
import { Int32, Table, vectorFromArray } from 'apache-arrow';
import { startPlugin, type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import {
  type DataCall,
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, launcherPath, NODE_ENVIRONMENT, pluginContext } from '../support/plugin';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let server: TestServer;
/** The call that waits for its response. */
let held: PromiseWithResolvers<DataCall>;

beforeAll(async () => {
  server = await startFlightServer({ doGet: (_ticket, call) => held.resolve(call) });
});

beforeEach(() => {
  held = Promise.withResolvers();
});

afterAll(() => server.kill());

const request = () => ({
  pluginContext: pluginContext({
    uid: 'lake',
    jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none' },
    user: ADA,
  }),
  headers: { 'http_X-Dashboard-Uid': 'sales', 'http_X-Panel-Id': '7' },
  queries: [dataQuery('A', { version: 2, autoLimit: false, timeFilter: false, query: 'SELECT needle' })],
});

/** Runs a slow query: its response begins only after the plugin has completed another call. */
async function askSlowly(plugin: PluginProcess): Promise<void> {
  const response = plugin.queryData(request(), { metadata: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` } });
  const call = await held.promise;
  await plugin.collectMetrics();
  const table = new Table({ n: vectorFromArray([1, 2], new Int32()) });
  finish(call, ...messagesOf(table).map(({ header, body }) => flightData(header, body)));
  expect((await response).responses.A.status).toBe(200);
}

/** Starts a plugin that logs each query as slow. `line` is the first log line about a slow query. */
async function startWithLine(): Promise<{ plugin: PluginProcess; line: Promise<string> }> {
  const logged = Promise.withResolvers<string>();
  const plugin = await startPlugin({
    executable: launcherPath(),
    env: { ...NODE_ENVIRONMENT, GF_PLUGIN_SLOW_QUERY_SECONDS: '0.0001' },
    onLog: ({ raw }) => {
      if (raw.includes('Slow query')) {
        logged.resolve(raw);
      }
    },
  });
  return { plugin, line: logged.promise };
}

it('a line about a slow query has its stages and its origin, but not its SQL or its user', async () => {
  const { plugin, line: logged } = await startWithLine();
  await askSlowly(plugin);
  const line = await logged;
  await plugin.shutdown();
  expect(JSON.parse(line)).toEqual({
    '@level': 'warn',
    '@message': 'Slow query',
    '@timestamp': expect.any(String),
    seconds: expect.any(Number),
    code: 'ok',
    rows: 2,
    bytes: expect.any(Number),
    stagesMs: {
      first_batch: expect.any(Number),
      receive: expect.any(Number),
      convert: expect.any(Number),
      send: expect.any(Number),
    },
    orgId: 1,
    dsUid: 'lake',
    entrypoint: 'dashboard',
    dashboardUid: 'sales',
    panelId: '7',
    refId: 'A',
    traceId: TRACE,
  });
  const above = plugin.logs.filter(({ raw }) => !raw.includes('"@level":"debug"')).map(({ raw }) => raw);
  expect(above.join('\n')).not.toMatch(/needle|ada|lovelace/i);
});

it.each(['queryData', 'queryChunkedData'] as const)(
  '%s: a query whose caller disconnects is logged as slow too',
  async (method) => {
    const { plugin, line } = await startWithLine();
    const caller = new AbortController();
    const left = expect(plugin[method](request(), { signal: caller.signal })).rejects.toMatchObject({ code: 1 });
    await held.promise;
    expect(metricValue(await plugin.collectMetrics(), 'micromegas_queries_running')).toBe(1);
    caller.abort();
    await left;
    expect(JSON.parse(await line)).toMatchObject({ code: 'query_cancelled', rows: 0, dashboardUid: 'sales' });
    expect(metricValue(await plugin.collectMetrics(), 'micromegas_queries_running')).toBe(0);
    await plugin.shutdown();
  }
);

it('there are no lines about slow queries if the setting is 0', async () => {
  const plugin = await startPlugin({
    executable: launcherPath(),
    env: { ...NODE_ENVIRONMENT, GF_PLUGIN_SLOW_QUERY_SECONDS: '0' },
  });
  await askSlowly(plugin);
  await plugin.shutdown();
  expect(plugin.logs.filter(({ raw }) => raw.includes('Slow query'))).toEqual([]);
  expect(plugin.logs.some(({ raw }) => raw.includes('A query was completed'))).toBe(true);
});
