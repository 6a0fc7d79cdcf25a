/** IP addresses as SOCKS5 carries them: a byte for the kind, then the address (RFC 1928, section 5). */
import { isIPv4 } from 'node:net';

const IPV4 = 1;
const IPV6 = 4;

/** The URL parser knows all ways to write an IPv6 address, and writes it in its shortest form. */
function ipv6Groups(address: string): number[] {
  const [zoneless = ''] = address.split('%', 1);
  const canonical = new URL(`http://[${zoneless}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/** @param address IPv4 or IPv6, without brackets. */
export function socksAddress(address: string): Buffer {
  if (isIPv4(address)) {
    return Buffer.of(IPV4, ...address.split('.').map(Number));
  }
  return Buffer.of(IPV6, ...ipv6Groups(address).flatMap((group) => [group >> 8, group & 0xff]));
}
