/**
 * Measures how late the event loop runs its timers while queries run. An idle process has no timer.
 *
 * `monitorEventLoopDelay` of Node.js would wake an idle process 50 to 100 times per second.
 */

/** Milliseconds between two ticks. */
const INTERVAL_MS = 20;
/** Maximum number of missed ticks that count for one delay: the ticks of ten seconds. */
const MOST_MISSED_TICKS = 500;

interface EventLoopDelayDeps {
  /** Is called for each tick with its delay in seconds. */
  observe: (seconds: number) => void;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** Call `start` when a query begins, and `stop` when the last running query has ended. */
export class EventLoopDelay {
  readonly #deps: EventLoopDelayDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: EventLoopDelayDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#timer === undefined) {
      this.#tickLater();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tickLater(): void {
    const dueMs = this.#deps.elapsedMs() + INTERVAL_MS;
    this.#timer = setTimeout(() => {
      this.#observe(Math.max(0, this.#deps.elapsedMs() - dueMs));
      this.#tickLater();
    }, INTERVAL_MS).unref();
  }

  /**
   * Also counts the ticks that the delay has prevented, as if an event had arrived every 20 ms during the delay. As a
   * single tick, a long delay would hardly change the percentiles.
   */
  #observe(delayMs: number): void {
    const missed = Math.min(Math.floor(delayMs / INTERVAL_MS), MOST_MISSED_TICKS);
    for (let tick = 0; tick <= missed; tick++) {
      this.#deps.observe((delayMs - tick * INTERVAL_MS) / 1000);
    }
  }
}
