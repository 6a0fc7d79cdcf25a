/**
 * Tests that all statements of a query share one deadline, over the plugin protocol. The server responds when the test
 * tells it to.
 */
import { type ServerHttp2Stream } from 'node:http2';
import { tableFromArrays } from 'apache-arrow';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { flightData } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { conclude, prefixed, startHttp2Server } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { readFrames } from '../support/frames';
import { runQuery, type Source, startBuiltPlugin } from '../support/plugin';

const TRACE = {
  version: 2,
  queryType: 'traces',
  traces: { view: 'trace', traceId: 'ab'.repeat(16) },
} as const;

/** Result of the first statement: the processes whose spans the second statement reads. */
const PROCESSES = messagesOf(
  tableFromArrays({
    process_id: ['0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01'],
    exe: ['app'],
    last_seen: BigInt64Array.of(1n),
  })
);

let plugin: PluginProcess;

beforeAll(async () => {
  plugin = await startBuiltPlugin();
});

afterEach(endLoopback);
afterAll(() => plugin.shutdown());

/** Calls that together take some milliseconds. */
async function letTimePass(): Promise<void> {
  for (let call = 0; call < 20; call++) {
    await plugin.collectMetrics();
  }
}

it('gives the second statement the remaining time, and fails at the limit', async () => {
  const first = Promise.withResolvers<ServerHttp2Stream>();
  const { port, calls } = await startHttp2Server((stream) => first.resolve(stream));
  const jsonData: Source['jsonData'] = {
    host: `127.0.0.1:${port}`,
    selectedAuthType: 'none',
    queryTimeoutSeconds: 1,
  };
  const running = runQuery(plugin, { jsonData }, TRACE);
  const stream = await first.promise;
  await letTimePass();
  const rows = PROCESSES.map(({ header, body }) => prefixed(flightData(header, body)));
  conclude(stream, Buffer.concat(rows), { 'grpc-status': '0' });
  const response = await running;
  expect([response.status, Object(readFrames(response)[0]?.meta.custom).code]).toEqual([504, 'query_timeout']);
  expect(response.error).toContain('limit 1 s');
  // After the late statement, a probe of the server may follow.
  const timeouts = calls
    .filter((headers) => headers['x-client-entrypoint'] !== 'probe')
    .map((headers) => Number(/^(\d+)m$/.exec(String(headers['grpc-timeout']))?.[1]));
  expect(timeouts).toHaveLength(2);
  expect(timeouts[0]).toBeLessThanOrEqual(1000);
  expect(timeouts[1]).toBeLessThan(timeouts[0]);
});
