/** The proxy on the route to the identity provider, for the texts of Save & test. */
import { message, type Message } from '../../../contract/messages/message';
import { httpProxyFor } from '../../network/environment-proxy';
import { type HttpProxy } from '../../network/routes';
import { type StageContext } from './check-context';

type RouteContext = Pick<StageContext, 'instance' | 'environment'>;

/** The HTTP proxy of a request; undefined also for an unusable one, with which the request itself fails. */
function httpProxyOf({ instance, environment }: RouteContext, url: string): HttpProxy | undefined {
  try {
    return httpProxyFor(instance.settings.providerRoute, new URL(url), environment);
  } catch {
    return undefined;
  }
}

/** The proxy of a request to the identity provider, and where the proxy is set. */
export function routeMessage(context: RouteContext, url: string): Message {
  if (context.instance.settings.providerRoute.socks !== undefined) {
    return message('route-socks');
  }
  const proxy = httpProxyOf(context, url);
  if (proxy === undefined) {
    return message('route-direct');
  }
  const { variable } = proxy;
  return variable === undefined
    ? message('route-http-proxy', { url: proxy.url })
    : message('route-environment-proxy', { url: proxy.url, variable });
}
