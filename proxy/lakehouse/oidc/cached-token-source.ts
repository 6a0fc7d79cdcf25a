/**
 * One cached token for all data sources that share the token source. It is renewed before it expires, used during
 * outages of the provider, and replaced when a server rejects it.
 *
 * Until `renewFromMs`, callers get the cached token. After `renewFromMs`, callers still get the cached token, and a new
 * token is requested in the background, so no query waits for a renewal. After `usableUntilMs`, callers wait for a new
 * token.
 */
import { fieldLabels } from '../../../contract/settings/field-labels';
import { type RecognisedProvider } from '../../../contract/settings/providers';
import { untilAborted, withLimits } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Logger } from '../../observe/logging/logger';
import { type TokenEvents, type TokenRequestReason } from '../../observe/telemetry/token-events';
import { type Discovery, OUTAGES, type Provider } from './discovery';
import { FailureMemory } from './failure-memory';
import { ProviderError } from './provider-error';
import { type KeySet } from './key-set';
import { clockAhead } from './provider-clock';
import { describeToken } from './read-token';
import { SignInPace } from './sign-in-pace';
import { type SentSignIn, SignInRequests } from './sign-in-requests';
import { findToken, type GrantedToken, type TokenGrant } from './token-grant';
import { lifetimeOf } from './token-lifetime';
import { type AccessToken, type FoundProvider, type KeyFinding, type SignIn, type TokenSource } from './token-source';

/** Time limit of one shared request. It includes discovery, but not the wait for the turn of the request. */
const REQUEST_LIMIT_MS = 15_000;
/**
 * A token is renewed this many milliseconds before its expiry, or earlier: when `RENEW_BEFORE_SHARE` of its lifetime is
 * left. A token with a lifetime below two minutes is renewed at half of its lifetime.
 */
const RENEW_BEFORE_MS = 60_000;
const RENEW_BEFORE_SHARE = 0.2;
/**
 * A token is renewed even earlier, by a random time of at most this share of the time between renewal and expiry. So
 * instances do not all renew at the same time.
 */
const JITTER_SHARE = 0.1;
/**
 * A token is not used in this last part of its lifetime, or in the last tenth if that is shorter. A token needs time to
 * reach the server, which rejects expired tokens without tolerance.
 */
const TRAVEL_MS = 5_000;
/** If a server rejects a replacement token that is younger than this, the next token request is delayed. */
const STORM_MS = 300_000;
/** Longest delay between new tokens for a server that rejects them. Providers may bill or limit token requests. */
const LONGEST_REJECTION_PAUSE_MS = 300_000;

interface CachedTokenSourceDeps {
  discovery: Discovery;
  keys: KeySet;
  grant: TokenGrant;
  /**
   * Returns a string that changes when the file with the secret or the assertion changes; empty without such a file.
   * Never rejects.
   */
  fileVersion: () => Promise<string>;
  /** Runs a token request as soon as `RequestTurns` allows it. */
  inTurn: <T>(request: () => Promise<T>) => Promise<T>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  logger: Logger;
  /** Called at the end of each request for a token. */
  onRequest: TokenEvents['tokenRequested'];
  /** The provider whose settings form is shown. Advice names the fields of this settings form. */
  provider: RecognisedProvider;
  /** For tests. Default: 15,000. */
  requestLimitMs?: number;
}

/** Times are milliseconds of `elapsedMs`, so a change of the system clock has no effect. */
export interface KeptToken {
  token: AccessToken;
  receivedMs: number;
  renewFromMs: number;
  usableUntilMs: number;
  /** True when this token replaced a token that the server rejected. */
  isReplacement: boolean;
  /** True when a server has rejected this token and a new token is needed. */
  isRejected: boolean;
  /** True when the rejection of this token has started a delay. */
  hasPaused: boolean;
}

/**
 * Keeps tokens in memory, never on disk. A failure starts a delay, during which queries send no request for a token.
 */
export class CachedTokenSource implements TokenSource {
  readonly #deps: CachedTokenSourceDeps;
  readonly #failures: FailureMemory;
  /**
   * Rejections of replacement tokens by the server. During the delay after a rejection, no token is replaced because of
   * a rejection.
   */
  readonly #rejections: FailureMemory;
  /**
   * Maps a failure to its copy with the labels of the settings form. Callers who share a failure get the same object.
   */
  readonly #labelledErrors = new WeakMap<ProxyError, ProxyError>();
  #kept: KeptToken | undefined;
  /**
   * A new token of `signIn` that a server has neither accepted nor rejected, while the cached token is still usable.
   */
  #candidate: KeptToken | undefined;
  /** The request for queries. Save & test sends requests of its own. */
  #inFlight: Promise<KeptToken> | undefined;
  readonly #pace: SignInPace;
  readonly #signIns: SignInRequests;
  /** The version of the file before the last request. */
  #triedVersion = '';

