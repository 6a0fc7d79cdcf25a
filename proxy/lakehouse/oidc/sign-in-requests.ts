/**
 * The requests of Save & test to the identity provider: the discovery document and a token, without caches. All tests
 * that run at the same time share one request. While `SignInPace` allows no request, a test gets the outcome of the
 * last one, with its age.
 */
import { message } from '../../../contract/messages/message';
import { untilAborted } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type SignInPace } from './sign-in-pace';
import { duration } from './token-rules';
import {
  type AccessToken,
  type EarlierRequest,
  type FoundProvider,
  type SignIn,
  type TokenSource,
} from './token-source';

/** A request that was sent. */
export interface SentSignIn {
  provider: Promise<FoundProvider>;
  /** @property usableUntilMs In milliseconds of the monotonic clock. */
  token: Promise<{ token: AccessToken; usableUntilMs: number }>;
}

interface SignInRequestsDeps extends Pick<TokenSource, 'discover' | 'getToken'> {
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  pace: SignInPace;
  send: () => SentSignIn;
}

interface LastSignIn extends SentSignIn {
  /** Undefined while the request is in flight. */
  endedMs: number | undefined;
  /** End of the use of its token. 0 before the token has arrived. */
  usableUntilMs: number;
}

/** A failure of an earlier request, with its age. */
function aged(reason: unknown, { agoMs, nextMs }: EarlierRequest): ProxyError {
  const values = { ago: duration(agoMs), next: duration(nextMs) };
  return ProxyError.from(reason).withDetail(message('provider-not-asked-again', values));
}

/** The requests of one token source. */
export class SignInRequests {
  readonly #deps: SignInRequestsDeps;
  #last: LastSignIn | undefined;

  constructor(deps: SignInRequestsDeps) {
    this.#deps = deps;
  }

  /** Sends the requests, or returns those in flight, or the outcome of earlier ones. */
  signIn(dataSource: string): SignIn {
    const { pace, elapsedMs } = this.#deps;
    if (this.#last !== undefined && this.#last.endedMs === undefined) {
      return outcomeOf(this.#last);
    }
    const nextMs = pace.waitMs(dataSource);
    if (nextMs === 0) {
      pace.requested(dataSource);
      return outcomeOf(this.#send());
    }
    const { postponed } = pace;
    const endedMs = this.#last?.endedMs ?? -Infinity;
    if (this.#last === undefined || (postponed !== undefined && endedMs < postponed.failedMs)) {
      const agoMs = elapsedMs() - (postponed?.failedMs ?? elapsedMs());
      return this.#postponed(postponed?.error, { agoMs, nextMs, hasExpired: false });
    }
    return this.#earlier(this.#last, { agoMs: elapsedMs() - endedMs, nextMs, hasExpired: false });
  }

  #send(): LastSignIn {
    const { elapsedMs, send } = this.#deps;
    const { provider, token } = send();
    const last: LastSignIn = { provider, token, endedMs: undefined, usableUntilMs: 0 };
    const end = (usableUntilMs: number) => Object.assign(last, { endedMs: elapsedMs(), usableUntilMs });
    last.token = token.then(
      (received) => {
        end(received.usableUntilMs);
        return received;
      },
      (reason: unknown) => {
        end(0);
        throw reason;
      }
    );
    // A test that ends early does not wait for these promises.
    provider.catch(() => undefined);
    last.token.catch(() => undefined);
    this.#last = last;
    return last;
  }

  /** The outcome of the last request. If its token has expired, the token of queries. */
  #earlier(last: LastSignIn, request: EarlierRequest): SignIn {
    const { elapsedMs, getToken } = this.#deps;
    const hasExpired = last.usableUntilMs > 0 && elapsedMs() >= last.usableUntilMs;
    const earlier = { ...request, hasExpired };
    const failing = (reason: unknown) => Promise.reject(aged(reason, earlier));
    return {
      earlier,
      provider: (signal) => untilAborted(last.provider.catch(failing), signal),
      token: (signal) =>
        hasExpired
          ? getToken(signal)
          : untilAborted(
              last.token.then(({ token }) => token, failing),
              signal
            ),
    };
  }

  /** The failure of a query, after which the provider may not be asked yet. */
  #postponed(error: ProxyError | undefined, earlier: EarlierRequest): SignIn {
    return {
      earlier,
      provider: (signal) => this.#deps.discover(signal),
      token: () => Promise.reject(aged(error, earlier)),
    };
  }
}

function outcomeOf({ provider, token }: SentSignIn): SignIn {
  return {
    provider: (signal) => untilAborted(provider, signal),
    token: async (signal) => (await untilAborted(token, signal)).token,
  };
}
