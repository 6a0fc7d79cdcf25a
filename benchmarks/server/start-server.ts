/** Starts the server in a process of its own, so that its work is not counted as the plugin's. */
import { fork } from 'node:child_process';
import { join } from 'node:path';

export interface ServerProcess {
  /** `host:port`, as a data source has it. */
  host: string;
  pid: number;
  stop(): void;
}

function isReady(message: unknown): message is { port: number } {
  return typeof message === 'object' && message !== null && 'port' in message;
}

export function startServer(): Promise<ServerProcess> {
  // A fork takes over the loader of TypeScript that this process runs with.
  const child = fork(join(__dirname, 'main.ts'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The Flight server ended with code ${code}.`)));
    child.once('message', (message) => {
      if (isReady(message) && child.pid !== undefined) {
        resolve({ host: `127.0.0.1:${message.port}`, pid: child.pid, stop: () => void child.kill() });
      } else {
        reject(new Error(`The Flight server said: ${JSON.stringify(message)}`));
      }
    });
  });
}
