/**
 * The HTTP proxy for a URL, from the settings or from the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
 * Grafana passes these variables on in upper and lower case. The rules for the variables are those of Go
 * (`golang.org/x/net/http/httpproxy`), which Grafana itself uses.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressOf, bareHost, isLoopback } from '../../../contract/settings/host';
import { message } from '../../../contract/messages/message';
import { type Environment } from '../../base/environment';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { type HttpProxy, type ProviderRoute } from './routes';

/** The value of a variable, and its name as the environment spells it. The name in upper case has priority. */
function variable(environment: Environment, name: string): { name: string; value: string } {
  const named = [name.toUpperCase(), name].map((spelled) => ({
    name: spelled,
    value: (environment[spelled] ?? '').trim(),
  }));
  return named.find(({ value }) => value !== '') ?? { name, value: '' };
}

function inSubnet(host: string, subnet: string): boolean {
  const [network = '', bits = ''] = subnet.split('/');
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^\d{1,3}$/.test(bits)) {
    return false;
  }
  const kind = isIPv6(network) ? 'ipv6' : 'ipv4';
  if (Number(bits) > (kind === 'ipv6' ? 128 : 32)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, Number(bits), kind);
  return list.check(host, kind);
}

/**
 * True when an entry of NO_PROXY matches. An entry is `*`, a name (also matches its subdomains), `.name` or `*.name`
 * (subdomains only), an IP address, or a subnet. Names and IP addresses may have a port.
 */
function excludes(entry: string, host: string, port: number): boolean {
  if (entry === '*') {
    return true;
  }
  if (entry.includes('/')) {
    return inSubnet(host, entry);
  }
  const withPort = isIPv6(entry) ? null : /^(.+):(\d+)$/.exec(entry);
  if (withPort !== null && Number(withPort[2]) !== port) {
    return false;
  }
  const name = bareHost(withPort?.[1] ?? entry).replace(/^\*(?=\.)/, '');
  if (isIP(name) !== 0 || isIP(host) !== 0) {
    return name === host;
  }
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** Reads the value of a variable. The default scheme is `http:`. Undefined when it is not an HTTP URL. */
function proxyOf(value: string, name: string): HttpProxy | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return undefined;
  }
  return {
    url: url.origin,
    variable: name,
    ...(url.username !== '' && { user: decoded(url.username) }),
    ...(url.password !== '' && { password: new Secret(decoded(url.password)) }),
  };
}

/**
 * The HTTP proxy for a URL, or undefined for a direct connection (always for a loopback address).
 *
 * @throws {ProxyError} `proxy_unreachable` for a value that is not the URL of an HTTP proxy. A direct connection would
 *   bypass the HTTP proxy that the operator wants. The value is not quoted, because it may contain a password.
 */
export function environmentProxy(url: URL, environment: Environment): HttpProxy | undefined {
  const { host, port } = addressOf(url);
  const { name, value } = variable(environment, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (value === '' || isLoopback(host)) {
    return undefined;
  }
  const entries = variable(environment, 'no_proxy')
    .value.toLowerCase()
    .split(/[\s,]+/);
  if (entries.some((entry) => entry !== '' && excludes(entry, host, port))) {
    return undefined;
  }
  const proxy = proxyOf(value, name);
  if (proxy === undefined) {
    throw new ProxyError('proxy_unreachable', {
      detail: [message('environment-proxy-unusable', { variable: name })],
      advice: [message('correct-environment-proxy', { variable: name })],
    });
  }
  return proxy;
}

/**
 * The HTTP proxy on the route to an identity provider: the HTTP proxy in the settings, or else in the environment.
 * Undefined for a loopback address, with a SOCKS proxy, and if no HTTP proxy applies.
 *
 * @throws {ProxyError} As `environmentProxy`.
 */
export function httpProxyFor(
  { socks, httpProxy }: Pick<ProviderRoute, 'socks' | 'httpProxy'>,
  url: URL,
  environment: Environment
): HttpProxy | undefined {
  const isDirect = socks !== undefined || isLoopback(addressOf(url).host);
  return isDirect ? undefined : (httpProxy ?? environmentProxy(url, environment));
}
