/**
 * Finds out which step of a connection to the server fails, and which protocol the server speaks. HTTP/2 alone cannot
 * distinguish a server that expects TLS from a server of another kind.
 */
import { type LookupFunction, type Socket } from 'node:net';
import { type TLSSocket } from 'node:tls';
import { FRAME_HEADER_BYTES, FrameType, PREFACE, settingsFrame } from '@micromegas/http2';
import { ProxyError } from '../../base/errors/proxy-error';
import { message } from '../../../contract/messages/message';
import { formatAddress } from '../../../contract/settings/host';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { clientCertificateError } from '../network/client-certificate';
import { connectTls } from '../network/connect';
import { dial } from '../network/dial';
import { wantsClientCertificate } from '../network/node-failure';
import { type ServerRoute, type TlsSettings } from '../network/routes';
import { tlsContext } from '../network/tls-context';
import { type LastResponse } from '../network/server-addresses';
import { type FailedServer, tcpError, tlsError } from './connection-errors';
import { closingServer, silentServer } from './silent-server';

/** Time limit in milliseconds of the TLS handshake, and of the wait for the first bytes. */
export const STEP_LIMIT_MS = 5000;

/** The connection preface with an empty SETTINGS frame. */
const HTTP2_PREFACE = Buffer.concat([PREFACE, settingsFrame([])]);
const SILENT_ADVICE =
  'Check the port, and whether the server is overloaded or hangs. A server that expects TLS may also send nothing to a client without TLS.';
/** The first byte of a TLS alert. */
const TLS_ALERT = 0x15;

/** The error of a step, or `query_cancelled` if the caller aborted it. */
function failure(reason: unknown, signal: AbortSignal, explain: (reason: unknown) => ProxyError): ProxyError {
  if (signal.aborted) {
    return new ProxyError('query_cancelled');
  }
  return reason instanceof ProxyError ? reason : explain(reason);
}

/** A route, how the name of the server is resolved, and when the server last responded. */
export interface ProbedRoute extends ServerRoute {
  readonly lookup?: LookupFunction | undefined;
  readonly lastResponse: LastResponse;
}

const serverOf = ({ host, port, lastResponse }: ProbedRoute): FailedServer => ({
  address: formatAddress(host, port),
  lastResponse,
});

async function reach(route: ProbedRoute, signal: AbortSignal): Promise<Socket> {
  try {
    return await dial(route, signal, { lookup: route.lookup });
  } catch (reason) {
    throw failure(reason, signal, (caught) => tcpError(caught, serverOf(route)));
  }
}

/**
 * Sends the connection preface and returns the first bytes that the server sends; none if the server closes the
 * connection.
 *
 * @throws {ProxyError} 'connection_timeout' or 'server_silent' if the server sends nothing, for example because it
 *   hangs.
 * @throws {Error} The error of Node.js if the socket fails.
 */
async function firstBytes(
  socket: Socket,
  { address, lastResponse }: FailedServer,
  signal: AbortSignal
): Promise<Buffer> {
  try {
    const response = () =>
      new Promise<Buffer>((resolve, reject) => {
        socket.once('data', resolve);
        socket.once('error', reject);
        socket.once('close', () => resolve(Buffer.alloc(0)));
        socket.write(HTTP2_PREFACE);
      });
    return await withLimits({ limitMs: STEP_LIMIT_MS, signal, late: 'no response to the preface' }, response);
  } catch (reason) {
    throw reason instanceof TimeoutError
      ? silentServer(lastResponse, {
          detail: `${address} accepts the connection, but sends nothing.`,
          advice: SILENT_ADVICE,
        })
      : reason;
  } finally {
    socket.destroy();
  }
}

function speaksHttp2(response: Buffer): boolean {
  const frameType = response.length >= FRAME_HEADER_BYTES ? response[3] : undefined;
  return response[0] !== TLS_ALERT && (frameType === FrameType.SETTINGS || frameType === FrameType.GOAWAY);
}

