/** Describes the SOCKS or HTTP proxy on the route to the identity provider, for Save & test. */
import { message, type Message } from '../../../contract/messages/message';
import { providerProxy } from '../../lakehouse/instances/provider-proxy';
import { type StageContext } from './check-context';

/**
 * A message about the SOCKS or HTTP proxy of a request to the identity provider, and about the setting that defines it.
 */
export function routeMessage(
  { instance, environment }: Pick<StageContext, 'instance' | 'environment'>,
  url: string
): Message {
  const { providerRoute } = instance.settings;
  if (providerRoute.socks !== undefined) {
    return message('route-socks');
  }
  const proxy = providerProxy(providerRoute, url, environment);
  if (proxy === undefined) {
    return message('route-direct');
  }
  return proxy.variable === undefined
    ? message('route-http-proxy', { url: proxy.url })
    : message('route-environment-proxy', { url: proxy.url, variable: proxy.variable });
}
