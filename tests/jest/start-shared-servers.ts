/** Jest's `globalSetup` of the integration tests: starts `tests/support/shared-servers.ts`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '..', '..');

/** The global variable in which `stop-shared-servers.ts` finds the process. Both files run in Jest's main process. */
export const SHARED_SERVERS: { process?: ChildProcess } = ((
  globalThis as { micromegasSharedServers?: { process?: ChildProcess } }
).micromegasSharedServers ??= {});

export default async function startSharedServers(): Promise<void> {
  const child = spawn(join(ROOT, 'node_modules/.bin/tsx'), [join(ROOT, 'tests/support/shared-servers.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  SHARED_SERVERS.process = child;
  process.env.SHARED_SERVERS = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('close', () => reject(new Error('The shared servers ended before they were ready.')));
  });
}
