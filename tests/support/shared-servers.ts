/**
 * One lakehouse and one plugin process for the integration tests that only read. Jest starts them before the first test
 * file (`globalSetup`), and `useSharedPlugin` connects to them.
 *
 * Run as a program, it prints one line of JSON on stdout (`SharedAddresses`), and runs until the end of stdin.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServicesAddress } from '../../demo/services';
import { startDemoServices } from './demo-services';
import { startBuiltPlugin } from './plugin';

/** Addresses of the shared servers. */
export interface SharedAddresses {
  demo: ServicesAddress;
  /** Address of the plugin process, for gRPC. */
  plugin: string;
  /** File with the log of the plugin process so far. */
  log: string;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shared-servers-'));
  const log = join(folder, 'plugin.log');
  appendFileSync(log, '');
  const onLog = (line: string) => appendFileSync(log, `${line}\n`);
  const [demo, plugin] = await Promise.all([startDemoServices(), startBuiltPlugin({}, onLog)]);
  const addresses: SharedAddresses = { demo, plugin: plugin.address, log };
  process.stdout.write(`${JSON.stringify(addresses)}\n`);
  await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  await Promise.all([plugin.shutdown(), demo.stop()]);
  rmSync(folder, { recursive: true });
}

if (require.main === module) {
  main().catch((reason: unknown) => {
    console.error(reason);
    // If the start fails, one of the servers may already be running.
    process.exit(1);
  });
}
