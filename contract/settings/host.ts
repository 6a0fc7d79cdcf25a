/** Formats of hosts and ports, and the check whether a host is this machine. */

/** The host without the brackets of an IPv6 address. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') && host.includes(':') ? host.slice(1, -1) : host;
}

/** `host:port`, with an IPv6 address in brackets. @param host With or without brackets. */
export function formatAddress(host: string, port: number): string {
  const bare = bareHost(host);
  return `${bare.includes(':') ? `[${bare}]` : bare}:${port}`;
}

/** Host (without brackets) and port of an `http:` or `https:` URL. */
export function addressOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  return { host: bareHost(hostname), port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
}

const LOOPBACK_IPV4 = /^127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/;

/**
 * True for `localhost`, 127.0.0.0/8 and `::1`, for example to decide whether a listener is reachable from other
 * machines.
 *
 * Returns false for other spellings of these addresses (`127.1`, `2130706433`, `::ffff:127.0.0.1`). False is the safe
 * result, because callers allow plaintext only for loopback. In URLs, the URL parser has already converted IPv4
 * spellings such as `127.1`.
 */
export function isLoopbackAddress(host: string): boolean {
  const name = bareHost(host).toLowerCase();
  return name === 'localhost' || name === '::1' || LOOPBACK_IPV4.test(name);
}

/**
 * True for loopback addresses, and for names such as `app.localhost`, which resolve to loopback (RFC 6761, section
 * 6.3). Use `isLoopbackAddress` to decide where to listen: some resolvers look up `app.localhost` in DNS.
 */
export function isLoopback(host: string): boolean {
  return isLoopbackAddress(host) || /^(?:[a-z0-9_-]+\.)+localhost$/i.test(host);
}
