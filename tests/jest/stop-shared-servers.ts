/** Jest's `globalTeardown` for the integration tests: stops the servers that they share. */
import { once } from 'node:events';
import { SHARED_SERVERS } from './start-shared-servers';

export default async function stopSharedServers(): Promise<void> {
  const child = SHARED_SERVERS.process;
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }
}
