/**
 * The two steps of every connection, TCP and TLS, each with a limit of time and with a signal that ends it. They fail
 * with Node's own errors: what a failure means depends on who is at the other end, so the callers put it into words.
 */
import { connect as connectSocket, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTlsSocket, type SecureContext, type TLSSocket } from 'node:tls';
import { addressText } from '../../contract/host';
import { withLimits } from '../async/with-limits';
import { identityCheck } from './tls-context';

/** Milliseconds until an unanswered step is given up; TCP itself would try for minutes. */
export const CONNECT_LIMIT_MS = 10_000;

/** Waits for one event of a socket that is being set up. The socket is destroyed when the step fails. */
async function reached<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  where: string,
  limitMs: number,
  signal: AbortSignal
): Promise<S> {
  try {
    const limits = { limitMs, signal, late: `${where} does not answer` };
    return await withLimits(
      limits,
      () =>
        new Promise<S>((resolve, reject) => {
          // This listener stays: an error of the socket without a listener would end the process.
          socket.on('error', reject);
          socket.once('close', () => reject(new Error(`${where} closed the connection`)));
          socket.once(event, () => resolve(socket));
        })
    );
  } catch (reason) {
    socket.destroy();
    throw reason;
  }
}

/** A TCP connection. All addresses of a name are tried, the next one soon after the one before. */
export function connectTcp(
  host: string,
  port: number,
  signal: AbortSignal,
  { limitMs = CONNECT_LIMIT_MS, onread }: { limitMs?: number; onread?: OnReadOpts | undefined } = {}
): Promise<Socket> {
  if (signal.aborted) {
    return Promise.reject(signal.reason);
  }
  const socket = connectSocket({
    host,
    port,
    autoSelectFamily: true,
    noDelay: true,
    ...(onread !== undefined && { onread }),
  });
  return reached(socket, 'connect', addressText(host, port), limitMs, signal);
}

/** What TLS asks for on a connection that is there. */
export interface TlsRequest {
  context: SecureContext;
  /** The name that is asked for (SNI) and that the certificate must bear. */
  name: string;
  /** True: any certificate is taken. */
  skipVerify: boolean;
  /** Protocols to offer (ALPN). */
  protocols?: string[];
}

/** TLS on a connection that is there. Takes the connection over: it is gone when this fails. */
export async function connectTls(
  socket: Socket,
  { context, name, skipVerify, protocols }: TlsRequest,
  signal: AbortSignal,
  limitMs = CONNECT_LIMIT_MS
): Promise<TLSSocket> {
  if (signal.aborted) {
    socket.destroy();
    throw signal.reason;
  }
  const tls = connectTlsSocket({
    socket,
    secureContext: context,
    // An address is no name that could be asked for (RFC 6066, section 3).
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: !skipVerify,
    checkServerIdentity: identityCheck(name),
    ...(protocols !== undefined && { ALPNProtocols: protocols }),
  });
  return reached(tls, 'secureConnect', 'TLS', limitMs, signal);
}
