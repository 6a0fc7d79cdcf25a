/**
 * The two steps of a connection, TCP and TLS. Both have a time limit and can be aborted. The callers explain the
 * errors, because the cause depends on the peer.
 */
import { connect as connectSocket, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTlsSocket, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { formatAddress } from '../../../contract/settings/host';
import { withLimits } from '../../base/async/with-limits';
import { noFileHandles } from '../../base/errors/no-file-handles';
import { nodeFailure } from './node-failure';
import { identityCheck } from './tls-context';

/** Time limit of a connection with all of its steps, in milliseconds. Without a limit, TCP retries for minutes. */
export const CONNECT_LIMIT_MS = 10_000;

/**
 * Starts a time limit that several steps share. The step that hangs fails at the limit, so the error names this step. A
 * single limit around all steps could not name the step.
 *
 * @returns A function that returns the milliseconds left, at least 0.
 */
export function startTimeLimit(limitMs: number): () => number {
  const endMs = performance.now() + limitMs;
  return () => Math.max(0, endMs - performance.now());
}

/** Waits for one event of a connecting socket. Destroys the socket when the step fails. */
async function eventOf<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  where: string,
  limitMs: number,
  signal: AbortSignal
): Promise<S> {
  try {
    const limits = { limitMs, signal, late: `${where} does not respond` };
    return await withLimits(
      limits,
      () =>
        new Promise<S>((resolve, reject) => {
          // This listener is never removed, because an `error` event without a listener would end the process.
          socket.on('error', reject);
          socket.once('close', () => reject(new Error(`${where} closed the connection`)));
          socket.once(event, () => resolve(socket));
        })
    );
  } catch (reason) {
    socket.destroy();
    throw noFileHandles(reason) ?? reason;
  }
}

/**
 * Milliseconds until the next address of a server is tried. Node gives up an attempt before it starts the next one, so
 * this time must be longer than the round trip to any server.
 */
const ATTEMPT_MS = 500;

/** Options of a direct connection to a server. */
export interface TcpOptions {
  /** Default: `CONNECT_LIMIT_MS`. */
  limitMs?: number;
  /** Receives the bytes. The socket then emits no `data` events. */
  onread?: OnReadOpts | undefined;
  /** Resolves the host to the addresses that are tried in turn. Default: the resolver of the system. */
  lookup?: LookupFunction | undefined;
  /** Called for each address that does not accept the connection. */
  onAddressFailed?: ((address: string) => void) | undefined;
}

/**
 * Opens a TCP connection. Tries the addresses of a name one after another (Happy Eyeballs).
 *
 * @throws {ProxyError} `no_file_handles`
 */
export function connectTcp(
  host: string,
  port: number,
  signal: AbortSignal,
  { limitMs = CONNECT_LIMIT_MS, onread, lookup, onAddressFailed }: TcpOptions = {}
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
    ...(lookup !== undefined && { lookup, autoSelectFamilyAttemptTimeout: ATTEMPT_MS }),
  });
  if (onAddressFailed !== undefined) {
    socket.on('connectionAttemptFailed', onAddressFailed);
    socket.on('connectionAttemptTimeout', onAddressFailed);
  }
  return eventOf(socket, 'connect', formatAddress(host, port), limitMs, signal);
}

/** Options of a TLS handshake on an open connection. */
export interface TlsRequest {
  context: SecureContext;
  /** The name that the certificate must contain. Also sent as SNI, unless it is an IP address. */
  name: string;
  /** True: accept any certificate. */
  skipVerify: boolean;
  /** Protocols to offer with ALPN. */
  protocols?: string[];
}

/** Names in a certificate. Subject and issuer: the organization and the common name, as far as they exist. */
export interface CertificateNames {
  readonly subject: string;
  readonly issuer: string;
  /** The hosts for which the certificate is valid, for example `DNS:localhost, IP Address:127.0.0.1`. */
  readonly hosts: string;
}

/** A failed TLS handshake in which the peer presented a certificate. It has the code of Node's error. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: string;

  constructor(
    reason: Error,
    readonly certificate: CertificateNames
  ) {
    super(reason.message, { cause: reason });
    this.code = nodeFailure(reason).code;
  }
}

/** Maximum length of a name in a certificate, in characters. */
const MAX_NAME_CHARACTERS = 100;

function nameOf({ O: organization, CN: name }: Partial<PeerCertificate['subject']> = {}): string {
  const parts = [name, organization].flat().filter((part) => part !== undefined && part !== '');
  return parts
    .filter((part, index) => parts.indexOf(part) === index)
    .join(', ')
    .slice(0, MAX_NAME_CHARACTERS);
}

/**
 * Starts TLS on an open connection, and destroys the connection when that fails.
 *
 * @throws {CertificateError} If the certificate of the peer is not accepted.
 */
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
    // SNI does not allow IP addresses (RFC 6066, section 3).
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: !skipVerify,
    checkServerIdentity: identityCheck(name),
    ...(protocols !== undefined && { ALPNProtocols: protocols }),
  });
  let names: CertificateNames | undefined;
  // Node verifies the certificate in its own listener of this event, and closes the connection if that fails.
  tls.prependOnceListener('secure', () => {
    const { subject, issuer, subjectaltname = '' } = tls.getPeerCertificate();
    names = { subject: nameOf(subject), issuer: nameOf(issuer), hosts: subjectaltname.slice(0, MAX_NAME_CHARACTERS) };
  });
  try {
    return await eventOf(tls, 'secureConnect', 'TLS', limitMs, signal);
  } catch (reason) {
    throw names !== undefined && reason instanceof Error && !signal.aborted
      ? new CertificateError(reason, names)
      : reason;
  }
}
