/**
 * Limits the token requests that run at the same time at one provider. After a restart of Grafana, many data sources sign in
 * at once, and providers limit the rate of requests.
 */
import { TimedOut, withLimits } from '../async/with-limits';
import { ProviderError } from './provider-error';

/** Token requests, each with its discovery, that run at the same time at one provider. */
const MAX_RUNNING = 8;

/** Longest wait for a turn, in milliseconds. A provider that hangs makes each request take 15 seconds. */
const LONGEST_WAIT_MS = 30_000;

interface Provider {
  running: number;
  /** Callbacks that start the waiting requests, oldest first. */
  readonly waiting: Set<() => void>;
}

export class RequestTurns {
  readonly #longestWaitMs: number;
  readonly #providers = new Map<string, Provider>();

  /** @param longestWaitMs For tests. */
  constructor(longestWaitMs = LONGEST_WAIT_MS) {
    this.#longestWaitMs = longestWaitMs;
  }

  /**
   * Runs a request as soon as fewer than the maximum run at this provider.
   *
   * @param issuer Distinguishes the providers, which do not wait for each other.
   * @throws {ProviderError} `provider_timeout` if other requests take too long; else the error of `request`.
   */
  async run<T>(issuer: string, request: () => Promise<T>): Promise<T> {
    const provider = this.#providers.get(issuer) ?? { running: 0, waiting: new Set() };
    this.#providers.set(issuer, provider);
    if (provider.running >= MAX_RUNNING) {
      await this.#wait(provider);
    } else {
      provider.running += 1;
    }
    try {
      return await request();
    } finally {
      this.#endTurn(issuer, provider);
    }
  }

  async #wait({ waiting }: Provider): Promise<void> {
    let start: (() => void) | undefined;
    try {
      await withLimits(
        { limitMs: this.#longestWaitMs },
        () =>
          new Promise<void>((resolve) => {
            start = resolve;
            waiting.add(start);
          })
      );
    } catch (reason) {
      if (start !== undefined) {
        waiting.delete(start);
      }
      throw reason instanceof TimedOut
        ? new ProviderError('provider_timeout', {
            detail: 'The token requests of other data sources to this provider take too long.',
          })
        : reason;
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
