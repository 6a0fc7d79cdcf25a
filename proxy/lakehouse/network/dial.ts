/**
 * Connections to a server, directly or through Grafana's secure SOCKS proxy: SOCKS5 with user name and password, inside
 * TLS 1.3 with a client certificate.
 *
 * The first bytes of an HTTP/2 server may directly follow the reply of the SOCKS proxy. So only the reply is read, and
 * all later bytes stay in the socket. The `socks` package is not used, because it emits the later bytes as an event
 * before a listener can exist.
 *
 * Rules: RFC 1928 (SOCKS5), RFC 1929 (user name and password); grafana/grafana-plugin-sdk-go `backend/proxy`.
 */
import { isIP, isIPv4, type Socket } from 'node:net';
import { formatAddress } from '../../../contract/settings/host';
import { withLimits } from '../../base/async/with-limits';
import { CONNECT_LIMIT_MS, connectTcp, connectTls, startTimeLimit, type TcpOptions } from './connect';
import { proxyFailure } from './proxy-failure';
import { readBytes } from './read-bytes';
import { type ServerRoute, type SocksProxy } from './routes';
import { tlsContext } from './tls-context';

const VERSION = 5;
const NO_SIGN_IN = 0;
const PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;
const PASSWORD_VERSION = 1;
const CONNECT = 1;
const SUCCEEDED = 0;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
/** Bytes of an address of a fixed length, by its kind. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { [IPV4]: 4, [IPV6]: 16 };

/** Replies about the SOCKS proxy and its rules (RFC 1928, section 6). */
const REJECTIONS: Readonly<Record<number, string>> = {
  1: 'It failed to connect to the server.',
  2: 'Its rules do not allow connections to this server.',
  7: 'It does not support the command CONNECT.',
  8: 'It does not support this address type.',
};

/** Replies about the server, with the error code that a direct connection would have. */
const SERVER_FAILURES: Readonly<Record<number, string>> = {
  3: 'ENETUNREACH',
  4: 'EHOSTUNREACH',
  5: 'ECONNREFUSED',
  6: 'ETIMEDOUT',
};

/** The SOCKS proxy works, but cannot reach the server. */
class ServerUnreachableError extends Error {
  override readonly name = 'ServerUnreachableError';

  constructor(
    readonly code: string,
    address: string
  ) {
    super(`connect ${code} ${address} (reported by the SOCKS proxy)`);
  }
}

