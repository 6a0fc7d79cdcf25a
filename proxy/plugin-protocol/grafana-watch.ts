/**
 * Notices that Grafana is gone without having said so, as when it was killed.
 *
 * Standard input cannot tell: the plugin inherits Grafana's own, often /dev/null, which ends at once and means nothing.
 * Two other signs can, and each covers for the other:
 *
 * - The parent process changes, because orphans get a new one. Exact, but blind where a wrapper script stands between
 *   Grafana and the plugin, or where Grafana is process 1 of a container (whose end kills the plugin anyway).
 * - The connection ends. Seen at once, but a client may drop a connection and come back, so it counts only when none
 *   has come for some seconds after there had been one.
 */

/** Cheap enough to look often: one system call. */
const LOOK_EVERY_MS = 1000;

/** Time for a client to come back; gRPC clients wait 1 s before their first attempt. */
const RECONNECT_MS = 5000;

export interface GrafanaWatchOptions {
  /** Id of the present parent process. */
  parentId: () => number;
  /** Called once, with the sign that was seen. */
  onGone: (sign: string) => void;
}

export class GrafanaWatch {
  readonly #options: GrafanaWatchOptions;
  readonly #parentAtStart: number;
  readonly #look: NodeJS.Timeout;
  #reconnect: NodeJS.Timeout | undefined;

  constructor(options: GrafanaWatchOptions) {
    this.#options = options;
    this.#parentAtStart = options.parentId();
    // Timers here never keep the process alive by themselves.
    this.#look = setInterval(() => this.#checkParent(), LOOK_EVERY_MS).unref();
  }

  /** To be told the number of open connections whenever it changes. */
  connections(count: number): void {
    clearTimeout(this.#reconnect);
    if (count === 0 && !this.#checkParent()) {
      this.#reconnect = setTimeout(() => this.#gone('its connection ended'), RECONNECT_MS).unref();
    }
  }

  stop(): void {
    clearInterval(this.#look);
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
