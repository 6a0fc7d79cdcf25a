/**
 * What the rest of the proxy sees of signing in: a token when it needs one.
 */
import { type Secret } from '../logging/secret';

/** A provider that its discovery document or its tokens show, and not its address. */
export type ProviderProduct = 'hydra';

/** What can be told of an access token without showing it. All optional: opaque tokens tell nothing. */
export interface TokenDescription {
  /** False for opaque tokens, which Micromegas cannot accept. */
  isJwt: boolean;
  algorithm?: string;
  /** `kid`: which of the issuer's keys signed it. */
  keyId?: string;
  issuer?: string;
  subject?: string;
  audience?: readonly string[];
  /** As Micromegas would read it: the first of several claims. */
  email?: string;
  /** The token's own `iat` in milliseconds since 1970, by the provider's clock. */
  issuedMs?: number | undefined;
  /** The token's own `exp` in milliseconds since 1970, by the provider's clock. */
  expiryMs?: number;
  /** True for an encrypted token (JWE), which only its audience can read. */
  isEncrypted?: boolean;
  /** True when `groups` is there but is no list of texts: Micromegas cannot read such a token. */
  hasUnreadableGroups?: boolean;
  /** What made the token, where its form shows that. */
  product?: ProviderProduct | undefined;
}

export interface AccessToken {
  readonly secret: Secret;
  /** Milliseconds since 1970 by this machine's clock at the time of receipt. */
  readonly expiresAtMs: number;
  /** Milliseconds since 1970 at which it was received. */
  readonly receivedAtMs: number;
  /** Milliseconds by which the provider's clock is ahead of this machine's (negative: behind). 0 when about equal. */
  readonly providerClockAheadMs?: number;
  readonly description: TokenDescription;
  /** How the client proved who it is, in words, for example `client secret in the form`. */
  readonly requestedWith?: string;
}

/** What discovery found. */
export interface FoundProvider {
  tokenEndpoint: string;
  /** Where the discovery document was read. */
  discoveryUrl: string;
  /** As the provider names itself: may differ from the settings by the slash at the end. */
  issuer: string;
  /** Where the document shows it. */
  product?: ProviderProduct | undefined;
}

/** Whether the provider lists the key that signed a token, as far as can be told. */
export interface KeyFinding {
  status: 'known' | 'unknown' | 'unchecked';
  /** One or two sentences: what was found, and what it means for Micromegas. */
  text: string;
}

export interface TokenSource {
  /**
   * A valid token: the kept one, or a new one. Callers share one request in flight; aborting `signal` ends the waiting
   * of this caller only.
   *
   * @throws {ProxyError} with a `provider_…` code.
   */
  getToken(signal: AbortSignal): Promise<AccessToken>;
  /**
   * A token that the provider gives now, not one that was kept, and no remembered failure: an admin who has just fixed
   * something should not wait. For Save & Test.
   *
   * While the kept token can be used, `getToken` goes on with it until `accept` says that a server took the new one: after
   * a change of the provider's keys, a server may refuse new tokens for an hour and still accept old ones.
   *
   * @throws {ProxyError} with a `provider_…` code.
   */
  signIn(signal: AbortSignal): Promise<AccessToken>;
  /**
   * Finds the token endpoint, and what the provider calls itself, without asking for a token. For Save & Test.
   *
   * @throws {ProxyError} with a `provider_…` code.
   */
  discover(signal: AbortSignal): Promise<FoundProvider>;
  /**
   * Looks for the token's key among those that the provider publishes, to explain a refusal after a change of keys. A
   * provider that does not answer is a finding, not a failure.
   *
   * @throws {ProxyError} `query_cancelled` after an abort.
   */
  checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding>;
  /** A server accepted a token of `signIn`, so `getToken` returns it from now on. */
  accept(token: AccessToken): void;
  /**
   * A server refused `token`: the next caller gets another one, unless a newer one is already there, or another was
   * fetched for the same reason not long ago. Then `getToken` gives the same again.
   */
  reject(token: AccessToken): void;
}