  constructor(deps: CachedTokenSourceDeps) {
    this.#deps = deps;
    this.#failures = new FailureMemory(deps.elapsedMs);
    this.#rejections = new FailureMemory(deps.elapsedMs, LONGEST_REJECTION_PAUSE_MS);
    this.#pace = new SignInPace(deps.elapsedMs);
    this.#signIns = new SignInRequests({
      elapsedMs: deps.elapsedMs,
      pace: this.#pace,
      send: () => this.#sendSignIn(),
      discover: (signal) => this.discover(signal),
      getToken: (signal) => this.getToken(signal),
    });
  }

  async getToken(signal: AbortSignal): Promise<AccessToken> {
    const kept = this.#usable();
    if (kept !== undefined && !kept.isRejected) {
      if (this.#deps.elapsedMs() >= kept.renewFromMs) {
        this.#renewUnlessPaused().catch(() => undefined);
      }
      return kept.token;
    }
    const paused = this.#inFlight === undefined ? await untilAborted(this.#paused(), signal) : undefined;
    if (paused !== undefined) {
      return this.#inOutage(paused);
    }
    return untilAborted(this.#renew(), signal).catch((reason: unknown) => this.#inOutage(reason));
  }

  async signIn(dataSource: string): Promise<SignIn> {
    return this.#signIns.signIn(dataSource);
  }

  accept(token: AccessToken): void {
    if (this.#candidate?.token === token) {
      this.#kept = this.#candidate;
      this.#candidate = undefined;
    }
  }

  async discover(signal: AbortSignal): Promise<FoundProvider> {
    const { discovery } = this.#deps;
    const paused = discovery.known === undefined ? await untilAborted(this.#paused(), signal) : undefined;
    if (paused !== undefined) {
      throw paused;
    }
    const search = discovery.find().catch((reason: unknown) => {
      throw this.#failed(this.#labelled(ProxyError.from(reason)));
    });
    return untilAborted(search, signal);
  }

  checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding> {
    return untilAborted(this.#deps.keys.find(token.description), signal);
  }

  /**
   * The server may have rejected the token for a temporary reason. So callers get the rejected token again during the
   * delay after rejections, and during an outage of the provider.
   */
  reject(token: AccessToken): void {
    if (this.#candidate?.token === token) {
      this.#candidate = undefined;
    }
    const kept = this.#kept;
    const isKept = kept !== undefined && kept.token.secret.reveal() === token.secret.reveal();
    if (!isKept || kept.isRejected || this.#rejections.paused() !== undefined) {
      return;
    }
    if (kept.hasPaused) {
      kept.isRejected = true;
    } else if (kept.isReplacement && this.#deps.elapsedMs() - kept.receivedMs < STORM_MS) {
      kept.hasPaused = true;
      this.#rejections.remember(new ProxyError('token_refused'));
    } else {
      kept.isRejected = true;
      this.#rejections.clear();
    }
  }

  #usable(): KeptToken | undefined {
    return this.#kept !== undefined && this.#deps.elapsedMs() < this.#kept.usableUntilMs ? this.#kept : undefined;
  }

  /**
   * The last failure, during the delay after it. The delay ends when the file with the secret or the assertion changes.
   */
  async #paused(): Promise<ProxyError | undefined> {
    if (this.#failures.paused() !== undefined && (await this.#deps.fileVersion()) !== this.#triedVersion) {
      this.#failures.clear();
    }
    return this.#failures.paused();
  }

  async #renewUnlessPaused(): Promise<void> {
    if ((await this.#paused()) === undefined) {
      await this.#renew();
    }
  }

  /** Replaces the cached token with a new one. */
  async #renew(): Promise<AccessToken> {
    const fetched = await this.#fetchShared(this.#reason());
    this.#kept = fetched;
    return fetched.token;
  }

  /**
   * Stores a new token of `signIn`. Replaces the cached token immediately only if the cached token has expired or was
   * rejected.
   */
  #offer(fetched: KeptToken): KeptToken {
    const kept = this.#usable();
    if (kept === undefined || kept.isRejected) {
      this.#kept = fetched;
    } else if (kept !== fetched) {
      this.#candidate = fetched;
    }
    return fetched;
  }

  /**
   * Returns the cached token during an outage, even if a server rejected the token.
   *
   * @throws `reason` if `reason` is not an outage, or if there is no usable token.
   */
  #inOutage(reason: unknown): AccessToken {
    const kept = this.#usable();
    if (kept !== undefined && reason instanceof ProxyError && OUTAGES.has(reason.code)) {
      return kept.token;
    }
    throw reason;
  }

  /** The failure with the labels that the fields have in the settings form of the provider. */
  #labelled(error: ProxyError): ProxyError {
    if (!(error instanceof ProviderError)) {
      return error;
    }
    const labelled = this.#labelledErrors.get(error) ?? error.with({ labels: fieldLabels(this.#deps.provider) });
    this.#labelledErrors.set(error, labelled);
    return labelled;
  }

  /** The reason why a query needs a token request. */
  #reason(): TokenRequestReason {
    if (this.#failures.hasFailed) {
      return 'retry';
    }
    if (this.#kept === undefined) {
      return 'first';
    }
    return this.#kept.isRejected ? 'rejected' : this.#usable() === undefined ? 'expired' : 'renewal';
  }

  #fetchShared(reason: TokenRequestReason): Promise<KeptToken> {
    const { discovery, grant } = this.#deps;
    this.#inFlight ??= this.#fetch(reason, (signal) => findToken(discovery, grant, signal))
      .catch((error: unknown) => {
        throw this.#failed(ProxyError.from(error));
      })
      .finally(() => (this.#inFlight = undefined));
    return this.#inFlight;
  }

  /**
   * Sends the requests of Save & test. A failure delays the requests of queries only if the provider rejected the token
   * request, and no token is usable that a delay could end: a failed test must not end a token that works.
   */
  #sendSignIn(): SentSignIn {
    const { discovery, grant } = this.#deps;
    const provider = Promise.withResolvers<Provider>();
    let found: Provider | undefined;
    const fetched = this.#fetch('check', async (signal) => {
      found = await untilAborted(discovery.read(), signal);
      provider.resolve(found);
      const granted = await grant(found, signal);
      discovery.keep(found);
      return granted;
    }).catch((reason: unknown) => {
      const error = ProxyError.from(reason);
      this.#pace.failed(error);
      if (found !== undefined && this.#usable() === undefined) {
        this.#failures.remember(error);
      }
      provider.reject(error);
      throw error;
    });
    return { provider: provider.promise, token: fetched.then((kept) => this.#offer(kept)) };
  }

  /** Remembers a failure of queries, and returns it. */
  #failed(error: ProxyError): ProxyError {
    this.#failures.remember(error);
    this.#pace.failed(error);
    return error;
  }

  /** @throws {ProxyError} The failure, which is logged and counted, but not remembered. */
  async #fetch(
    reason: TokenRequestReason,
    request: (signal: AbortSignal) => Promise<GrantedToken>
  ): Promise<KeptToken> {
    const { fileVersion, elapsedMs, logger, onRequest, inTurn } = this.#deps;
    let startedMs = elapsedMs();
    try {
      const limitMs = this.#deps.requestLimitMs ?? REQUEST_LIMIT_MS;
      const granted = await inTurn(() => {
        startedMs = elapsedMs();
        return withLimits({ limitMs, awaitsWork: true }, async (signal) => {
          this.#triedVersion = await untilAborted(fileVersion(), signal);
          return request(signal);
        });
      });
      const received = this.#received(granted);
      this.#failures.clear();
      this.#pace.succeeded();
      onRequest({ reason, code: 'ok', durationMs: elapsedMs() - startedMs });
      const { expiresAtMs, receivedAtMs } = received.token;
      logger.debug('received an access token', { lifetimeMs: expiresAtMs - receivedAtMs });
      return received;
    } catch (cause) {
      const error = this.#labelled(asProviderFailure(cause));
      onRequest({ reason, code: error.code, durationMs: elapsedMs() - startedMs });
      logger.warn('no access token from the identity provider', {
        code: error.code,
        reason: error.logDetail ?? error.message,
        isOldTokenValid: this.#usable() !== undefined,
      });
      throw error;
    }
  }

  #received(granted: GrantedToken): KeptToken {
    const { now, elapsedMs, random } = this.#deps;
    const receivedAtMs = now();
    const receivedMs = elapsedMs();
    const description = describeToken(granted.secret.reveal());
    const { expiresInSeconds, providerTimeMs: dateMs } = granted;
    const { lifetimeMs, providerTimeMs } = lifetimeOf({ receivedAtMs, expiresInSeconds, dateMs, description });
    if (lifetimeMs <= 0) {
      throw new ProxyError('provider_bad_answer', {
        detail: "The access token had already expired by the provider's own clock.",
        advice: 'Check the lifetime of access tokens at the identity provider, and whether it returns expired tokens.',
      });
    }
    const providerClockAheadMs = clockAhead(providerTimeMs, receivedAtMs);
    const expiresAtMs = receivedAtMs + lifetimeMs;
    // A short-lived token is renewed at half of its lifetime, not with each query.
    const leadMs = Math.min(Math.max(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE), lifetimeMs / 2);
    const { secret, requestedWith } = granted;
    const token = { secret, expiresAtMs, receivedAtMs, providerClockAheadMs, description, requestedWith };
    return {
      token,
      receivedMs,
      renewFromMs: receivedMs + lifetimeMs - leadMs * (1 + JITTER_SHARE * random()),
      usableUntilMs: receivedMs + lifetimeMs - Math.min(TRAVEL_MS, lifetimeMs / 10),
      isReplacement: this.#kept !== undefined && (this.#kept.isRejected || this.#kept.hasPaused),
      isRejected: false,
      hasPaused: false,
    };
  }
}

/** No caller can cancel the shared request, so `query_cancelled` means that the time limit of the request passed. */
function asProviderFailure(reason: unknown): ProxyError {
  const error = ProxyError.from(reason);
  return error.code === 'query_cancelled' ? new ProxyError('provider_timeout', { cause: reason }) : error;
}
