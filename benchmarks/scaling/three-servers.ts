/** Three servers behind one name. One of them is killed under load and then restarted. */
import { usageOf } from '../process-usage';
import { startServer, type ServerProcess } from '../server/start-server';
import { type ScalingOptions } from './cases';
import { connectionsTo, GrafanaReplica, withApiKey } from './grafana-replica';
import { describeLoad, loadOf, sleep } from './load';

const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const QUERY = 'SELECT time, value FROM points LIMIT 1000';

/** Number of data sources. All have the same server name. */
const SOURCES = 3;

interface Snapshot {
  label: string;
  atSeconds: number;
}

/** @returns The CPU time of each server in milliseconds. 0 for a killed server. */
function cpuOf(servers: readonly ServerProcess[]): number[] {
  return servers.map(({ pid }) => {
    try {
      return usageOf(pid).cpuMs;
    } catch {
      return 0;
    }
  });
}

export async function servers(options: ScalingOptions): Promise<void> {
  const { plugin, name, seconds, perMinute } = options;
  const [first = '', ...others] = ADDRESSES;
  const running = [await startServer(first)];
  const port = Number(running[0]?.host.split(':').at(-1));
  for (const address of others) {
    running.push(await startServer(address, port));
  }
  const replica = await GrafanaReplica.start(plugin);
  const connections = () => {
    const counts = connectionsTo(port);
    return ADDRESSES.map((address) => counts.get(address) ?? 0).join(' / ');
  };
  try {
    const requests = Array.from({ length: SOURCES }, (_, index) =>
      replica.request(withApiKey(`three-${index}`, `${name}:${port}`), QUERY)
    );
    const run = (index: number) => replica.run(requests[index % SOURCES] ?? new Uint8Array());
    const steps: Snapshot[] = [
      { label: 'before the loss', atSeconds: seconds / 3 },
      { label: 'after the loss', atSeconds: seconds / 6 },
    ];
    const load = loadOf(perMinute / 60, seconds, run);
    for (const { label, atSeconds } of steps) {
      await sleep(atSeconds * 1000);
      console.log(`  ${label}: connections ${connections()}, CPU of the servers ${cpuOf(running).join(' / ')} ms`);
      if (label === 'before the loss') {
        running[1]?.kill();
      } else {
        running[1] = await startServer(ADDRESSES[1], port);
      }
    }
    const result = await load;
    console.log(`  at the end: connections ${connections()}, CPU of the servers ${cpuOf(running).join(' / ')} ms`);
    console.log(`Three servers, ${perMinute} panels per minute, ${seconds} s: ${describeLoad(result)}`);
  } finally {
    await replica.stop();
    running.forEach((server) => server.stop());
  }
}
