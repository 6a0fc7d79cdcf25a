/**
 * `npm start`: a lakehouse, an identity provider and the built plugin, all on this machine, and a page to use them with.
 * Stops everything on Ctrl-C.
 */
import { resolve } from 'node:path';
import { startDemo } from './playground/start-demo';

async function main(): Promise<void> {
  const startedAt = performance.now();
  const demo = await startDemo({
    root: resolve(__dirname, '..'),
    log: (text) => console.error(text),
  });
  console.log(`Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Open ${demo.address}`);
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
