/**
 * One token for all callers of a data source: fetched once, renewed in time, kept through outages of the provider,
 * replaced when a server refuses it. Which grant gets it makes no difference here.
 *
 * The life of a token: until `renewFromMs` it is handed out; from then on it is still handed out while a new one is
 * fetched in the background, so no query waits for a renewal; from `usableUntilMs` on callers wait for a new one.
 */
import { inFormWords } from '../../contract/provider-labels';
import { type RecognisedProvider } from '../../contract/providers';
import { untilAborted, withLimits } from '../async/with-limits';
import { type ErrorCode } from '../errors/catalogue';
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { type Discovery, OUTAGES } from './discovery';
import { FailureMemory, FIRST_PAUSE_MS } from './failure-memory';
import { ProviderError } from './provider-error';
import { type KeySet } from './key-set';
import { clockAhead } from './provider-clock';
import { describeToken } from './read-token';
import { findToken, type GrantedToken, type TokenGrant } from './token-grant';
import { lifetimeOf } from './token-lifetime';
import { type AccessToken, type FoundProvider, type KeyFinding, type TokenSource } from './token-source';

/** Limit of one shared request, discovery included. */
const REQUEST_LIMIT_MS = 15_000;
/** Least time before its end at which a token is renewed, and the share of its life if that is earlier. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_BEFORE_SHARE = 0.2;
/** Renewals are spread over this share of that time, so that many instances do not ask at once. */
const JITTER_SHARE = 0.1;
/** Time for the token's way to the server, which refuses it from the second of its end on. */
const TRAVEL_MS = 5_000;
/** A token refused this soon after it replaced a refused one says that the next would be refused as well. */
const STORM_MS = 300_000;
/** Longest pause between new tokens for a server that refuses them: tokens may be counted, and none of them helps. */
const LONGEST_REFUSAL_PAUSE_MS = 300_000;
/** A token received within this time says that the provider gives one now. */
const JUST_RECEIVED_MS = 10_000;

export interface CachedTokenSourceDeps {
  discovery: Discovery;
  keys: KeySet;
  grant: TokenGrant;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  elapsedMs: () => number;
  /** From 0 to below 1. */
  random: () => number;
  logger: Logger;
  /** Called at the end of each request for a token. */
  onRequest: (code: ErrorCode | 'ok', durationMs: number) => void;
  /** Whose form the settings page shows: advice names its fields. */
  provider: RecognisedProvider;
  /** Milliseconds, for tests. */
  requestLimitMs?: number;
}

/** Times are milliseconds of `elapsedMs`: a clock that is set does not change how long a token lives. */
interface KeptToken {
  token: AccessToken;
  receivedMs: number;
  renewFromMs: number;
  usableUntilMs: number;
  /** True when it replaced a token that the server refused. */
  isReplacement: boolean;
  /** True once a server has refused it and another one is to be fetched in its place. */
  isRefused: boolean;
  /** True once a pause was made on its account. */
  hasPaused: boolean;
}

export class CachedTokenSource implements TokenSource {
  readonly #deps: CachedTokenSourceDeps;
  readonly #failures: FailureMemory;
  /** Of a server that refuses what the provider gives: until its pause is over, no other token is fetched for it. */
  readonly #refusals: FailureMemory;
  /** Failures by what they were before they got the form's words: one that callers share stays one. */
  readonly #worded = new WeakMap<ProxyError, ProxyError>();
  #kept: KeptToken | undefined;
  /** The last token of `signIn` that no server has accepted yet, while the kept one can be used. */
  #candidate: KeptToken | undefined;
  #inFlight: Promise<KeptToken> | undefined;

  constructor(deps: CachedTokenSourceDeps) {
    this.#deps = deps;
    this.#failures = new FailureMemory(deps.now);
    this.#refusals = new FailureMemory(deps.now, LONGEST_REFUSAL_PAUSE_MS);
  }

