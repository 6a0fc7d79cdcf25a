/**
 * Detects that Grafana has ended without a shutdown call, for example because it was killed.
 *
 * The end of standard input is not a reliable sign: the plugin inherits standard input from Grafana, where it is often
 * /dev/null. Two other signs are used:
 *
 * - The parent process changes, because orphans get a new parent. This sign is never a false alarm, but it can be
 *   missing: the parent stays the same if it is a wrapper script between Grafana and the plugin. If Grafana is process
 * 1
 *   of a container, the sign is not needed, because the system kills the plugin when process 1 ends.
 * - The connection ends. The plugin notices this immediately, but the client may reconnect. So the end of the
 *   connection is a sign only after some seconds without a new connection.
 */
import { systemErrorCode } from './system-error';

/** Milliseconds between checks of the parent process. One check costs one cheap system call. */
const CHECK_EVERY_MS = 1000;

/** Time limit in milliseconds for a client to reconnect. gRPC clients wait 1 s before their first attempt. */
const RECONNECT_MS = 5000;

interface GrafanaWatchOptions {
  /** Id of the current parent process. */
  parentId: () => number;
  /** Called with the sign that was detected. May be called again for the other sign. */
  onGone: (sign: string) => void;
}

/** Watches from its creation until `stop`, which removes its timers. */
export class GrafanaWatch {
  readonly #options: GrafanaWatchOptions;
  readonly #parentAtStart: number;
  readonly #interval: NodeJS.Timeout;
  #reconnect: NodeJS.Timeout | undefined;

  constructor(options: GrafanaWatchOptions) {
    this.#options = options;
    this.#parentAtStart = options.parentId();
    // The timers do not keep the process alive.
    this.#interval = setInterval(() => this.#checkParent(), CHECK_EVERY_MS).unref();
  }

  /** Call this whenever the number of open connections changes. */
  connections(count: number): void {
    clearTimeout(this.#reconnect);
    if (count === 0 && !this.#checkParent()) {
      this.#reconnect = setTimeout(() => this.#gone('the connection of Grafana ended'), RECONNECT_MS).unref();
    }
  }

  stop(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#reconnect);
  }

  #checkParent(): boolean {
    const changed = this.#options.parentId() !== this.#parentAtStart;
    if (changed) {
      this.#gone('the parent process ended');
    }
    return changed;
  }

  #gone(sign: string): void {
    this.stop();
    this.#options.onGone(sign);
  }
}

/** The parts of `process` of Node.js that are used here. */
export type ParentSource = Pick<NodeJS.Process, 'ppid' | 'kill' | 'platform'>;

/** An id that no running process has. */
const ENDED = 0;

/**
 * The parent process is Grafana, unless a wrapper script runs between Grafana and the plugin. On Linux and macOS, an
 * orphan gets a new parent, so that the id of the parent changes. On Windows, the id of the parent stays the same when
 * the parent has ended, so the system is asked whether the process with this id still runs.
 *
 * @returns A function that returns the id of the current parent. Its result changes when the parent has ended.
 */
export function parentId(process: ParentSource): () => number {
  if (process.platform !== 'win32') {
    return () => process.ppid;
  }
  const first = process.ppid;
  return () => (isRunning(first, process) ? first : ENDED);
}

/** Signal 0 only checks that the process exists. Any other error than "no such process" means that the process runs. */
function isRunning(id: number, process: Pick<ParentSource, 'kill'>): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
