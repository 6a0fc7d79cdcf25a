/** The kinds of failures of a call. `flight-errors.ts` explains failures to users. */
import { type Headers } from '@micromegas/http2';
import { type ProxyError } from '../../base/errors/proxy-error';
import { decodeGrpcMessage, Status } from '../../base/grpc';
import { responseTime } from '../network/response-time';

export type CallFailure =
  /**
   * The server ended the call with a status other than OK. `serverTimeMs` is the field `Date` of the headers or
   * trailers with this status, in milliseconds since 1970. Undefined if the field is missing. `sender`: the headers
   * that name a proxy on the way, see `senderOf`. Micromegas sends none.
   */
  | { kind: 'status'; code: number; details: string; serverTimeMs?: number | undefined; sender?: readonly string[] }
  /** The response is not gRPC: a web server or a load balancer sent it. `evidence`: see `responseEvidence`. */
  | { kind: 'http'; status: number; evidence?: readonly string[] }
  /** The response violates the gRPC protocol. */
  | { kind: 'protocol'; what: string }
  /** The response has the headers of gRPC, but ends without the gRPC status (the trailers). */
  | { kind: 'no-trailers'; sender: readonly string[] }
  /** A message of `bytes` bytes does not fit in the memory limit of the query. */
  | { kind: 'too-large'; bytes: number }
  /** No memory is left for a message. */
  | { kind: 'memory'; error: ProxyError }
  /** The server did not process the call (RFC 9113, section 8.7), so the call can be repeated. */
  | { kind: 'unprocessed'; reason?: unknown }
  /** The server reset the stream. `http2Code` is an error code of RFC 9113, section 7. */
  | { kind: 'reset'; http2Code: number }
  /** The connection ended. If the server did not respond to keepalive pings, the reason is a `TimeoutError`. */
  | { kind: 'connection'; reason?: unknown }
  /**
   * The deadline of the call passed. `isServerAlive` is true if the server sent bytes shortly before, such as the
   * response to an HTTP/2 PING. Also true if the time limit was too short for a PING.
   */
  | { kind: 'deadline'; isServerAlive: boolean }
  /** The backend cancelled the call. */
  | { kind: 'cancelled' };

/** A gRPC status other than OK. */
export type StatusFailure = CallFailure & { kind: 'status' };

/** A failed call. The client, which knows the purpose of the call, converts this error to a ProxyError. */
export class CallError extends Error {
  override readonly name = 'CallError';

  constructor(readonly failure: CallFailure) {
    super(failure.kind === 'status' ? failure.details : failure.kind, {
      cause: failure.kind === 'connection' || failure.kind === 'unprocessed' ? failure.reason : undefined,
    });
  }
}

/** The gRPC status in headers or trailers; undefined without a status. */
export function statusOf(headers: Headers): StatusFailure | 'ok' | undefined {
  const code = headers.get('grpc-status');
  if (code === undefined) {
    return undefined;
  }
  return code === '0'
    ? 'ok'
    : {
        kind: 'status',
        code: /^\d+$/.test(code) ? Number(code) : Status.UNKNOWN,
        details: decodeGrpcMessage(headers.get('grpc-message') ?? ''),
        serverTimeMs: responseTime(headers),
      };
}
