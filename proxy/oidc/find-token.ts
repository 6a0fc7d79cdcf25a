/**
 * Discovery and the request for a token as one step. A token endpoint that is not there any more may have moved: the
 * discovery document is then read again, and the request sent to the new place.
 */
import { untilAborted } from '../async/with-limits';
import { type Discovery } from './discovery';
import { ProviderError } from './provider-error';
import { type GrantedToken, type TokenGrant } from './token-grant';

/** Not found, wrong method, gone, or pointing elsewhere: what is left where a token endpoint was. */
const GONE = new Set([301, 302, 303, 307, 308, 404, 405, 410]);

function mayHaveMoved(reason: unknown): boolean {
  return (
    reason instanceof ProviderError && (reason.code === 'provider_unreachable' || GONE.has(reason.httpStatus ?? 0))
  );
}

/** @throws {ProxyError} as the grant does, and as discovery does. */
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
