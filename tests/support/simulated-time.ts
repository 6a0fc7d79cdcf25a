/** A clock and timers for RxJS. Their time advances only when a test advances it. */
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

interface Timer {
  atMs: number;
  run: () => void;
}

export class SimulatedTime implements SchedulerLike {
  #nowMs: number;
  readonly #timers = new Set<Timer>();
  #subscriptions = 0;

  /** @param startMs Milliseconds since 1970. */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Number of open subscriptions. A subscription stays open after its timer has run, until `unsubscribe` is called. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  schedule<State>(
    work: (this: SchedulerAction<State>, state: State) => void,
    delayMs = 0,
    state?: State
  ): Subscription {
    const run = () => work.call(undefined as never, state as State);
    const timer: Timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    this.#subscriptions++;
    return new Subscription(() => {
      this.#subscriptions--;
      this.#timers.delete(timer);
    });
  }

  /** Advances the time without running timers. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /**
   * Advances the time to the next timer and runs it.
   *
   * @returns False if no timer is due until the given time.
   */
  next(untilMs = Infinity): boolean {
    const [first] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
    if (first === undefined || first.atMs > untilMs) {
      return false;
    }
    this.#timers.delete(first);
    this.#nowMs = Math.max(this.#nowMs, first.atMs);
    first.run();
    return true;
  }

  /** Runs all timers until the given time. */
  until(atMs: number): void {
    while (this.next(atMs)) {
      // The timer has run.
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }
}
