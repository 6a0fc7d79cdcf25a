/** The interface through which the rest of the backend gets tokens. */
import { type Message } from '../../../contract/messages/message';
import { type Secret } from '../../observe/logging/secret';

/** A provider that is identified by its discovery document or its tokens, not by its URL. */
export type ProviderProduct = 'hydra';

/** Properties of a token that may be shown. An opaque token has almost none. */
export interface TokenDescription {
  /** False for opaque and encrypted tokens, which Micromegas does not accept. */
  isJwt: boolean;
  algorithm?: string;
  /** `kid`: the id of the issuer's key that signed the token. */
  keyId?: string;
  issuer?: string;
  subject?: string;
  audience?: readonly string[];
  /** The e-mail address that Micromegas reads: it tries several claims, and takes the first one that the token has. */
  email?: string;
  /** The token's own `iat` in milliseconds since 1970, by the provider's clock. */
  issuedMs?: number | undefined;
  /** The token's own `exp` in milliseconds since 1970, by the provider's clock. */
  expiryMs?: number;
  /** Ids of the clients for which the token contains roles (`resource_access` of Keycloak). */
  roleClients?: readonly string[];
  /** True for a lightweight access token of Keycloak, into which only some mappers write. */
  isLightweight?: boolean;
  /** True for an encrypted token (JWE), which only its audience can read. */
  isEncrypted?: boolean;
  /** True when `groups` is neither a string nor a list of strings: Micromegas cannot read such a token. */
  hasUnreadableGroups?: boolean;
  /** The product that issued the token, if the format of the token shows it. */
  product?: ProviderProduct | undefined;
}

/**
 * A token of the service account. Tokens are compared as objects. Only `TokenSource.reject` compares the secrets, so
 * that the rejection of a token also applies to a newer token with the same secret.
 */
export interface AccessToken {
  readonly secret: Secret;
  /** Time of expiry in milliseconds since 1970, computed with this machine's clock when the token was received. */
  readonly expiresAtMs: number;
  /** Milliseconds since 1970 at which the token was received. */
  readonly receivedAtMs: number;
  /** Milliseconds by which the provider's clock is ahead of this machine's (negative: behind). 0 when about equal. */
  readonly providerClockAheadMs?: number;
  readonly description: TokenDescription;
  /** The method of client authentication, for example `client secret in the form`. */
  readonly requestedWith?: Message;
}

/** The result of discovery. */
export interface FoundProvider {
  tokenEndpoint: string;
  /** URL of the discovery document. */
  discoveryUrl: string;
  /** The issuer in the document. It may differ from the settings by the slash at the end. */
  issuer: string;
  /** Undefined when the document does not identify the product. */
  product?: ProviderProduct | undefined;
}

/** Tells whether the provider publishes the key that signed a token. */
export interface KeyFinding {
  status: 'known' | 'unknown' | 'unchecked';
  message: Message;
}

/** A request of Save & test that was sent before. */
export interface EarlierRequest {
  /** Milliseconds since the request. */
  agoMs: number;
  /** Milliseconds until Save & test may send the next request. */
  nextMs: number;
  /** True if the token of the request has expired: `token` then returns the token that queries use. */
  hasExpired: boolean;
}

/** Discovery and a token, as Save & test reports them. */
export interface SignIn {
  /** Undefined if the provider is asked for this sign-in. */
  readonly earlier?: EarlierRequest;
  /** @throws {ProxyError} The errors of `Discovery.read`; `query_cancelled` after an abort. */
  provider(signal: AbortSignal): Promise<FoundProvider>;
  /** @throws {ProxyError} The errors of `TokenGrant`, and of discovery; `query_cancelled` after an abort. */
  token(signal: AbortSignal): Promise<AccessToken>;
}

/** The tokens of one service account. It has no timers and no open connections, so it needs no `close`. */
export interface TokenSource {
  /**
   * Returns the cached token, or a new one. Callers share one request. If `signal` aborts, only the promise of this
   * caller rejects.
   *
   * @throws {ProxyError} The errors of `findToken`; `query_cancelled` after an abort.
   */
  getToken(signal: AbortSignal): Promise<AccessToken>;
  /**
   * For Save & test: reads the discovery document and requests a token now, even during the delay after a failure of a
   * query, so that an admin sees the effect of a change immediately. Callers share a request in flight. If the limits
   * of `SignInPace` do not allow a request, returns the outcome of the last one.
   *
   * While the cached token can be used, `getToken` returns it until `accept` reports that a server accepted the new
   * token. After a change of the provider's keys, a server may reject new tokens for an hour and still accept old ones.
   *
   * @param dataSource Key of the data source that is tested. The limits apply to each data source.
   */
  signIn(dataSource: string): Promise<SignIn>;
  /**
   * Finds the token endpoint and the issuer as queries do: in the cache, or else with a request. During the delay after
   * a failure, rejects with this failure.
   *
   * @throws {ProxyError} The errors of `Discovery.find`; `query_cancelled` after an abort.
   */
  discover(signal: AbortSignal): Promise<FoundProvider>;
  /**
   * Checks whether the provider publishes the key that signed the token. This helps to explain a rejection after a
   * change of keys. A provider that does not respond is a finding, not a failure.
   *
   * @throws {ProxyError} `query_cancelled` after an abort.
   */
  checkKey(token: AccessToken, signal: AbortSignal): Promise<KeyFinding>;
  /** Reports that a server accepted a token of `signIn`. `getToken` returns this token from then on. */
  accept(token: AccessToken): void;
  /**
   * Reports that a server rejected `token`. The next caller gets a new token, or the same token again during an outage
   * of the provider or soon after another rejection.
   */
  reject(token: AccessToken): void;
}
