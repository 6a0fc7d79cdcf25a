/** The HTTP proxy on the route to the identity provider, for messages about the route. */
import { type Environment } from '../../base/environment';
import { httpProxyFor } from '../network/environment-proxy';
import { type HttpProxy, type ProviderRoute } from '../network/routes';

/**
 * The HTTP proxy of requests to `url`; undefined without one. Also undefined if the HTTP proxy in the environment is
 * not usable: the request itself reports this problem.
 */
export function providerProxy(route: ProviderRoute, url: string, environment: Environment): HttpProxy | undefined {
  try {
    return httpProxyFor(route, new URL(url), environment);
  } catch {
    return undefined;
  }
}
