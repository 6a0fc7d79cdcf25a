/** How a call can fail. `flight-errors.ts` explains failures to users. */
import { type Headers } from '@micromegas/http2';
import { type ProxyError } from '../errors/proxy-error';
import { decodeGrpcMessage, Status } from '../grpc';

export type CallFailure =
  /**
   * The server ended the call with a status other than OK. `serverTimeMs` is its clock in milliseconds since 1970 (HTTP
   * `Date`, whole seconds), if the answer says it.
   */
  | { kind: 'status'; code: number; details: string; serverTimeMs?: number | undefined }
  /** Not gRPC: an answer of a web server or of a load balancer in front. */
  | { kind: 'http'; status: number }
  /** An answer that is gRPC, but breaks its rules. */
  | { kind: 'protocol'; what: string }
  /** A message is longer than this side takes. */
  | { kind: 'too-large'; bytes: number }
  /** There is no memory for a message. */
  | { kind: 'memory'; error: ProxyError }
  /** The server did not begin with the call (RFC 9113, section 8.7): it may be made again. */
  | { kind: 'refused'; reason?: unknown }
  /** The server reset the stream. The code is one of RFC 9113, section 7. */
  | { kind: 'reset'; http2Code: number }
  /** The connection ended, or did not answer to keepalive: then the reason is a `TimedOut`. */
  | { kind: 'connection'; reason?: unknown }
  /** The time limit of the call is over. `isServerAlive`: the server still answered an HTTP/2 PING shortly before. */
  | { kind: 'deadline'; isServerAlive: boolean }
  /** This side gave up. */
  | { kind: 'cancelled' };

/** Carries a failure to where the purpose of the call is known. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(readonly failure: CallFailure) {
    super(failure.kind === 'status' ? failure.details : failure.kind, {
      cause: failure.kind === 'connection' || failure.kind === 'refused' ? failure.reason : undefined,
    });
  }
}

function dateOf(headers: Headers): number | undefined {
  const timeMs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** The gRPC status in headers or trailers; undefined if there is none. */
export function statusOf(headers: Headers): CallFailure | 'ok' | undefined {
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
        serverTimeMs: dateOf(headers),
      };
}
