/**
 * The HTTP proxy that the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY set for a URL. Grafana passes these
 * variables on in upper and lower case. The rules are those of Go (`golang.org/x/net/http/httpproxy`), which Grafana itself
 * uses.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressOf, bareHost, isLoopback } from '../../contract/host';
import { type Environment } from '../environment';
import { Secret } from '../logging/secret';
import { type HttpProxy } from './routes';

function variable(environment: Environment, name: string): string {
  return (environment[name.toUpperCase()] ?? '').trim() || (environment[name.toLowerCase()] ?? '').trim();
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
 * True when an entry of NO_PROXY matches. An entry is `*`, a name (also matches its subdomains), `.name` (subdomains only),
 * an IP address or a subnet, with an optional port except for subnets.
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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads the value of a variable. The default scheme is `http:`. Undefined when it is not an HTTP URL. */
function proxyOf(text: string): HttpProxy | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return undefined;
  }
  return {
    url: url.origin,
    ...(url.username !== '' && { user: decoded(url.username) }),
    ...(url.password !== '' && { password: new Secret(decoded(url.password)) }),
  };
}

/** The proxy for a URL, or undefined to connect directly, as for loopback. */
export function environmentProxy(url: URL, environment: Environment): HttpProxy | undefined {
  const { host, port } = addressOf(url);
  const text = variable(environment, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (text === '' || isLoopback(host)) {
    return undefined;
  }
  const entries = variable(environment, 'no_proxy')
    .toLowerCase()
    .split(/[\s,]+/);
  return entries.some((entry) => entry !== '' && excludes(entry, host, port)) ? undefined : proxyOf(text);
}
