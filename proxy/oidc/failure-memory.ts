/**
 * Keeps a failing provider from being asked again for every query: the last failure is remembered for a while that
 * doubles with each one, and callers meanwhile get it at once.
 */
import { ProxyError } from '../errors/proxy-error';
import { ProviderError } from './provider-error';

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** Longest `Retry-After` that is honoured: providers with hourly quotas name far longer ones, and may lift them earlier. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export class FailureMemory {
  readonly #now: () => number;
  #failures = 0;
  #last: ProxyError | undefined;
  #untilMs = 0;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Starts the next pause. The same error given twice, by callers that shared a request, counts once. */
  remember(error: ProxyError): void {
    if (error === this.#last) {
      return;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    const askedMs = error instanceof ProviderError ? (error.retryAfterMs ?? 0) : 0;
    this.#failures += 1;
    this.#last = error;
    this.#untilMs = this.#now() + Math.max(pauseMs, Math.min(askedMs, LONGEST_RETRY_AFTER_MS));
  }

  clear(): void {
    this.#failures = 0;
    this.#last = undefined;
    this.#untilMs = 0;
  }

  /** The remembered failure with the time of the next try, or undefined when it is time to try. */
  paused(): ProxyError | undefined {
    const leftMs = this.#untilMs - this.#now();
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
