/**
 * Keeps a failing provider from being asked again for every query: the last failure is remembered for a while that
 * doubles with each one, and callers meanwhile get it at once.
 */
import { ProxyError } from '../errors/proxy-error';
import { ProviderError } from './provider-error';

/** First pause, and the shortest: not even a person who presses a button gets past it. */
export const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** Longest `Retry-After` that is honoured: providers with hourly quotas name far longer ones, and may lift them earlier. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export class FailureMemory {
  readonly #now: () => number;
  readonly #longestPauseMs: number;
  #failures = 0;
  #last: ProxyError | undefined;
  #sinceMs = 0;
  #untilMs = 0;
  /** What the provider itself asked for, milliseconds. */
  #askedMs = 0;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number, longestPauseMs = LONGEST_PAUSE_MS) {
    this.#now = now;
    this.#longestPauseMs = longestPauseMs;
  }

  /** Starts the next pause. The same error given twice, by callers that shared a request, counts once. */
  remember(error: ProxyError): void {
    if (error === this.#last) {
      return;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, this.#longestPauseMs);
    const retryAfterMs = error instanceof ProviderError ? (error.retryAfterMs ?? 0) : 0;
    this.#failures += 1;
    this.#last = error;
    this.#askedMs = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
    this.#sinceMs = this.#now();
    this.#untilMs = this.#sinceMs + Math.max(pauseMs, this.#askedMs);
  }

  clear(): void {
    this.#failures = 0;
    this.#last = undefined;
    this.#untilMs = 0;
  }

  /**
   * The remembered failure with the time of the next try, or undefined when it is time to try.
   *
   * @param ownLimitMs Length of our own pauses at most. What the provider asked for is kept in any case.
   */
  paused(ownLimitMs = Infinity): ProxyError | undefined {
    const untilMs = Math.min(this.#untilMs, this.#sinceMs + Math.max(ownLimitMs, this.#askedMs));
    const leftMs = untilMs - this.#now();
    const last = this.#last;
    if (last === undefined || leftMs <= 0) {
      return undefined;
    }
    const next = `The next try is possible in ${Math.ceil(leftMs / 1000)} s.`;
    return new ProxyError(last.code, {
      detail: last.detail === undefined ? next : `${last.detail} ${next}`,
      advice: last.advice,
      cause: last.cause,
    });
  }
}
