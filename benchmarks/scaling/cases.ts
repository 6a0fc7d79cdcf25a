/** The cases of the scaling benchmark: `panels`, `sources` and `replicas`. Each case prints its results. */
import { startServer, type ServerProcess } from '../server/start-server';
import { startIdentityProvider } from './identity-provider';
import {
  connectionsTo,
  GrafanaReplica,
  totalOf,
  withApiKey,
  withServiceAccount,
  type DataSource,
} from './grafana-replica';
import { describeLoad, loadOf, sleep } from './load';

export interface ScalingOptions {
  /** An executable, or a folder with plugin.json. */
  plugin: string;
  /** Length of each load. */
  seconds: number;
  /** Number of data sources. */
  sources: number;
  /** Number of plugin processes. */
  replicas: number;
  perMinute: number;
  /** If true, the case waits until idle connections have closed, which takes more than three minutes. */
  idle: boolean;
  /** A host name with the addresses 127.0.0.1, 127.0.0.2 and 127.0.0.3. */
  name: string;
}

const PROVIDER = { delayMs: 100, lifetimeSeconds: 3600 };

const SMALL = 'SELECT time, value FROM points LIMIT 10';

/** The panels of a dashboard, which are queried in turn. */
const PANELS = [
  { sql: 'SELECT time, value FROM points LIMIT 1000', format: 'table' },
  { sql: 'SELECT time, name, value FROM series LIMIT 2000', format: 'time_series' },
  { sql: 'SELECT * FROM log_entries LIMIT 200', format: 'logs' },
] as const;

/** Idle connections are closed after this time. */
const IDLE_CLOSE_MS = 185_000;

/** Time for garbage collection after a load, before the memory is read. */
const SETTLE_MS = 5000;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function portOf({ host }: ServerProcess): number {
  return Number(host.split(':').at(-1));
}

/** Many panels per minute in one process. */
export async function panels({ plugin, seconds, perMinute }: ScalingOptions): Promise<void> {
  const server = await startServer();
  const replica = await GrafanaReplica.start(plugin);
  try {
    const source = withApiKey('panels', server.host);
    const requests = PANELS.map(({ sql, format }) => replica.request(source, sql, format));
    const run = (index: number) => replica.run(requests[index % requests.length] ?? new Uint8Array());
    await loadOf(perMinute / 60, 5, run);
    const before = replica.cpuMs;
    const result = await loadOf(perMinute / 60, seconds, run);
    const cpuMs = replica.cpuMs - before;
    console.log(`${perMinute} panels per minute, ${seconds} s: ${describeLoad(result)}`);
    console.log(
      `  CPU ${(cpuMs / result.timesMs.length).toFixed(2)} ms per panel, ${((cpuMs / seconds / 1000) * 100).toFixed(0)} % of a core; ` +
        `memory ${megabytes(replica.residentBytes)}, peak ${megabytes(replica.peakBytes)}; ` +
        `${totalOf(connectionsTo(portOf(server)))} connections`
    );
  } finally {
    await replica.stop();
    server.stop();
  }
}

async function allAtOnce(replica: GrafanaReplica, all: readonly DataSource[]): Promise<string> {
  const startedAt = performance.now();
  const cpuBefore = replica.cpuMs;
  const outcomes = await Promise.all(all.map((source) => replica.run(replica.request(source, SMALL))));
  const failed = outcomes.filter((error) => error !== '');
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const cpuMs = (replica.cpuMs - cpuBefore) / all.length;
  const firstError = failed.length > 0 ? `: ${failed[0]}` : '';
  return `all responses after ${seconds} s, ${cpuMs.toFixed(2)} ms CPU each, ${failed.length} failed${firstError}`;
}

/** Many data sources in one process: all are queried at once, then are idle, then are queried again. */
export async function sources(options: ScalingOptions): Promise<void> {
  const server = await startServer();
  const provider = await startIdentityProvider(PROVIDER);
  const kinds = [
    { name: 'API key', source: (uid: string) => withApiKey(uid, server.host) },
    { name: 'service account', source: (uid: string) => withServiceAccount(uid, server.host, provider.issuer) },
  ];
  try {
    for (const { name, source } of kinds) {
      await manySources(options, name, portOf(server), (count) =>
        Array.from({ length: count }, (_, index) => source(`${name.replace(' ', '-')}-${index}`))
      );
    }
    const { tokenRequests, maxRunning, mostPerSecond } = provider;
    console.log(`  token requests: ${tokenRequests}, at most ${maxRunning} at once and ${mostPerSecond} in a second`);
  } finally {
    provider.stop();
    server.stop();
  }
}

async function manySources(
  { plugin, sources: count, seconds, idle }: ScalingOptions,
  name: string,
  port: number,
  create: (count: number) => DataSource[]
): Promise<void> {
  const replica = await GrafanaReplica.start(plugin);
  try {
    const [first, ...others] = create(count + 1);
    for (let turn = 0; turn < 50 && first !== undefined; turn++) {
      await replica.run(replica.request(first, SMALL));
    }
    await sleep(SETTLE_MS);
    const baseBytes = replica.residentBytes;
    const outcome = await allAtOnce(replica, others);
    await sleep(SETTLE_MS);
    const bytes = replica.residentBytes;
    const kilobytes = ((bytes - baseBytes) / count / 1000).toFixed(0);
    console.log(`${count} data sources with ${name}: ${outcome}`);
    console.log(
      `  memory ${megabytes(baseBytes)} with one, ${megabytes(bytes)} with all: ${kilobytes} kB each, ` +
        `peak ${megabytes(replica.peakBytes)}; ${totalOf(connectionsTo(port))} connections`
    );
    const before = replica.cpuMs;
    await sleep(seconds * 1000);
    console.log(`  CPU while idle: ${((replica.cpuMs - before) / seconds).toFixed(1)} ms per second`);
    if (idle) {
      await sleep(IDLE_CLOSE_MS - seconds * 1000);
      console.log(
        `  after ${IDLE_CLOSE_MS / 1000} s without queries: ${totalOf(connectionsTo(port))} connections, ${megabytes(replica.residentBytes)}`
      );
    }
    console.log(`  again: ${await allAtOnce(replica, others)}`);
  } finally {
    await replica.stop();
  }
}

/** Several Grafana servers with the same data source. */
export async function replicas({ plugin, replicas: count, seconds, perMinute }: ScalingOptions): Promise<void> {
  const server = await startServer();
  const provider = await startIdentityProvider(PROVIDER);
  const all = await Promise.all(Array.from({ length: count }, () => GrafanaReplica.start(plugin)));
  try {
    const source = withServiceAccount('shared', server.host, provider.issuer);
    const requests = all.map((replica) => PANELS.map(({ sql, format }) => replica.request(source, sql, format)));
    const result = await loadOf(perMinute / 60, seconds, (index) => {
      const request = requests[index % count]?.[Math.floor(index / count) % PANELS.length];
      return all[index % count]?.run(request ?? new Uint8Array()) ?? Promise.resolve('no replica');
    });
    console.log(`${count} replicas, ${perMinute} panels per minute in total, ${seconds} s: ${describeLoad(result)}`);
    const memory = all.map((replica) => megabytes(replica.peakBytes)).join(', ');
    console.log(
      `  ${provider.tokenRequests} token requests; ${totalOf(connectionsTo(portOf(server)))} connections; peak memory ${memory}`
    );
  } finally {
    await Promise.all(all.map((replica) => replica.stop()));
    provider.stop();
    server.stop();
  }
}
