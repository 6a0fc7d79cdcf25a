/**
 * Limits the token requests that run at the same time at one provider. After a restart of Grafana, many data sources
 * sign in at once, and providers limit the rate of requests.
 */
import { StringMap } from '../../../contract/string-map';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { ProviderError } from './provider-error';

/** Maximum number of token requests, each with its discovery, that run at the same time at one provider. */
const MAX_RUNNING = 8;

/**
 * A waiting request fails if no other request succeeds in a period of this many milliseconds (two request timeouts of
 * 15 s). If one succeeds, the next period begins.
 */
const LONGEST_WAIT_MS = 30_000;

interface Provider {
  running: number;
  /** The number of requests that have succeeded. */
  succeeded: number;
  /** Callbacks that start the waiting requests, oldest first. */
  readonly waiting: Set<() => void>;
}

/** Runs at most 8 requests at a time at each provider. All data sources of the process share one object. */
export class RequestTurns {
  readonly #providers = new StringMap<Provider>();

  /**
   * Runs a request as soon as fewer than `MAX_RUNNING` requests run at this provider.
   *
   * @param issuer Distinguishes the providers, which do not wait for each other.
   * @throws {ProviderError} `provider_timeout` if other requests hang; else the error of `request`.
   */
  async run<T>(issuer: string, request: () => Promise<T>): Promise<T> {
    const provider = this.#providers.get(issuer) ?? { running: 0, succeeded: 0, waiting: new Set() };
    this.#providers.set(issuer, provider);
    if (provider.running >= MAX_RUNNING) {
      await this.#wait(provider);
    } else {
      provider.running += 1;
    }
    try {
      const result = await request();
      provider.succeeded += 1;
      return result;
    } finally {
      this.#endTurn(issuer, provider);
    }
  }

  async #wait(provider: Provider): Promise<void> {
    const { promise: turn, resolve: start } = Promise.withResolvers<void>();
    provider.waiting.add(start);
    for (;;) {
      const { succeeded } = provider;
      try {
        await withLimits({ limitMs: LONGEST_WAIT_MS }, () => turn);
        return;
      } catch (reason) {
        if (!provider.waiting.has(start)) {
          // The turn was granted at the moment of the timeout.
          return;
        }
        if (!(reason instanceof TimeoutError) || provider.succeeded === succeeded) {
          provider.waiting.delete(start);
          throw new ProviderError('provider_timeout', {
            detail: 'The token requests of other data sources to this provider take too long.',
            cause: reason,
          });
        }
      }
    }
  }

  /** Passes the turn on to the oldest waiting request. */
  #endTurn(issuer: string, provider: Provider): void {
    const [next] = provider.waiting;
    if (next !== undefined) {
      provider.waiting.delete(next);
      next();
      return;
    }
    provider.running -= 1;
    if (provider.running === 0) {
      this.#providers.delete(issuer);
    }
  }
}
