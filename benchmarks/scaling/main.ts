/**
 * Measures the built plugin with many panels, data sources, processes and servers. See docs/operator/scaling.md. Linux
 * only, because the benchmark reads connections and memory from proc(5).
 *
 * Run with `npm run bench:scaling -- [options]`.
 */
import { parseArgs } from 'node:util';
import { countOption } from '../count-option';
import { panels, replicas, sources, type ScalingOptions } from './cases';
import { servers } from './three-servers';

const USAGE = `npm run bench:scaling -- [options]

  --only <case>        panels, sources, replicas or servers. Can be repeated. Default: all but servers.
  --plugin <path>      An executable, or a folder with plugin.json. Default: dist.
  --seconds <n>        Length of each load. Default: 60.
  --per-minute <n>     Panels per minute. Default: 10000.
  --sources <n>        Data sources in one process. Default: 1000.
  --replicas <n>       Processes. Default: 3.
  --idle               Also waits until idle connections have closed. Takes six minutes more.
  --name <host>        For the case servers: a name with the addresses 127.0.0.1, 127.0.0.2 and 127.0.0.3, for example in /etc/hosts.`;

const CASES: Readonly<Record<string, (options: ScalingOptions) => Promise<void>>> = {
  panels,
  sources,
  replicas,
  servers,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: ['panels', 'sources', 'replicas'] },
      plugin: { type: 'string', default: 'dist' },
      seconds: { type: 'string', default: '60' },
      'per-minute': { type: 'string', default: '10000' },
      sources: { type: 'string', default: '1000' },
      replicas: { type: 'string', default: '3' },
      idle: { type: 'boolean', default: false },
      name: { type: 'string', default: 'micromegas.test' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const options: ScalingOptions = {
    plugin: values.plugin,
    seconds: countOption('--seconds', values.seconds),
    perMinute: countOption('--per-minute', values['per-minute']),
    sources: countOption('--sources', values.sources),
    replicas: countOption('--replicas', values.replicas),
    idle: values.idle,
    name: values.name,
  };
  for (const name of values.only) {
    const run = CASES[name];
    if (run === undefined) {
      throw new Error(`There is no case ${name}. ${USAGE}`);
    }
    await run(options);
  }
}

main().catch((reason: unknown) => {
  console.error(reason instanceof Error ? reason.message : String(reason));
  process.exit(1);
});