function notHttp2(response: Buffer): ProxyError {
  const isHttp1 = response.subarray(0, 5).toString('latin1') === 'HTTP/';
  return new ProxyError('not_flight_sql', isHttp1 ? { detail: 'A web server without HTTP/2 responds.' } : {});
}

/**
 * Checks the TLS handshake, and waits for the first response: a server with TLS 1.3 rejects a client certificate only
 * after the handshake.
 */
async function checkTls(route: ProbedRoute, tls: TlsSettings, signal: AbortSignal): Promise<void> {
  const server = serverOf(route);
  const hasCertificate = tls.clientCertificate !== undefined;
  let response: Buffer;
  const socket = await reach(route, signal);
  try {
    const request = {
      context: tlsContext(tls),
      name: tls.serverName ?? route.host,
      skipVerify: tls.skipVerify,
      protocols: ['h2'],
    };
    const secured: TLSSocket = await connectTls(socket, request, signal, STEP_LIMIT_MS);
    if (secured.alpnProtocol !== 'h2' && typeof secured.alpnProtocol === 'string') {
      throw new ProxyError('not_flight_sql', {
        detail: `The server speaks TLS, but ${secured.alpnProtocol} instead of HTTP/2.`,
      });
    }
    response = await firstBytes(secured, server, signal);
  } catch (reason) {
    throw failure(reason, signal, (caught) => tlsError(caught, server, tls));
  } finally {
    socket.destroy();
  }
  if (response.length === 0 && hasCertificate) {
    // Some servers close the connection without an alert if they reject the certificate.
    const detail = [message('client-certificate-closed')];
    throw clientCertificateError(tls.clientCertificate, { side: 'server', detail });
  }
  if (response.length === 0) {
    throw (
      closingServer(route.lastResponse, true) ??
      new ProxyError('not_flight_sql', {
        detail:
          'The server closes the connection after the TLS handshake, as some servers do if they receive no client certificate.',
      })
    );
  }
  if (!speaksHttp2(response)) {
    throw notHttp2(response);
  }
}

/** True when a server at the address speaks TLS, with any protocol above TLS. */
async function respondsInTls(route: ProbedRoute, signal: AbortSignal): Promise<boolean> {
  const socket = await reach(route, signal);
  try {
    const request = { context: tlsContext({ skipVerify: true }), name: route.host, skipVerify: true };
    (await connectTls(socket, request, signal, STEP_LIMIT_MS)).destroy();
    return true;
  } catch (reason) {
    // If the server requires a client certificate, it speaks TLS.
    return wantsClientCertificate(reason, false);
  } finally {
    socket.destroy();
  }
}

async function checkPlaintext(route: ProbedRoute, signal: AbortSignal): Promise<void> {
  const socket = await reach(route, signal);
  let response: Buffer;
  try {
    response = await firstBytes(socket, serverOf(route), signal);
  } catch (reason) {
    // A reset means that the server closed the connection without reading the preface.
    response = Buffer.alloc(0);
    if (signal.aborted || reason instanceof ProxyError) {
      throw failure(reason, signal, ProxyError.from);
    }
  }
  if (speaksHttp2(response)) {
    return;
  }
  if (response[0] === TLS_ALERT || (await respondsInTls(route, signal))) {
    throw new ProxyError('tls_expected');
  }
  throw (response.length === 0 ? closingServer(route.lastResponse, false) : undefined) ?? notHttp2(response);
}

/**
 * The stage `address` resolves the name and connects. The stage `tls` also checks that the server speaks HTTP/2 and, if
 * TLS is on, that its certificate is trusted.
 *
 * @throws {ProxyError} The error describes the step that failed, or the kind of server that responded in place of a
 *   gRPC server.
 */
export async function probeServer(route: ProbedRoute, stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
  if (stage === 'address') {
    (await reach(route, signal)).destroy();
  } else if (route.tls === undefined) {
    await checkPlaintext(route, signal);
  } else {
    await checkTls(route, route.tls, signal);
  }
}
