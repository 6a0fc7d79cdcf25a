/** Places where the proxy listens, and how they are written in the handshake and in settings. */
import { addressText } from '../../contract/host';

export type ListenAddress = { network: 'unix'; path: string } | { network: 'tcp'; host: string; port: number };

/** Reads `unix:/path/to/socket`, `host:port` or `[ipv6]:port`. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
    return path.startsWith('/') ? { network: 'unix', path } : undefined;
  }
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:/[\]\s]+)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535) {
    return undefined;
  }
  return { network: 'tcp', host: match[1] ?? match[2], port: Number(match[3]) };
}

/** Socket path, or host and port. */
export function listenText(address: ListenAddress): string {
  return address.network === 'unix' ? address.path : addressText(address.host, address.port);
}
