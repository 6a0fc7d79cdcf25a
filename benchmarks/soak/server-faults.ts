/**
 * Runs 200 panels at once while the server is killed, stopped and loses its connections. Afterwards, the backend must
 * have no query, memory or slot of the time of the faults.
 */
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { randomIntegers } from '../../proxy/sql/macros/testing/random-numbers';
import { metricValue } from '../../tests/support/metrics';
import { ADA, runQuery, type Source } from '../../tests/support/plugin';
import { startRelay, type Relay } from '../../tests/support/relay';
import { type Inspector } from '../inspected-plugin';
import { type ServerProcess, startServer } from '../server/start-server';

const PANELS = 200;
const PORT = 0;
/** Queries in a round that must all succeed after the faults: more than there are slots. */
const AFTERWARDS = 200;
const DASHBOARD = { 'x-dashboard-uid': 'd' };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Causes faults until the time is over. The server runs at the end. */
async function causeFaults(
  server: { process: ServerProcess },
  relay: Relay,
  seconds: number
): Promise<Record<string, number>> {
  const below = randomIntegers(38);
  const counts = { kills: 0, stops: 0, resets: 0 };
  const port = Number(server.process.host.split(':')[1]);
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    await pause(below(800));
    const fault = below(4);
    if (fault === 0) {
      server.process.kill();
      await pause(below(500));
      server.process = await startServer('127.0.0.1', port);
      counts.kills++;
    } else if (fault === 1) {
      process.kill(server.process.pid, 'SIGSTOP');
      await pause(below(2000));
      process.kill(server.process.pid, 'SIGCONT');
      counts.stops++;
    } else {
      relay.reset();
      counts.resets++;
    }
  }
  return counts;
}

interface Outcomes {
  ok: number;
  errors: Map<string, number>;
}

/** Runs panels of several users one after the other until the signal aborts. */
async function runPanel(
  plugin: PluginProcess,
  source: Source,
  panel: number,
  isOver: () => boolean,
  outcomes: Outcomes
): Promise<void> {
  const user = { ...ADA, login: `user ${panel % 10}` };
  for (let round = 0; !isOver(); round++) {
    const rows = panel % 5 === 0 ? 200_000 : 1000;
    // Half of the panels share their statements with others.
    const sql = `SELECT ${panel % 2 === 0 ? round : `${panel}`} FROM points LIMIT ${rows}`;
    const headers = { ...DASHBOARD, 'x-panel-id': String(panel) };
    const signal = panel % 7 === 0 ? AbortSignal.timeout(200) : undefined;
    const error = await runQuery(
      plugin,
      { ...source, user },
      { version: 2, query: sql, format: 'table' },
      { headers, signal }
    ).then(
      (response) => response.error,
      (reason: unknown) => String((reason as { details?: string }).details ?? reason)
    );
    if (error === '') {
      outcomes.ok++;
    } else {
      const kind = error.replaceAll(/\d+/g, 'N').slice(0, 90);
      outcomes.errors.set(kind, (outcomes.errors.get(kind) ?? 0) + 1);
      await pause(50);
    }
  }
}

/** Prints what the backend holds before and after the faults. @param seconds Duration of the faults. */
export async function measureServerFaults(
  { plugin, inspector }: { plugin: PluginProcess; inspector: Inspector },
  seconds: number
): Promise<void> {
  const server = { process: await startServer('127.0.0.1', PORT) };
  const relay = await startRelay(Number(server.process.host.split(':')[1]));
  try {
    const jsonData = { host: `127.0.0.1:${relay.port}`, selectedAuthType: 'none' as const, queryTimeoutSeconds: 5 };
    const source: Source = { uid: 'faults', jsonData, user: ADA };
    const report = async (when: string) => {
      await pause(7000);
      const startedMs = performance.now();
      const panels = Array.from({ length: AFTERWARDS }, (_, panel) =>
        runQuery(
          plugin,
          { ...source, user: { ...ADA, login: `user ${panel % 10}` } },
          { version: 2, query: `SELECT ${panel} AS ${when} FROM points LIMIT 1000` }
        )
      );
      const failed = (await Promise.all(panels)).filter(({ error }) => error !== '').length;
      const tookMs = performance.now() - startedMs;
      await pause(7000);
      const exposition = await plugin.collectMetrics();
      const metric = (name: string) => metricValue(exposition, `micromegas_${name}`);
      console.log(
        `${when}: heap ${((await inspector.usedHeapBytes()) / 1e6).toFixed(2)} MB, held ${metric('memory_held_bytes')} bytes, ` +
          `waiting ${metric('memory_waiting_queries')}, running ${metric('queries_running')}, connections ${metric('connections_open')}; ` +
          `${AFTERWARDS} queries in ${tookMs.toFixed(0)} ms, ${failed} failed`
      );
    };
    await report('first');
    await report('before');
    let isOver = false;
    const outcomes: Outcomes = { ok: 0, errors: new Map() };
    const panels = Array.from({ length: PANELS }, (_, panel) =>
      runPanel(plugin, source, panel, () => isOver, outcomes)
    );
    const faults = await causeFaults(server, relay, seconds);
    isOver = true;
    await Promise.all(panels);
    console.log(
      `faults: ${JSON.stringify(faults)}; ${outcomes.ok} queries succeeded, errors: ${JSON.stringify(Object.fromEntries(outcomes.errors), null, 1)}`
    );
    await report('after');
    await report('later');
  } finally {
    await relay.close();
    server.process.kill();
  }
}
