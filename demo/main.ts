/**
 * `npm start`: runs a lakehouse, an identity provider, the built plugin and a page for them, all on this machine.
 * Ctrl-C stops everything.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type GrafanaMajor, grafanaLibraries } from './playground/grafana-libraries';
import { startDemo } from './playground/start-demo';

const ROOT = resolve(__dirname, '..');

/** Value of `--grafana`. */
function grafanaMajor(): GrafanaMajor {
  const { grafana } = parseArgs({ options: { grafana: { type: 'string', default: '12' } } }).values;
  if (grafana !== '12' && grafana !== '13') {
    throw new Error(`--grafana is 12 or 13, not "${grafana}".`);
  }
  return grafana;
}

async function main(): Promise<void> {
  const libraries = grafanaLibraries(ROOT, grafanaMajor());
  const startedAt = performance.now();
  const demo = await startDemo({
    root: ROOT,
    libraries,
    log: (line) => console.error(line),
  });
  console.log(
    `Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, with Grafana ${libraries.version}. Open ${demo.address}dashboard`
  );
  console.log('Ctrl-C stops everything.');

  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) {
      // A second Ctrl-C stops immediately.
      process.exit(130);
    }
    isStopping = true;
    console.log(`\n${signal}: stopping.`);
    demo.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      }
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
