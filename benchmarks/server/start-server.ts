/**
 * Starts the Flight SQL server of the benchmarks in a separate process, so that its CPU time does not include the CPU
 * time of the client.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';

export interface ServerProcess {
  /** `host:port`, as in the settings of a data source. */
  host: string;
  pid: number;
  stop(): void;
  /** Kills the process with SIGKILL. */
  kill(): void;
}

function isReady(message: unknown): message is { port: number } {
  return typeof message === 'object' && message !== null && 'port' in message;
}

/** @param port 0 for a free port. */
export function startServer(address = '127.0.0.1', port = 0): Promise<ServerProcess> {
  // A fork inherits the TypeScript loader of this process.
  const child = fork(join(__dirname, 'main.ts'), [address, String(port)]);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The Flight server ended with code ${code}.`)));
    child.once('message', (message) => {
      if (isReady(message) && child.pid !== undefined) {
        const host = `${address}:${message.port}`;
        resolve({ host, pid: child.pid, stop: () => void child.kill(), kill: () => void child.kill('SIGKILL') });
      } else {
        reject(new Error(`The Flight server sent an unexpected message: ${JSON.stringify(message)}`));
      }
    });
  });
}
