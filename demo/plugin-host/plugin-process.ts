/**
 * Starts the executable of a plugin and calls it as Grafana does.
 *
 * Follows hashicorp/go-plugin `client.go`: environment without the variables of the shell, handshake on stdout, log on
 * stderr, one plaintext gRPC connection. `shutdown` calls the plugin's `Shutdown`, and kills the process if it does not
 * exit within two seconds of the response.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { parseHandshake, pluginEnvironment } from './launch';
import { parseLogLine, type LogLine } from './log-lines';
import { PluginClient, type ResponseListener } from './plugin-client';

export type { LogLine } from './log-lines';
export type { ResponseListener, CallOptions, ResourceResponse, ResourceCall } from './plugin-client';

export interface StartOptions {
  /** The executable, for example `dist/gpx_micromegas_linux_amd64`. */
  executable: string;
  /** In addition to the variables that Grafana sets. */
  env?: Readonly<Record<string, string>>;
  /** Called with each line of the plugin's log. */
  onLog?: (line: LogLine) => void;
  /** Called with the bytes of each response message of the plugin, and with each error. */
  onResponse?: ResponseListener;
  /** Time limit for the handshake, in milliseconds. Default: one minute, as in Grafana. */
  startTimeoutMs?: number;
}

const START_TIMEOUT_MS = 60_000;
const KILL_AFTER_MS = 2000;

/**
 * Starts the plugin. Rejects if the process cannot be started or exits before the handshake, if the first line on
 * stdout is not a handshake, and after the timeout. The error contains the plugin's log.
 */
export async function startPlugin(options: StartOptions): Promise<PluginProcess> {
  const startedAt = performance.now();
  const child = spawn(options.executable, {
    // As in Grafana, the working directory is not the folder of the plugin.
    cwd: tmpdir(),
    env: pluginEnvironment(options.env),
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  const logs = collectLogs(child, options.onLog);
  const exited = exitOf(child);
  try {
    const line = await handshakeLine(child, exited, options.startTimeoutMs ?? START_TIMEOUT_MS);
    const startedInMs = performance.now() - startedAt;
    return new PluginProcess(child, exited, logs, startedInMs, parseHandshake(line), options.onResponse);
  } catch (reason) {
    child.kill('SIGKILL');
    const log = logs.map((line) => line.raw).join('\n');
    throw new Error(`${reason instanceof Error ? reason.message : String(reason)}\n${log}`, { cause: reason });
  }
}

/** A running plugin. Its calls are those of PluginClient. */
export class PluginProcess extends PluginClient {
  readonly #child: ChildProcess;

  constructor(
    child: ChildProcess,
    /** Exit code after the process has exited; null if a signal ended it. */
    readonly exited: Promise<number | null>,
    /** All lines of the log so far, oldest first. */
    readonly logs: readonly LogLine[],
    /** Milliseconds from the start to the handshake. */
    readonly startedInMs: number,
    /** Address of the handshake, for grpc-js. */
    readonly address: string,
    onResponse?: ResponseListener
  ) {
    super(address, onResponse);
    this.#child = child;
    void this.openStdio();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Stops the plugin as Grafana does: requests a shutdown, and kills the process if it has not exited after two
   * seconds. `graceful` is true if the process exited with code 0.
   */
  async shutdown(): Promise<{ graceful: boolean; tookMs: number }> {
    const startedAt = performance.now();
    await this.requestShutdown({ timeoutMs: KILL_AFTER_MS }).catch(() => undefined);
    this.close();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), KILL_AFTER_MS);
    const code = await this.exited;
    clearTimeout(timer);
    return { graceful: code === 0, tookMs: performance.now() - startedAt };
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }
}

function lines(stream: Readable | null): ReturnType<typeof createInterface> {
  if (stream === null) {
    throw new Error('The process was started without pipes.');
  }
  return createInterface({ input: stream, crlfDelay: Infinity });
}

function collectLogs(child: ChildProcess, onLog: StartOptions['onLog']): LogLine[] {
  const logs: LogLine[] = [];
  lines(child.stderr).on('line', (raw) => {
    const line = parseLogLine(raw);
    logs.push(line);
    onLog?.(line);
  });
  return logs;
}

/** Resolves after the pipes have closed. The log is then complete. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', (code) => resolve(code));
    child.once('error', reject);
  });
}

function handshakeLine(child: ChildProcess, exited: Promise<number | null>, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout while waiting for plugin to start')), timeoutMs);
    const settle = () => clearTimeout(timer);
    lines(child.stdout).once('line', (line) => {
      settle();
      resolve(line);
    });
    exited.then(
      (code) => {
        settle();
        reject(new Error(`plugin exited before we could connect (exit code ${code})`));
      },
      (error: unknown) => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    );
  });
}
