/**
 * What a grant is to the rest of this folder: a way to ask a provider for a token. One file per grant.
 */
import { type Secret } from '../logging/secret';
import { type Provider } from './discovery';

export interface GrantedToken {
  secret: Secret;
  /** From the answer; undefined when it names none. */
  expiresInSeconds: number | undefined;
  /** The provider's clock at the answer in milliseconds since 1970 (HTTP `Date`, whole seconds), if it told. */
  providerTimeMs: number | undefined;
  /** How the client proved who it is, in words. */
  requestedWith: string;
}

/**
 * Asks the provider for a token. Heeds `signal`.
 *
 * @throws {ProxyError} with a `provider_…` code; `settings_invalid` for a key that cannot sign; `file_…` codes.
 */
export type TokenGrant = (provider: Provider, signal: AbortSignal) => Promise<GrantedToken>;
