/** Starts the built backend as a sidecar, and calls it as Grafana does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PluginClient } from '../../demo/plugin-host/plugin-client';
import { parseLogLine, type LogLine } from '../../demo/plugin-host/log-lines';
import { DIST } from './plugin';

const LISTENS = 'The backend of the plugin listens';

/** A running sidecar. Its calls are those of PluginClient, over one connection. */
export class Sidecar extends PluginClient {
  readonly #child: ChildProcess;

  constructor(
    child: ChildProcess,
    /** All lines of the log so far, oldest first. */
    readonly logs: readonly LogLine[],
    /** Exit code after the process has exited; null if a signal ended it. */
    readonly exited: Promise<number | null>,
    /** Address for grpc-js. */
    readonly address: string
  ) {
    super(address);
    this.#child = child;
  }

  signal(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Resolves with the first line of the log, past or future, that has this message. */
  async line(message: string): Promise<LogLine> {
    for (;;) {
      const line = this.logs.find((logged) => logged.message === message);
      if (line !== undefined) {
        return line;
      }
      await new Promise((resolve) => this.#child.stderr?.once('data', resolve));
    }
  }
}

/**
 * Resolves when the sidecar listens. Rejects with its log if it ends before that.
 *
 * @param listenAt Value of `--serve`.
 */
export async function startSidecar(listenAt: string, env: Record<string, string> = {}): Promise<Sidecar> {
  const child = spawn(process.execPath, [join(DIST, 'proxy.cjs'), '--serve', listenAt], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const logs: LogLine[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (raw) => {
      const line = parseLogLine(raw);
      logs.push(line);
      if (line.message === LISTENS) {
        const { network, address } = JSON.parse(raw);
        resolve(network === 'unix' ? `unix:${address}` : address);
      }
    });
    void exited.then(() => reject(new Error(`The sidecar ended: ${logs.map(({ raw }) => raw).join('\n')}`)));
  });
  return new Sidecar(child, logs, exited, address);
}
