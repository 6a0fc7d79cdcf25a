/**
 * Delays retries after failures of a provider. Until the delay is over, callers get the last failure immediately. The delay
 * doubles with each failure.
 */
import { ProxyError } from '../errors/proxy-error';
import { ProviderError } from './provider-error';

/** First delay. For Save & test, also the maximum, unless the provider asks for a longer delay. */
export const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** Maximum delay for `Retry-After`. Providers with hourly quotas ask for longer delays, but may accept requests earlier. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export class FailureMemory {
  readonly #now: () => number;
  readonly #longestPauseMs: number;
  #failures = 0;
  #last: ProxyError | undefined;
  #sinceMs = 0;
  #untilMs = 0;
  /** Delay that the provider asked for, in milliseconds. */
  #askedMs = 0;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number, longestPauseMs = LONGEST_PAUSE_MS) {
    this.#now = now;
    this.#longestPauseMs = longestPauseMs;
  }

  /** Starts the next delay. The same error object starts only one delay, because callers may share a request. */
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

  /** True from a failure until `clear`. */
  get hasFailed(): boolean {
    return this.#last !== undefined;
  }

  /**
   * The last failure with the time of the next retry, or undefined when the delay is over.
   *
   * @param ownLimitMs Maximum of the delay, unless the provider asked for a longer one.
   */
  paused(ownLimitMs = Infinity): ProxyError | undefined {
    const untilMs = Math.min(this.#untilMs, this.#sinceMs + Math.max(ownLimitMs, this.#askedMs));
    const leftMs = untilMs - this.#now();
    const last = this.#last;
    if (last === undefined || leftMs <= 0) {
      return undefined;
    }
    const next = `The next retry is possible in ${Math.ceil(leftMs / 1000)} s.`;
    return new ProxyError(last.code, {
      detail: last.detail === undefined ? next : `${last.detail} ${next}`,
      advice: last.advice,
      cause: last.cause,
    });
  }
}