  async getToken(signal: AbortSignal): Promise<AccessToken> {
    const kept = this.#usable();
    if (kept !== undefined && !kept.isRefused) {
      if (this.#deps.elapsedMs() >= kept.renewFromMs && this.#failures.paused() === undefined) {
        this.#renew().catch(() => undefined);
      }
      return kept.token;
    }
    const paused = this.#inFlight === undefined ? this.#failures.paused() : undefined;
    if (paused !== undefined) {
      return this.#inOutage(paused);
    }
    return untilAborted(this.#renew(), signal).catch((reason: unknown) => this.#inOutage(reason));
  }

  async signIn(signal: AbortSignal): Promise<AccessToken> {
    const recent = [this.#candidate, this.#kept].find((each) => each !== undefined && this.#isRecent(each));
    if (recent !== undefined) {
      return recent.token;
    }
    const paused = this.#inFlight === undefined ? this.#failures.paused(FIRST_PAUSE_MS) : undefined;
    if (paused !== undefined) {
      throw paused;
    }
    return untilAborted(
      this.#fetchShared().then((fetched) => this.#offer(fetched)),
      signal
    );
  }

  accept(token: AccessToken): void {
    if (this.#candidate?.token === token) {
      this.#kept = this.#candidate;
      this.#candidate = undefined;
    }
  }

  async discover(signal: AbortSignal): Promise<FoundProvider> {
    const { discovery } = this.#deps;
    const paused = discovery.known === undefined ? this.#failures.paused(FIRST_PAUSE_MS) : undefined;
    if (paused !== undefined) {
      throw paused;
    }
    const search = discovery.find().catch((reason: unknown) => {
      const error = this.#inFormWords(ProxyError.from(reason));
      this.#failures.remember(error);
      throw error;
    });
    const { tokenEndpoint, discoveryUrl, issuer, product } = await untilAborted(search, signal);
    return { tokenEndpoint, discoveryUrl, issuer, product };
  }

  checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding> {
    return untilAborted(this.#deps.keys.find(token.description), signal);
  }

  /**
   * A server may refuse a token for a passing reason. While no other one is fetched for it, and in an outage of the
   * provider, callers get the same token again.
   */
  reject(token: AccessToken): void {
    if (this.#candidate?.token === token) {
      this.#candidate = undefined;
    }
    const kept = this.#kept;
    const isKept = kept !== undefined && kept.token.secret.reveal() === token.secret.reveal();
    if (!isKept || kept.isRefused || this.#refusals.paused() !== undefined) {
      return;
    }
    if (kept.hasPaused) {
      kept.isRefused = true;
    } else if (kept.isReplacement && this.#deps.elapsedMs() - kept.receivedMs < STORM_MS) {
      kept.hasPaused = true;
      this.#refusals.remember(new ProxyError('token_refused'));
    } else {
      kept.isRefused = true;
      this.#refusals.clear();
    }
  }

  #usable(): KeptToken | undefined {
    return this.#kept !== undefined && this.#deps.elapsedMs() < this.#kept.usableUntilMs ? this.#kept : undefined;
  }

  #isRecent({ isRefused, receivedMs, usableUntilMs }: KeptToken): boolean {
    const elapsedMs = this.#deps.elapsedMs();
    return !isRefused && elapsedMs - receivedMs < JUST_RECEIVED_MS && elapsedMs < usableUntilMs;
  }

  /** A new token in place of the kept one. */
  async #renew(): Promise<AccessToken> {
    const fetched = await this.#fetchShared();
    this.#kept = fetched;
    return fetched.token;
  }

  /** A new token of `signIn`. It replaces the cached token at once only where that one cannot be used. */
  #offer(fetched: KeptToken): AccessToken {
    const kept = this.#usable();
    if (kept === undefined || kept.isRefused) {
      this.#kept = fetched;
    } else if (kept !== fetched) {
      this.#candidate = fetched;
    }
    return fetched.token;
  }

  /** The token that one server refused, while there can be no other. @throws `reason`, where it is no outage. */
  #inOutage(reason: unknown): AccessToken {
    const kept = this.#usable();
    if (kept !== undefined && reason instanceof ProxyError && OUTAGES.has(reason.code)) {
      return kept.token;
    }
    throw reason;
  }

  #inFormWords(error: ProxyError): ProxyError {
    if (!(error instanceof ProviderError)) {
      return error;
    }
    const worded = this.#worded.get(error) ?? error.with({ advice: inFormWords(error.advice, this.#deps.provider) });
    this.#worded.set(error, worded);
    return worded;
  }

  #fetchShared(): Promise<KeptToken> {
    this.#inFlight ??= this.#fetch().finally(() => (this.#inFlight = undefined));
    return this.#inFlight;
  }

  async #fetch(): Promise<KeptToken> {
    const { discovery, grant, now, logger, onRequest } = this.#deps;
    const startedMs = now();
    try {
      const limitMs = this.#deps.requestLimitMs ?? REQUEST_LIMIT_MS;
      const granted = await withLimits({ limitMs, awaitsWork: true }, (signal) => findToken(discovery, grant, signal));
      const received = this.#received(granted);
      this.#failures.clear();
      onRequest('ok', now() - startedMs);
      const { expiresAtMs, receivedAtMs } = received.token;
      logger.debug('received an access token', { lifetimeMs: expiresAtMs - receivedAtMs });
      return received;
    } catch (reason) {
      const error = this.#inFormWords(asProviderFailure(reason));
      this.#failures.remember(error);
      onRequest(error.code, now() - startedMs);
      logger.warn('no access token from the identity provider', {
        code: error.code,
        reason: error.message,
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
        detail: "The access token in it had already ended, by the provider's own clock.",
        advice: 'Check how long the identity provider makes access tokens live, and whether it returns old ones.',
      });
    }
    const providerClockAheadMs = clockAhead(providerTimeMs, receivedAtMs);
    const expiresAtMs = receivedAtMs + lifetimeMs;
    // A token that lives hardly longer than the usual lead is renewed at half its life, not with each query.
    const leadMs = Math.min(Math.max(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE), lifetimeMs / 2);
    const { secret, requestedWith } = granted;
    const token = { secret, expiresAtMs, receivedAtMs, providerClockAheadMs, description, requestedWith };
    return {
      token,
      receivedMs,
      renewFromMs: receivedMs + lifetimeMs - leadMs * (1 + JITTER_SHARE * random()),
      usableUntilMs: receivedMs + lifetimeMs - Math.min(TRAVEL_MS, lifetimeMs / 10),
      isReplacement: this.#kept !== undefined && (this.#kept.isRefused || this.#kept.hasPaused),
      isRefused: false,
      hasPaused: false,
    };
  }
}

/** The shared request has no caller who could cancel it: what looks like a cancel is its time limit. */
function asProviderFailure(reason: unknown): ProxyError {
  const error = ProxyError.from(reason);
  return error.code === 'query_cancelled' ? new ProxyError('provider_timeout', { cause: reason }) : error;
}
