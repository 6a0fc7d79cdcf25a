/**
 * Limits the requests of Save & test to an identity provider. Providers bill token requests, limit their rate, and lock
 * accounts after many failures. The limits apply to each data source that shares a token source, and the delay that a
 * provider requests (`Retry-After`) applies to all of them.
 */
import { StringMap } from '../../../contract/string-map';
import { type ProxyError } from '../../base/errors/proxy-error';
import { ProviderError } from './provider-error';

/** Minimum milliseconds between two requests of Save & test for a data source. */
const CHECK_PAUSE_MS = 5_000;
/** Maximum number of requests of Save & test for a data source in an hour. */
const MAX_CHECKS_IN_HOUR = 60;
const HOUR_MS = 3_600_000;

/** A failure whose `Retry-After` has not passed. */
export interface PostponedRequest {
  error: ProxyError;
  /** Time of the failure, in milliseconds of a monotonic clock. */
  failedMs: number;
}

/** Tells when Save & test may ask the provider again. */
export class SignInPace {
  readonly #elapsedMs: () => number;
  /** The times of the requests of the last hour for each data source, the oldest first. */
  readonly #requests = new StringMap<number[]>();
  #retry: (PostponedRequest & { fromMs: number }) | undefined;

  /** @param elapsedMs Milliseconds of a monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** Milliseconds until the provider may be asked for this data source. 0: now. */
  waitMs(dataSource: string): number {
    const times = this.#recent(dataSource);
    const nowMs = this.#elapsedMs();
    const pauseMs = (times.at(-1) ?? -Infinity) + CHECK_PAUSE_MS - nowMs;
    const first = times.at(-MAX_CHECKS_IN_HOUR) ?? -Infinity;
    return Math.max(0, pauseMs, first + HOUR_MS - nowMs, (this.#retry?.fromMs ?? 0) - nowMs);
  }

  get postponed(): PostponedRequest | undefined {
    return this.#retry !== undefined && this.#retry.fromMs > this.#elapsedMs() ? this.#retry : undefined;
  }

  /** Counts a request for this data source. */
  requested(dataSource: string): void {
    for (const key of [...this.#requests.keys()]) {
      if (this.#recent(key).length === 0) {
        this.#requests.delete(key);
      }
    }
    this.#requests.set(dataSource, [...this.#recent(dataSource), this.#elapsedMs()]);
  }

  /** Reports a failure of any request to the provider. If it has a `Retry-After`, this delay begins. */
  failed(error: ProxyError): void {
    if (error instanceof ProviderError && error.retryAfterMs !== undefined) {
      const failedMs = this.#elapsedMs();
      this.#retry = { error, failedMs, fromMs: failedMs + error.retryAfterMs };
    }
  }

  /** Reports a new token. It ends the delay that the provider had requested. */
  succeeded(): void {
    this.#retry = undefined;
  }

  #recent(dataSource: string): number[] {
    const sinceMs = this.#elapsedMs() - HOUR_MS;
    return (this.#requests.get(dataSource) ?? []).filter((timeMs) => timeMs > sinceMs);
  }
}
