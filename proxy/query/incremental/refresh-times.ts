/** Measures how long the statements of a refresh take, and the time from one refresh to the next. */
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type ClockTimes } from './result-cache';
import { WholeError } from './outcome';

/** Maximum drift between the two clocks from one refresh to the next, in milliseconds. */
const DRIFT_MS = 5000;

export interface Clocks {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** Measures how long the server takes, without waits for slots and for memory. */
export class ArrivalTime {
  readonly #elapsedMs: () => number;
  #ms = 0;
  #hasStarted = false;

  constructor({ elapsedMs }: Pick<Clocks, 'elapsedMs'>) {
    this.#elapsedMs = elapsedMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** True if a statement was sent. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Yields the messages unchanged, and measures how long it waits for each message. */
  async *of(messages: AsyncIterable<FlightMessage>): AsyncGenerator<FlightMessage> {
    this.#hasStarted = true;
    const iterator = messages[Symbol.asyncIterator]();
    try {
      for (;;) {
        const startedMs = this.#elapsedMs();
        const next = await iterator.next();
        this.#ms += this.#elapsedMs() - startedMs;
        if (next.done === true) {
          return;
        }
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}

/** The current time of both clocks. */
export function clockTimes({ now, elapsedMs }: Clocks): ClockTimes {
  return { wallMs: now(), monotonicMs: elapsedMs() };
}

/** The milliseconds between two times. @throws {WholeError} If one of the clocks was set or stood still. */
export function passedMs(before: ClockTimes, after: ClockTimes): number {
  const wallMs = after.wallMs - before.wallMs;
  const monotonicMs = after.monotonicMs - before.monotonicMs;
  if (Math.abs(wallMs - monotonicMs) > DRIFT_MS) {
    throw new WholeError('due');
  }
  return Math.max(wallMs, monotonicMs);
}
