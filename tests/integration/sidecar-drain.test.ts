/**
 * Tests how a sidecar stops while queries run, over the plugin protocol. The server responds when the test tells it to.
 */
import { type ServerHttp2Stream } from 'node:http2';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromArrays } from 'apache-arrow';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { flightData } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { conclude, prefixed, startHttp2Server } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { type Sidecar, startSidecar } from '../support/sidecar';

const ROWS = messagesOf(tableFromArrays({ n: Int32Array.of(7) }));
const UNAVAILABLE = 14;
const DRAINS = 'The backend of the plugin stops';

let folder: string;
let listenAt: string;
const sidecars: Sidecar[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drain-'));
  listenAt = `unix:${join(folder, 's')}`;
});

afterEach(async () => {
  for (const sidecar of sidecars.splice(0)) {
    sidecar.close();
    sidecar.signal('SIGKILL');
    await sidecar.exited;
  }
  rmSync(folder, { recursive: true });
  await endLoopback();
});

async function start(env: Record<string, string> = {}, at = listenAt): Promise<Sidecar> {
  const sidecar = await startSidecar(at, env);
  sidecars.push(sidecar);
  return sidecar;
}

/** A query whose statement runs at the server. `finish` makes the server send the result. */
async function runningQuery(sidecar: Sidecar) {
  const arrived = Promise.withResolvers<ServerHttp2Stream>();
  const { port } = await startHttp2Server((stream) => arrived.resolve(stream));
  const response = runQuery(
    sidecar,
    { jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none' } },
    { query: 'SELECT 7 AS n', format: 'table' }
  );
  const stream = await arrived.promise;
  const rows = ROWS.map(({ header, body }) => prefixed(flightData(header, body)));
  return { response, finish: () => conclude(stream, Buffer.concat(rows), { 'grpc-status': '0' }) };
}

it('finishes its queries after SIGTERM, and accepts no others', async () => {
  const sidecar = await start();
  const { response, finish } = await runningQuery(sidecar);
  sidecar.signal();
  expect(JSON.parse((await sidecar.line(DRAINS)).raw)).toMatchObject({
    '@level': 'info',
    why: 'SIGTERM',
    calls: 1,
    waitsAtMostSeconds: 25,
  });
  await sidecar.collectMetrics().catch(() => undefined);
  await expect(sidecar.collectMetrics()).rejects.toMatchObject({ code: UNAVAILABLE });
  finish();
  const result = await response;
  expect([result.status, readFrames(result)[0].column('n')]).toEqual([200, [7]]);
  expect(await sidecar.exited).toBe(0);
});

it('stops queries that take longer, with an error of their own', async () => {
  const sidecar = await start({ GF_PLUGIN_DRAIN_SECONDS: '0.2' });
  const { response } = await runningQuery(sidecar);
  sidecar.signal();
  const stopped = await response;
  expect([stopped.status, Object(readFrames(stopped)[0]?.meta.custom).code]).toEqual([503, 'backend_stopped']);
  expect(stopped.error).toContain('Run the query again.');
  expect(await sidecar.exited).toBe(0);
  expect(await sidecar.line('Calls were stopped, because they did not end in time')).toMatchObject({ level: 'warn' });
});

it('does not wait after a second signal', async () => {
  const sidecar = await start({ GF_PLUGIN_DRAIN_SECONDS: '600' });
  const { response } = await runningQuery(sidecar);
  sidecar.signal();
  await sidecar.line(DRAINS);
  sidecar.signal('SIGINT');
  expect(await response).toMatchObject({ status: 503 });
  expect(await sidecar.exited).toBe(0);
});

it.each([
  ['a unix socket', () => listenAt, {}],
  ['a TCP port', () => '127.0.0.1:0', { GF_PLUGIN_PROXY_HANDOVER: 'true' }],
])('hands over %s to a successor without a failed call', async (_, at, env) => {
  const first = await start(env, at());
  const { response, finish } = await runningQuery(first);
  const successor = await start(
    { GF_PLUGIN_PROXY_HANDOVER: 'true' },
    first.address.startsWith('unix:') ? listenAt : first.address
  );
  first.signal();
  // The client of the first sidecar calls all the time, as Grafana does.
  let calls = 0;
  let hasEnded = false;
  void first.exited.then(() => (hasEnded = true));
  const callAll = async () => {
    for (let isOver = false; !isOver || calls < 100; calls++) {
      await first.collectMetrics();
      isOver = hasEnded;
    }
  };
  const calling = callAll();
  await first.line(DRAINS);
  finish();
  expect((await response).status).toBe(200);
  await calling;
  expect(await first.exited).toBe(0);
  expect(await successor.collectMetrics()).toContain('micromegas_queries_running');
});

it('logs routine lines only at level debug', async () => {
  const run = async (env: Record<string, string>) => {
    const sidecar = await start(env);
    const { response, finish } = await runningQuery(sidecar);
    finish();
    await response;
    sidecar.signal();
    await sidecar.exited;
    return new Set(sidecar.logs.map(({ level }) => level));
  };
  expect(await run({})).toEqual(new Set(['info']));
  expect(await run({ GF_PLUGIN_LOG_LEVEL: 'debug' })).toEqual(new Set(['info', 'debug']));
});

it('exits at once without queries', async () => {
  const sidecar = await start({ GF_PLUGIN_DRAIN_SECONDS: '600' });
  void sidecar.openStdio();
  await sidecar.collectMetrics();
  sidecar.signal();
  expect(await sidecar.exited).toBe(0);
});
