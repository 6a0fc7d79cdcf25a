/**
 * `npm run bench:soak`: what the built backend keeps after many calls of each kind, and after faults of the server.
 *
 * `--count` is the number of calls of each kind (default: 10,000), `--only` chooses kinds, and `--faults` is the
 * duration of the faults in seconds (default: 60). 0 skips a part.
 */
import { parseArgs } from 'node:util';
import { DIST } from '../../tests/support/plugin';
import { join } from 'node:path';
import { countOption } from '../count-option';
import { startInspected } from '../inspected-plugin';
import { measureLeaks } from './leaks';
import { startReplayedLakehouse } from './replayed-lakehouse';
import { measureServerFaults } from './server-faults';

type Plugin = Awaited<ReturnType<typeof startInspected>>;

async function withPlugin(measure: (plugin: Plugin) => Promise<void>): Promise<void> {
  const started = await startInspected(join(DIST, 'proxy.cjs'));
  try {
    await measure(started);
  } finally {
    started.inspector.close();
    await started.plugin.shutdown();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      faults: { type: 'string', default: '60' },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const [count, seconds] = [countOption('--count', values.count, 0), countOption('--faults', values.faults, 0)];
  if (seconds > 0) {
    await withPlugin((plugin) => measureServerFaults(plugin, seconds));
  }
  if (count > 0) {
    const lakehouse = await startReplayedLakehouse();
    try {
      await withPlugin((plugin) => measureLeaks(plugin, lakehouse, { count, only: values.only }));
    } finally {
      await lakehouse.close();
    }
  }
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
