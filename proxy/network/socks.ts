/**
 * Connections through Grafana's secure SOCKS proxy: SOCKS5 with user name and password, inside TLS 1.3 with a client
 * certificate.
 *
 * Every answer is read to its last byte and no further: behind it the server may already speak, as one of HTTP/2 does,
 * and the `socks` package hands such bytes to listeners that a protocol on top of the socket does not have.
 *
 * Rules: RFC 1928 (SOCKS5), RFC 1929 (user name and password); grafana/grafana-plugin-sdk-go `backend/proxy`.
 */
import { isIP, type Socket } from 'node:net';
import { addressText } from '../../contract/host';
import { withLimits } from '../async/with-limits';
import { CONNECT_LIMIT_MS, connectTcp, connectTls } from './connect';
import { proxyFailure } from './proxy-failure';
import { readBytes } from './read-bytes';
import { type SocksProxy } from './routes';
import { socksAddress } from './socks-address';
import { tlsContext } from './tls-context';

const VERSION = 5;
const NO_SIGN_IN = 0;
const PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;
const PASSWORD_VERSION = 1;
const CONNECT = 1;
const SUCCEEDED = 0;
const NAME = 3;
const IPV6 = 4;

/** The proxy reached its own limits or those of its rules (RFC 1928, section 6). */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'It failed to connect to the server.',
  2: 'Its rules do not allow connections to this server.',
  7: 'It does not know the command CONNECT.',
  8: 'It does not know addresses of this kind.',
};

/** Replies about the server itself, as the codes that a connection without the proxy would have met. */
const SERVER_FAILURES: Readonly<Record<number, string>> = {
  3: 'ENETUNREACH',
  4: 'EHOSTUNREACH',
  5: 'ECONNREFUSED',
  6: 'ETIMEDOUT',
};

/** The server behind the proxy cannot be reached: the proxy itself did its work. */
class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';

  constructor(
    readonly code: string,
    address: string
  ) {
    super(`connect ${code} ${address} (said by the SOCKS proxy)`);
  }
}

function shortText(text: string, what: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) {
    throw proxyFailure('SOCKS proxy', `The ${what} is longer than the 255 bytes that SOCKS can carry.`);
  }
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

async function signIn(socket: Socket, { user, password }: SocksProxy): Promise<string | undefined> {
  const methods = user === '' ? [NO_SIGN_IN] : [NO_SIGN_IN, PASSWORD];
  socket.write(Buffer.of(VERSION, methods.length, ...methods));
  const [version, method] = await readBytes(socket, 2);
  if (version !== VERSION) {
    return 'It does not speak SOCKS5.';
  }
  if (method === NONE_ACCEPTABLE || (method !== NO_SIGN_IN && (method !== PASSWORD || user === ''))) {
    return user === '' ? 'It asks for a sign-in, and there is no user name.' : 'It accepts no user name and password.';
  }
  if (method === PASSWORD) {
    const secret = password?.reveal() ?? '';
    socket.write(
      Buffer.concat([Buffer.of(PASSWORD_VERSION), shortText(user, 'user name'), shortText(secret, 'password')])
    );
    const status = (await readBytes(socket, 2))[1];
    return status === SUCCEEDED ? undefined : 'It did not accept user name and password.';
  }
  return undefined;
}

/** @throws {ServerUnreachable} @returns What is wrong with the proxy, if anything is. */
async function connectThrough(socket: Socket, host: string, port: number): Promise<string | undefined> {
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  const address = isIP(host) === 0 ? Buffer.concat([Buffer.of(NAME), shortText(host, 'host')]) : socksAddress(host);
  socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0), address, portBytes]));
  const [version, reply, , kind] = await readBytes(socket, 4);
  const serverFailure = SERVER_FAILURES[reply];
  if (version === VERSION && serverFailure !== undefined) {
    throw new ServerUnreachable(serverFailure, addressText(host, port));
  }
  if (version !== VERSION || reply !== SUCCEEDED) {
    return REFUSALS[reply] ?? `It answered CONNECT with ${reply}.`;
  }
  // The address that the proxy connects from: of no use, but in the way.
  const length = kind === NAME ? (await readBytes(socket, 1))[0] : kind === IPV6 ? 16 : 4;
  await readBytes(socket, length + 2);
  return undefined;
}

async function reachProxy(proxy: SocksProxy, signal: AbortSignal): Promise<Socket> {
  const socket = await connectTcp(proxy.host, proxy.port, signal);
  if (proxy.isPlaintext) {
    return socket;
  }
  const { rootCas, clientCertificate, clientKey, serverName } = proxy;
  const ca = rootCas.length === 0 ? undefined : rootCas.join('\n');
  const context = tlsContext({ skipVerify: false, ca, clientCertificate, clientKey }, 'TLSv1.3');
  return connectTls(socket, { context, name: serverName || proxy.host, skipVerify: false }, signal);
}

async function negotiate(socket: Socket, proxy: SocksProxy, host: string, port: number): Promise<void> {
  const problem = (await signIn(socket, proxy)) ?? (await connectThrough(socket, host, port));
  if (problem !== undefined) {
    throw proxyFailure(`SOCKS proxy ${addressText(proxy.host, proxy.port)}`, problem);
  }
}

/**
 * A connection to the server through the proxy, which looks up the name.
 *
 * @throws {ProxyError} `proxy_unreachable`; Node's error codes when the proxy says that it cannot reach the server.
 */
export async function connectSocks(
  proxy: SocksProxy,
  host: string,
  port: number,
  signal: AbortSignal
): Promise<Socket> {
  const who = `SOCKS proxy ${addressText(proxy.host, proxy.port)}`;
  let socket: Socket | undefined;
  try {
    const connected = await reachProxy(proxy, signal);
    socket = connected;
    const limits = { limitMs: CONNECT_LIMIT_MS, signal, late: `${who} does not answer` };
    await withLimits(limits, () => negotiate(connected, proxy, host, port));
    return connected;
  } catch (reason) {
    socket?.destroy();
    throw signal.aborted || reason instanceof ServerUnreachable ? reason : proxyFailure(who, reason);
  }
}
