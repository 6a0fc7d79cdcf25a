/**
 * One gRPC call on one HTTP/2 stream: request in, messages out, outcome in the trailers.
 *
 * Whatever a handler throws ends here, as a status of this call: other calls and the process never notice.
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`.
 */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { ProxyError } from '../errors/proxy-error';
import { type Logger } from '../logging/logger';
import { type CallAbort } from './call-abort';
import { type GrpcMethod } from './grpc-method';
import { GrpcError, GrpcStatus, statusHeaders, type GrpcStatusCode } from './grpc-status';
import { grpcTimeoutMs } from './grpc-timeout';
import { readMessage } from './read-message';
import { writeMessage } from './write-message';

const RESPONSE_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,gzip',
};

export interface Call {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  /** Undefined when no service has the requested path. */
  method: GrpcMethod | undefined;
  abort: CallAbort;
  logger: Logger;
}

/** Resolves when the answer has been handed to the stream. Never rejects. */
export async function serveCall(call: Call): Promise<void> {
  const { stream, headers, abort } = call;
  // Without a listener a reset by the caller would count as an uncaught exception. 'close' follows and tells enough.
  stream.on('error', () => undefined);
  stream.on('close', () => abort.abort(GrpcStatus.CANCELLED, 'The caller left.'));
  const refusal = httpRefusal(headers);
  if (refusal !== undefined) {
    abort.finish();
    endWithHeaders(stream, { ':status': refusal });
    return;
  }
  const timeoutMs = grpcTimeoutMs(header(headers, 'grpc-timeout'));
  if (timeoutMs !== undefined) {
    abort.startDeadline(timeoutMs);
  }
  const outcome = await run(call);
  abort.finish();
  endWithStatus(stream, outcome);
}

/** The HTTP status for a request that is not gRPC at all. */
function httpRefusal(headers: IncomingHttpHeaders): number | undefined {
  if (headers[':method'] !== 'POST') {
    return 405;
  }
  return /^application\/grpc(\+proto)?\s*(;|$)/.test(headers['content-type'] ?? '') ? undefined : 415;
}

interface Outcome {
  status: GrpcStatusCode;
  message: string;
}

async function run(call: Call): Promise<Outcome> {
  try {
    // The handler may ignore its signal; the caller gets its answer all the same.
    await Promise.race([exchange(call), call.abort.rejected]);
    return { status: GrpcStatus.OK, message: '' };
  } catch (reason) {
    return outcomeOf(reason, call);
  }
}

async function exchange({ stream, headers, method, abort: { signal } }: Call): Promise<void> {
  if (method === undefined) {
    throw new GrpcError(GrpcStatus.UNIMPLEMENTED, `There is no method ${headers[':path'] ?? ''}.`);
  }
  const request = await readRequest(stream, headers, method);
  if (method.endless) {
    respond(stream);
  }
  for await (const message of method.serve(request, signal)) {
    respond(stream);
    await writeMessage(stream, message, signal);
  }
}

async function readRequest(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  method: GrpcMethod
): Promise<Uint8Array> {
  if (method.request === 'ignored') {
    stream.resume();
    return new Uint8Array();
  }
  return readMessage(stream, { encoding: header(headers, 'grpc-encoding') });
}

function outcomeOf(reason: unknown, { method, logger }: Call): Outcome {
  const where = { method: method?.path };
  if (reason instanceof GrpcError) {
    // A call without end has no other way to end.
    if (method?.endless !== true) {
      logger.debug('Call ended early', { ...where, status: reason.status, reason: reason.message });
    }
    return { status: reason.status, message: reason.message };
  }
  const error = ProxyError.from(reason);
  logger.error('Call failed', { ...where, code: error.code, error: reason });
  return { status: GrpcStatus.INTERNAL, message: error.userText };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

/** Sends the headers before the first message. Does nothing when they are out or the caller has left. */
function respond(stream: ServerHttp2Stream): void {
  if (!isGone(stream) && !stream.headersSent) {
    stream.respond(RESPONSE_HEADERS, { waitForTrailers: true });
  }
}

function endWithStatus(stream: ServerHttp2Stream, { status, message }: Outcome): void {
  if (isGone(stream)) {
    return;
  }
  const trailers = statusHeaders(status, message);
  if (!stream.headersSent) {
    endWithHeaders(stream, { ...RESPONSE_HEADERS, ...trailers });
    return;
  }
  stream.once('wantTrailers', () => {
    stream.sendTrailers(trailers);
    closeUnread(stream);
  });
  stream.end();
}

function endWithHeaders(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  stream.respond(headers, { endStream: true });
  closeUnread(stream);
}

/** The answer is complete: a caller that is still sending may stop, as HTTP/2 says by a reset without error. */
function closeUnread(stream: ServerHttp2Stream): void {
  if (!stream.readableEnded) {
    stream.resume();
    stream.close(constants.NGHTTP2_NO_ERROR);
  }
}