/** The 16-bit groups of an IPv6 address. The URL parser normalizes every notation, but does not accept a zone id. */
function ipv6Groups(address: string): number[] {
  const [zoneless = ''] = address.split('%', 1);
  const canonical = new URL(`http://[${zoneless}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/**
 * Encodes an IP address for SOCKS5: a byte for its type, then the address (RFC 1928, section 5).
 *
 * @param address Without brackets.
 */
export function socksAddress(address: string): Buffer {
  if (isIPv4(address)) {
    return Buffer.of(IPV4, ...address.split('.').map(Number));
  }
  return Buffer.of(IPV6, ...ipv6Groups(address).flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * One byte with the length of the string, then the string in UTF-8.
 *
 * @param name Name of the string in the error message.
 */
function lengthPrefixed(value: string, name: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length > 255) {
    throw proxyFailure('SOCKS proxy', `The ${name} is longer than 255 bytes, the maximum of SOCKS.`);
  }
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** @returns The problem with the SOCKS proxy, or undefined. */
async function signIn(socket: Socket, { user, password }: SocksProxy): Promise<string | undefined> {
  const methods = user === '' ? [NO_SIGN_IN] : [NO_SIGN_IN, PASSWORD];
  socket.write(Buffer.of(VERSION, methods.length, ...methods));
  const [version, method] = await readBytes(socket, 2);
  if (version !== VERSION) {
    return 'It does not speak SOCKS5.';
  }
  if (method === NONE_ACCEPTABLE || (method !== NO_SIGN_IN && (method !== PASSWORD || user === ''))) {
    return user === ''
      ? 'It requires a user name, and the settings have none.'
      : 'It does not support user name and password.';
  }
  if (method === PASSWORD) {
    const secret = password?.reveal() ?? '';
    socket.write(
      Buffer.concat([
        Buffer.of(PASSWORD_VERSION),
        lengthPrefixed(user, 'user name'),
        lengthPrefixed(secret, 'password'),
      ])
    );
    const status = (await readBytes(socket, 2))[1];
    return status === SUCCEEDED ? undefined : 'It did not accept user name and password.';
  }
  return undefined;
}

/** @returns The problem with the SOCKS proxy, or undefined. @throws {ServerUnreachableError} */
async function connectThrough(socket: Socket, host: string, port: number): Promise<string | undefined> {
  const portBytes = Buffer.alloc(2);
  portBytes.writeUInt16BE(port);
  const address =
    isIP(host) === 0 ? Buffer.concat([Buffer.of(NAME), lengthPrefixed(host, 'host')]) : socksAddress(host);
  socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0), address, portBytes]));
  const [version, reply, , kind] = await readBytes(socket, 4);
  const serverFailure = SERVER_FAILURES[reply];
  if (version === VERSION && serverFailure !== undefined) {
    throw new ServerUnreachableError(serverFailure, formatAddress(host, port));
  }
  if (version !== VERSION || reply !== SUCCEEDED) {
    return REJECTIONS[reply] ?? `It responded to CONNECT with ${reply}.`;
  }
  // Skip the address that the SOCKS proxy connects from.
  const length = kind === NAME ? (await readBytes(socket, 1))[0] : ADDRESS_BYTES[kind];
  if (length === undefined) {
    return `Its reply has an address of the unknown kind ${kind}.`;
  }
  await readBytes(socket, length + 2);
  return undefined;
}

async function reachProxy(proxy: SocksProxy, leftMs: () => number, signal: AbortSignal): Promise<Socket> {
  const socket = await connectTcp(proxy.host, proxy.port, signal, { limitMs: leftMs() });
  if (proxy.isPlaintext) {
    return socket;
  }
  const { rootCas, clientCertificate, clientKey, serverName } = proxy;
  const ca = rootCas.length === 0 ? undefined : rootCas.join('\n');
  const context = tlsContext({ skipVerify: false, ca, clientCertificate, clientKey }, 'TLSv1.3');
  return connectTls(socket, { context, name: serverName || proxy.host, skipVerify: false }, signal, leftMs());
}

async function negotiate(socket: Socket, proxy: SocksProxy, host: string, port: number): Promise<void> {
  const problem = (await signIn(socket, proxy)) ?? (await connectThrough(socket, host, port));
  if (problem !== undefined) {
    throw proxyFailure(`SOCKS proxy ${formatAddress(proxy.host, proxy.port)}`, problem);
  }
}

/**
 * Connects to the server through the SOCKS proxy, which resolves the host name.
 *
 * @throws {ProxyError} `proxy_unreachable`. An error with Node's code if the SOCKS proxy reports that it cannot reach
 *   the server.
 */
async function connectSocks(
  proxy: SocksProxy,
  { host, port }: Destination,
  signal: AbortSignal,
  limitMs: number
): Promise<Socket> {
  const leftMs = startTimeLimit(limitMs);
  const who = `SOCKS proxy ${formatAddress(proxy.host, proxy.port)}`;
  let socket: Socket | undefined;
  try {
    const connected = await reachProxy(proxy, leftMs, signal);
    socket = connected;
    const limits = { limitMs: leftMs(), signal, late: `${who} does not respond` };
    await withLimits(limits, () => negotiate(connected, proxy, host, port));
    return connected;
  } catch (reason) {
    socket?.destroy();
    throw signal.aborted || reason instanceof ServerUnreachableError ? reason : proxyFailure(who, reason);
  }
}

/** The address of a server, and the SOCKS proxy on the way to it. */
export type Destination = Pick<ServerRoute, 'host' | 'port' | 'socks'>;

/**
 * Connects to a server, directly or through Grafana's SOCKS proxy.
 *
 * @param options With a SOCKS proxy, `limitMs` limits all steps together, and the other options are ignored.
 * @returns A connected socket, without TLS to the server. The socket has a listener that catches its errors.
 * @throws {ProxyError} `proxy_unreachable`. An error with Node's code, such as `ETIMEDOUT`, when the server cannot be
 *   reached. The reason of the signal when it aborts.
 */
export function dial(destination: Destination, signal: AbortSignal, options: TcpOptions = {}): Promise<Socket> {
  const { host, port, socks } = destination;
  return socks === undefined
    ? connectTcp(host, port, signal, options)
    : connectSocks(socks, destination, signal, options.limitMs ?? CONNECT_LIMIT_MS);
}
