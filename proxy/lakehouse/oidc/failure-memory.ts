/**
 * Delays retries after failures. Until the delay is over, callers get the last failure immediately.
 *
 * After rejections of the credentials, the delay doubles each time, up to a maximum, because providers lock accounts
 * after many attempts. After outages, the delay stays short, so that queries work again soon after the end of the
 * outage.
 */
import { message } from '../../../contract/messages/message';
import { type ErrorCode } from '../../base/errors/catalogue';
import { type ProxyError } from '../../base/errors/proxy-error';
import { ProviderError } from './provider-error';

/** First delay after a rejection, and each delay after an outage. */
const FIRST_PAUSE_MS = 5_000;
/** Maximum delay after a rejection, if the constructor gets no other maximum. */
const LONGEST_PAUSE_MS = 60_000;
/**
 * Maximum delay for `Retry-After`. Providers with hourly quotas ask for longer delays, but may accept requests earlier.
 */
const LONGEST_RETRY_AFTER_MS = 300_000;

/** Failures that do not show whether the provider has checked the credentials. */
const UNCHECKED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'provider_unreachable',
  'provider_untrusted',
  'provider_timeout',
  'provider_intercepted',
  'provider_down',
  'proxy_unreachable',
  'no_file_handles',
  // While a provider starts, a gateway in front of it may send error pages in place of tokens and of the discovery
  // document.
  'provider_not_oidc',
  'provider_issuer_mismatch',
  'provider_no_token_endpoint',
  'provider_endpoint_host',
  'provider_bad_answer',
  'file_unreadable',
]);

/** The failures since the last success. A delay takes at least 5 s. `Retry-After` extends it, to at most 5 min. */
export class FailureMemory {
  readonly #elapsedMs: () => number;
  readonly #longestPauseMs: number;
  #rejections = 0;
  #last: ProxyError | undefined;
  #untilMs = 0;

  /**
   * @param elapsedMs Milliseconds of a monotonic clock, because an operator may set the system clock during a delay.
   * @param longestPauseMs Maximum delay after a rejection. Default: 60 s.
   */
  constructor(elapsedMs: () => number, longestPauseMs = LONGEST_PAUSE_MS) {
    this.#elapsedMs = elapsedMs;
    this.#longestPauseMs = longestPauseMs;
  }

  /** Starts the next delay. The same error object starts only one delay, because callers may share a request. */
  remember(error: ProxyError): void {
    if (error === this.#last) {
      return;
    }
    const isUnchecked = UNCHECKED.has(error.code);
    const pauseMs = isUnchecked
      ? FIRST_PAUSE_MS
      : Math.min(FIRST_PAUSE_MS * 2 ** this.#rejections, this.#longestPauseMs);
    const retryAfterMs = error instanceof ProviderError ? (error.retryAfterMs ?? 0) : 0;
    this.#rejections += isUnchecked ? 0 : 1;
    this.#last = error;
    this.#untilMs = this.#elapsedMs() + Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
  }

  clear(): void {
    this.#rejections = 0;
    this.#last = undefined;
    this.#untilMs = 0;
  }

  /** True from a failure until `clear`. */
  get hasFailed(): boolean {
    return this.#last !== undefined;
  }

  /** During a delay, the last failure with the time of the next retry; else undefined. */
  paused(): ProxyError | undefined {
    const leftMs = this.#untilMs - this.#elapsedMs();
    const last = this.#last;
    if (last === undefined || leftMs <= 0) {
      return undefined;
    }
    return last.withDetail(message('next-retry', { seconds: Math.ceil(leftMs / 1000) }));
  }
}
