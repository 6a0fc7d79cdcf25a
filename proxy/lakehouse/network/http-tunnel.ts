/** Connections through an HTTP proxy with CONNECT, which opens a tunnel for any bytes (RFC 9110, section 9.3.6). */
import { request } from 'node:http';
import { type Socket } from 'node:net';
import { addressOf, formatAddress } from '../../../contract/settings/host';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { CONNECT_LIMIT_MS, connectTcp, connectTls } from './connect';
import { proxyFailure } from './proxy-failure';
import { type HttpProxy } from './routes';
import { tlsContext } from './tls-context';
import { trustedAuthorities } from './trusted-roots';

interface ProxyAddress {
  host: string;
  port: number;
  isTls: boolean;
}

function proxyAddress({ url }: HttpProxy): ProxyAddress {
  const parsed = new URL(url);
  return { ...addressOf(parsed), isTls: parsed.protocol === 'https:' };
}

/**
 * @param ca The certificate authority in the settings. In a company, the same authority often signs the certificate of
 * the HTTP proxy.
 */
async function reachProxy(
  { host, port, isTls }: ProxyAddress,
  ca: string | undefined,
  signal: AbortSignal
): Promise<Socket> {
  const socket = await connectTcp(host, port, signal);
  if (!isTls) {
    return socket;
  }
  const authorities = ca === undefined ? undefined : [...trustedAuthorities(), ca].join('\n');
  return connectTls(
    socket,
    { context: tlsContext({ skipVerify: false, ca: authorities }), name: host, skipVerify: false },
    signal
  );
}

function rejection(status: number, hasUser: boolean): string {
  switch (status) {
    case 407:
      return hasUser
        ? 'It did not accept user name and password (407).'
        : 'It requires a user name and password (407).';
    case 403:
      return 'It does not allow the connection (403).';
    case 502:
    case 503:
    case 504:
      return `It could not reach the identity provider (${status}).`;
    default:
      return `It responded to CONNECT with status ${status}.`;
  }
}

interface Tunnel {
  /** A socket that is connected to the HTTP proxy. */
  socket: Socket;
  /** `host:port` of the identity provider. */
  target: string;
  proxy: HttpProxy;
  signal: AbortSignal;
}

/** Sends CONNECT. @returns The reason why the HTTP proxy opened no tunnel; undefined when it opened one. */
function openTunnel({ socket, target, proxy: { user, password }, signal }: Tunnel): Promise<string | undefined> {
  const credentials = Buffer.from(`${user ?? ''}:${password?.reveal() ?? ''}`).toString('base64');
  const sendConnect = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const connect = request({
        method: 'CONNECT',
        path: target,
        headers: { host: target, ...(user !== undefined && { 'proxy-authorization': `Basic ${credentials}` }) },
        createConnection: () => socket,
      });
      connect.once('connect', ({ statusCode = 0 }, _, head) => {
        if (head.length > 0) {
          socket.unshift(head);
        }
        resolve(statusCode >= 200 && statusCode < 300 ? undefined : rejection(statusCode, user !== undefined));
      });
      connect.once('error', reject);
      connect.end();
    });
  return withLimits({ limitMs: CONNECT_LIMIT_MS, signal, late: 'no response to CONNECT' }, sendConnect);
}

/** What a silent proxy has done so far. @param socket The connection to the proxy, if it accepted one. */
function silence(socket: Socket | undefined, host: string): string {
  return socket === undefined
    ? 'It does not accept a connection.'
    : `It accepts connections, but does not respond to the request for a tunnel to ${host}.`;
}

/**
 * Connects to the identity provider through the HTTP proxy.
 *
 * @throws {ProxyError} `proxy_unreachable`; the reason of the signal when it aborts.
 */
export async function connectThroughHttpProxy(
  proxy: HttpProxy,
  ca: string | undefined,
  host: string,
  port: number,
  signal: AbortSignal
): Promise<Socket> {
  const address = proxyAddress(proxy);
  const source = proxy.variable ?? 'the data source settings';
  const name = `HTTP proxy ${formatAddress(address.host, address.port)} from ${source}`;
  let socket: Socket | undefined;
  try {
    socket = await reachProxy(address, ca, signal);
    const problem = await openTunnel({ socket, target: formatAddress(host, port), proxy, signal });
    if (problem === undefined) {
      return socket;
    }
    throw proxyFailure(name, problem);
  } catch (reason) {
    socket?.destroy();
    // The proxy is silent if the time limit of the whole request passes before the tunnel is open.
    const isLate = reason instanceof TimeoutError || signal.reason instanceof TimeoutError;
    throw signal.aborted && !isLate ? reason : proxyFailure(name, isLate ? silence(socket, host) : reason);
  }
}
