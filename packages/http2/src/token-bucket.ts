/**
 * A rate limit: a full bucket allows a burst, and is refilled at a constant rate.
 *
 * The clock is read only when the bucket is empty, so that a token costs one subtraction. A peer that was quiet for long
 * may therefore take two bursts in a row.
 */
import { type Clock } from './clock.ts';

export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #tokens: number;
  #filledMs: number;

  /** @param burst Tokens of a full bucket. */
  constructor(burst: number, perSecond: number, clock: Pick<Clock, 'nowMs'>) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledMs = clock.nowMs();
  }

  /** @returns False when there are not so many tokens: then none is taken. */
  take(count: number): boolean {
    if (this.#tokens < count) {
      this.#refill();
      if (this.#tokens < count) {
        return false;
      }
    }
    this.#tokens -= count;
    return true;
  }

  /** Adds tokens, as far as the bucket holds them. */
  earn(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }

  #refill(): void {
    const now = this.#clock.nowMs();
    this.earn(((now - this.#filledMs) / 1000) * this.#perSecond);
    this.#filledMs = now;
  }
}
