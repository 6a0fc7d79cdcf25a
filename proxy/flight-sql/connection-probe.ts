/**
 * Tells how far a plain connection to the server gets, and what answers there: gRPC itself hides the difference between
 * a closed port, TLS where none is expected, and another kind of server.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type SecureContext, type TLSSocket } from 'node:tls';
import { ProxyError } from '../errors/proxy-error';
import { tcpError, tlsError } from './connection-errors';

export interface ProbeTarget {
  host: string;
  port: number;
  /** Authorities to trust; undefined for a server without TLS. */
  trust: SecureContext | undefined;
}

/** Milliseconds until a step of a probe gives up. */
const STEP_LIMIT_MS = 5000;

/** What a client says first in HTTP/2, followed by an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5). */
const HTTP2_GREETING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const HTTP2_SETTINGS = 4;
const HTTP2_GOAWAY = 7;
const TLS_ALERT = 0x15;

/** The address as people write it. */
export function addressText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

interface Step<S extends Socket, T> {
  /** Starts the step on its socket; called once. */
  start: () => S;
  /** Wires the events that end it. */
  listen: (socket: S, done: (value: T) => void, fail: (reason: unknown) => void) => void;
  /** The error of a step that takes too long. */
  late: () => unknown;
}

/** Runs one step within its limit. The socket is destroyed when the step fails; else it is the caller's. */
function run<S extends Socket, T>(step: Step<S, T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      reject(new ProxyError('query_cancelled'));
      return;
    }
    const socket = step.start();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      settle();
    };
    const fail = (reason: unknown) => {
      end(() => reject(reason));
      socket.destroy();
    };
    const cancel = () => fail(new ProxyError('query_cancelled'));
    const timer = setTimeout(() => fail(step.late()), STEP_LIMIT_MS);
    signal.addEventListener('abort', cancel, { once: true });
    // Stays for good: a socket that fails later must not bring the process down.
    socket.on('error', fail);
    step.listen(socket, (value) => end(() => resolve(value)), fail);
  });
}

/** A TCP connection to the server. */
async function dial({ host, port }: ProbeTarget, signal: AbortSignal): Promise<Socket> {
  const address = addressText(host, port);
  try {
    return await run<Socket, Socket>(
      {
        start: () => connectTcp({ host, port, autoSelectFamily: true }),
        listen: (socket, done) => socket.once('connect', () => done(socket)),
        late: () => new ProxyError('connection_timeout', { detail: `(${address})` }),
      },
      signal
    );
  } catch (reason) {
    throw reason instanceof ProxyError ? reason : tcpError(reason, address);
  }
}

/** A handshake on a connection that is there. @returns The protocol that was agreed on; false for none. */
async function handshake(
  socket: Socket,
  host: string,
  options: ConnectionOptions,
  signal: AbortSignal
): Promise<string | false> {
  try {
    return await run<TLSSocket, string | false>(
      {
        start: () =>
          connectTls({ socket, host, servername: isIP(host) ? '' : host, ALPNProtocols: ['h2'], ...options }),
        listen: (tls, done, fail) => {
          tls.once('secureConnect', () => done(tls.alpnProtocol ?? false));
          tls.once('close', () => fail(new Error('The connection was closed before secure TLS connection')));
        },
        late: () => new Error('The server does not answer: before secure TLS connection'),
      },
      signal
    );
  } finally {
    socket.destroy();
  }
}

async function checkTls(target: ProbeTarget, trust: SecureContext, signal: AbortSignal): Promise<void> {
  const socket = await dial(target, signal);
  let protocol: string | false;
  try {
    protocol = await handshake(socket, target.host, { secureContext: trust }, signal);
  } catch (reason) {
    throw reason instanceof ProxyError ? reason : tlsError(reason, addressText(target.host, target.port));
  }
  if (protocol !== 'h2' && protocol !== false) {
    throw new ProxyError('not_flight_sql', { detail: `It speaks TLS, but ${protocol} instead of HTTP/2.` });
  }
}

/** True when a TLS server of any kind answers at the address. */
async function answersTls(target: ProbeTarget, signal: AbortSignal): Promise<boolean> {
  try {
    const socket = await dial(target, signal);
    await handshake(socket, target.host, { rejectUnauthorized: false, ALPNProtocols: undefined }, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first bytes that a server says to an HTTP/2 greeting; none when it closes.
 *
 * @throws {ProxyError} `connection_timeout` when it keeps silent, as a server that hangs does.
 */
async function greet(socket: Socket, address: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await run<Socket, Buffer>(
      {
        start: () => socket,
        listen: (_, done, fail) => {
          socket.once('data', done);
          socket.once('close', () => fail(new Error('closed')));
          socket.write(HTTP2_GREETING);
        },
        late: () =>
          new ProxyError('connection_timeout', { detail: `(${address} takes the connection, but says nothing)` }),
      },
      signal
    );
  } catch (reason) {
    if (reason instanceof ProxyError) {
      throw reason;
    }
    return Buffer.alloc(0);
  } finally {
    socket.destroy();
  }
}

async function checkPlaintext(target: ProbeTarget, signal: AbortSignal): Promise<void> {
  const answer = await greet(await dial(target, signal), addressText(target.host, target.port), signal);
  const frameType = answer.length >= 9 ? answer[3] : undefined;
  if (answer[0] !== TLS_ALERT && (frameType === HTTP2_SETTINGS || frameType === HTTP2_GOAWAY)) {
    return;
  }
  const isHttp1 = answer.subarray(0, 5).toString('latin1') === 'HTTP/';
  if (answer[0] === TLS_ALERT || (await answersTls(target, signal))) {
    throw new ProxyError('tls_expected');
  }
  throw new ProxyError('not_flight_sql', isHttp1 ? { detail: 'It is a web server without HTTP/2.' } : {});
}

/**
 * Looks the name up and connects (`address`), or also checks that the right protocol answers (`tls`): TLS with a trusted
 * certificate where it is on, plain HTTP/2 where it is off.
 *
 * @throws {ProxyError} that says what is there instead.
 */
export async function probeServer(target: ProbeTarget, stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
  if (stage === 'address') {
    (await dial(target, signal)).destroy();
  } else if (target.trust === undefined) {
    await checkPlaintext(target, signal);
  } else {
    await checkTls(target, target.trust, signal);
  }
}
