/** Opens the connection to a server: straight, or through Grafana's secure SOCKS proxy. */
import { type OnReadOpts, type Socket } from 'node:net';
import { connectTcp } from './connect';
import { type ServerRoute } from './routes';
import { connectSocks } from './socks';

/** Where a connection goes, and through what. */
export type Destination = Pick<ServerRoute, 'host' | 'port' | 'socks'>;

/**
 * @param onread Receives the bytes instead of the `data` events of the socket. Ignored with a SOCKS proxy, whose own bytes come
 *   first.
 * @returns A connected socket, without TLS to the server. It has a listener for errors, so that none is uncaught.
 * @throws {ProxyError} `proxy_unreachable`; Node's error when the server cannot be reached (`ETIMEDOUT` after ten
 *   seconds); the reason of the signal when it aborts.
 */
export function dial({ host, port, socks }: Destination, signal: AbortSignal, onread?: OnReadOpts): Promise<Socket> {
  return socks === undefined ? connectTcp(host, port, signal, { onread }) : connectSocks(socks, host, port, signal);
}
