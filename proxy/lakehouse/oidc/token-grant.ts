/** The interface of grants (one file per grant), and the token request with discovery. */
import { type Message } from '../../../contract/messages/message';
import { untilAborted } from '../../base/async/with-limits';
import { type Secret } from '../../observe/logging/secret';
import { type Discovery, type Provider } from './discovery';
import { ProviderError } from './provider-error';

/** A token of a successful response. It is not checked yet. */
export interface GrantedToken {
  secret: Secret;
  /** `expires_in` of the response, if there is one. */
  expiresInSeconds: number | undefined;
  /** The provider's time in milliseconds since 1970 (HTTP `Date`, whole seconds), if the response has it. */
  providerTimeMs: number | undefined;
  /** The method of client authentication. */
  requestedWith: Message;
}

/**
 * Requests a token. Rejects when `signal` aborts.
 *
 * @throws {ProxyError} with a `provider_…` code; `settings_invalid` for a key that cannot sign; `file_…` codes; errors
 *   about the route to the provider, such as `proxy_unreachable`.
 */
export type TokenGrant = (provider: Provider, signal: AbortSignal) => Promise<GrantedToken>;

/** Statuses of a URL that is no longer a token endpoint: redirects, not found, wrong method, gone. */
const GONE = new Set([301, 302, 303, 307, 308, 404, 405, 410]);

function mayHaveMoved(reason: unknown): boolean {
  return (
    reason instanceof ProviderError && (reason.code === 'provider_unreachable' || GONE.has(reason.httpStatus ?? 0))
  );
}

/**
 * Finds the provider and requests a token. If the token endpoint is unreachable or no longer exists, it may have moved.
 * So the discovery document is read again. If it names a new endpoint, the request is sent there.
 *
 * @throws {ProxyError} for the same reasons as the grant and discovery.
 */
export async function findToken(discovery: Discovery, grant: TokenGrant, signal: AbortSignal): Promise<GrantedToken> {
  const provider = await untilAborted(discovery.find(), signal);
  try {
    return await grant(provider, signal);
  } catch (reason) {
    const moved = mayHaveMoved(reason) ? await untilAborted(discovery.findMoved(provider), signal) : undefined;
    if (moved === undefined) {
      throw reason;
    }
    return grant(moved, signal);
  }
}
