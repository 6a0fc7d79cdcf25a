/**
 * Checks that a sidecar is ready, for container probes and for administrators.
 *
 * Rules: grpc/grpc `doc/health-checking.md`.
 */
import { connect, type Socket } from 'node:net';
import { ConnectionError, GoAwayError, type Headers, Http2Connection } from '@micromegas/http2';
import { TimeoutError, withLimits } from '../base/async/with-limits';
import { framed, PREFIX_BYTES } from '../base/grpc';
import { type Fields, readMessage } from '../base/protobuf/read-message';
import { type ListenAddress, formatListenAddress } from './start-mode';
import { systemErrorCode } from './system-error';

/** Milliseconds for the whole check. */
const CHECK_LIMIT_MS = 5000;

const HEALTH_PATH = '/grpc.health.v1.Health/Check';

/** The field of `HealthCheckResponse`, and its value `SERVING`. */
const HEALTH_RESPONSE: Fields<{ status: number }> = { 1: (response, status) => (response.status = status.number()) };
const SERVING = 1;

/** A valid `grpc-status`. Any other value is not shown, because any program may have sent it. */
const STATUS = /^\d{1,3}$/;

/** The response of a sidecar has only a few bytes. */
const MAX_RESPONSE_BYTES = 1024;
const LIMITS = {
  streamWindowBytes: 65_535,
  connectionWindowBytes: 65_535,
  frameBytes: 16_384,
  headerListBytes: 16_384,
  maxStreams: 0,
};

/** A sidecar that listens at all addresses of its machine is checked at the loopback address. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The peer accepts the connection, but does not respond like a sidecar. */
class SidecarResponseError extends Error {
  override readonly name = 'SidecarResponseError';
}

/**
 * @returns Undefined if the sidecar is ready. If it is not, one or two sentences that say what is wrong. Takes at most
 *   `limitMs` milliseconds.
 */
export async function checkSidecar(address: ListenAddress, limitMs = CHECK_LIMIT_MS): Promise<string | undefined> {
  let socket: Socket | undefined;
  try {
    const body = await withLimits({ limitMs }, () => {
      socket = open(address);
      return askHealth(socket, formatListenAddress(address));
    });
    return statusOf(body) === SERVING
      ? undefined
      : `The sidecar at ${formatListenAddress(address)} reports that it is not ready.`;
  } catch (reason) {
    return explain(reason, address, limitMs);
  } finally {
    socket?.destroy();
  }
}

function open(address: ListenAddress): Socket {
  return address.network === 'unix'
    ? connect({ path: address.path })
    : connect({ host: LOOPBACK[address.host] ?? address.host, port: address.port, noDelay: true });
}

/**
 * @returns The body of the response.
 * @throws {SidecarResponseError}, `ConnectionError` for bytes that are not valid HTTP/2, or the error of the socket.
 */
function askHealth(socket: Socket, authority: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('connect', () => {
      const connection = new Http2Connection({
        socket,
        limits: LIMITS,
        onClose: (reason) => {
          const isUnreadable = reason instanceof ConnectionError && !(reason instanceof GoAwayError);
          reject(isUnreadable ? reason : new SidecarResponseError('it closed the connection', { cause: reason }));
        },
      });
      let outcome: string | undefined;
      let body = Buffer.alloc(0);
      const readOutcome = (headers: Headers) => (outcome = headers.get('grpc-status') ?? outcome);
      const request = connection.request(
        [
          [':method', 'POST'],
          [':scheme', 'http'],
          [':path', HEALTH_PATH],
          // The path of a socket is not a valid authority.
          [':authority', authority.startsWith('/') ? 'localhost' : authority],
          ['content-type', 'application/grpc'],
          ['te', 'trailers'],
        ],
        {
          onHeaders: readOutcome,
          onTrailers: readOutcome,
          onData: (bytes) => {
            body = Buffer.concat([body, bytes]);
            if (body.length > MAX_RESPONSE_BYTES) {
              reject(new SidecarResponseError('its response is too long'));
            }
          },
          onEnd: () => {
            if (outcome === '0') {
              resolve(body);
            } else {
              reject(
                new SidecarResponseError(STATUS.test(outcome ?? '') ? `gRPC status ${outcome}` : 'it is no gRPC server')
              );
            }
          },
          onClose: () => reject(new SidecarResponseError('the call was ended')),
        }
      );
      request.write(framed(new Uint8Array(0)));
      request.end();
    });
  });
}

/** The `status` of the response. @throws {MalformedMessageError} */
function statusOf(body: Buffer): number {
  return readMessage(body.subarray(PREFIX_BYTES), HEALTH_RESPONSE, { status: 0 }).status;
}

function explain(reason: unknown, address: ListenAddress, limitMs: number): string {
  const where = formatListenAddress(address);
  if (reason instanceof TimeoutError) {
    return `The sidecar at ${where} did not respond within ${limitMs / 1000} seconds.`;
  }
  const code = systemErrorCode(reason);
  switch (code) {
    case 'ENOENT':
      return `There is no socket ${where}. The sidecar does not run, or listens at another address.`;
    case 'ECONNREFUSED':
      return `Nothing listens at ${where}. The sidecar does not run, or listens at another address.`;
    case 'EACCES':
    case 'EPERM':
      return `The user of this command may not connect to ${where}. Run it as the user of the sidecar, or see GF_PLUGIN_PROXY_SOCKET_MODE.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name of the sidecar's host cannot be resolved: ${where}.`;
    case undefined:
      return `What listens at ${where} does not respond like a sidecar of the Micromegas data source: ${describeReason(reason)}.`;
    default:
      return `The sidecar at ${where} cannot be reached: ${code}.`;
  }
}

/** Describes an error without quoting the peer. */
function describeReason(reason: unknown): string {
  return reason instanceof SidecarResponseError ? reason.message : 'its response cannot be read';
}
