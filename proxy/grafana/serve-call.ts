/**
 * One gRPC call on one HTTP/2 stream: reads the request, writes the messages, and sends the status in the trailers.
 *
 * An error of a handler becomes the status of its call, and affects no other call. Rules: grpc/grpc
 * `doc/PROTOCOL-HTTP2.md`.
 */
import { type Clock, Http2ErrorCode, type HeaderField, type Headers, type Http2Stream } from '@micromegas/http2';
import { untilAborted } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { encodeGrpcMessage, grpcTimeoutMs, Status, type StatusCode } from '../base/grpc';
import { type Logger } from '../observe/logging/logger';
import { readTraceContext } from '../observe/telemetry/trace-context';
import { GrpcError, type GrpcMethod, type OutgoingMessage } from './grpc-method';
import { type RequestBody } from './request-body';
import { writeMessage } from './write-message';

const RESPONSE_HEADERS: readonly HeaderField[] = [
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
  ['grpc-accept-encoding', 'identity,gzip'],
];

/**
 * Ends a call before its handler has finished: because the caller left, the deadline passed, or the process stops.
 * `stop` aborts only the signal of the handler, whose response has the error. `abort` also ends the call itself, and
 * the caller gets the status.
 */
export class CallAbort {
  readonly #handler = new AbortController();
  readonly #call = new AbortController();
  #failure: GrpcError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  /** The status that the caller gets; undefined until the call is aborted. */
  get failure(): GrpcError | undefined {
    return this.#failure;
  }

  /** Aborts when the handler has to end. */
  get signal(): AbortSignal {
    return this.#handler.signal;
  }

  /** Aborts when the call ends without the response of its handler. */
  get ended(): AbortSignal {
    return this.#call.signal;
  }

  /** Aborts with DEADLINE_EXCEEDED after `timeoutMs`. */
  startDeadline(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.abort(Status.DEADLINE_EXCEEDED, 'The deadline passed.'), timeoutMs);
  }

  /** Makes the handler respond with this error. Has no effect after `finish`. */
  stop(error: ProxyError): void {
    if (!this.#over) {
      this.#handler.abort(error);
    }
  }

  /** Ends the call with this status. Has no effect after `finish`. */
  abort(status: StatusCode, message: string): void {
    if (this.#over) {
      return;
    }
    this.finish();
    const name = status === Status.DEADLINE_EXCEEDED ? 'TimeoutError' : 'AbortError';
    this.#failure = new GrpcError(status, message);
    const reason = new DOMException(message, name);
    this.#call.abort(reason);
    this.#handler.abort(reason);
  }

  /** Call this when the handler has finished: `abort` then has no effect. */
  finish(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

interface Call {
  stream: Http2Stream;
  headers: Headers;
  body: RequestBody;
  /** Undefined if no service has the requested path. */
  method: GrpcMethod | undefined;
  abort: CallAbort;
  logger: Logger;
  clock: Clock;
}

/**
 * Resolves when the response is written to the stream and the handler has finished. A handler that ignores its signal
 * may finish long after the caller left. Never rejects.
 */
export async function serveCall(call: Call): Promise<void> {
  const { stream, headers, abort, clock } = call;
  const httpStatus = httpError(headers);
  if (httpStatus !== undefined) {
    abort.finish();
    stream.sendHeaders([[':status', httpStatus]], true);
    return;
  }
  const timeoutMs = grpcTimeoutMs(headers.get('grpc-timeout'));
  if (timeoutMs !== undefined) {
    abort.startDeadline(timeoutMs);
  }
  const response = new Response(stream, clock);
  const work = exchange(call, response);
  const outcome = await outcomeOf(work, call);
  abort.finish();
  response.end(outcome);
  await work.catch(() => undefined);
}

/** The HTTP status for a request that is not gRPC; undefined for gRPC. */
function httpError(headers: Headers): string | undefined {
  if (headers.get(':method') !== 'POST') {
    return '405';
  }
  return /^application\/grpc(\+proto)?\s*(;|$)/.test(headers.get('content-type') ?? '') ? undefined : '415';
}

interface Outcome {
  status: StatusCode;
  message: string;
}

async function outcomeOf(work: Promise<void>, call: Call): Promise<Outcome> {
  try {
    // The caller gets its status even if the handler ignores its signal.
    await untilAborted(work, call.abort.ended);
    return { status: Status.OK, message: '' };
  } catch (reason) {
    return failure(call.abort.failure ?? reason, call);
  }
}

/**
 * The call ends this many milliseconds after the deadline of a message if the caller has not read the message. Until
 * then, the caller can read the last bytes of the result, or a message with the error of the query.
 */
const LATE_SENDING_MS = 10_000;

/**
 * Ends the call if the caller does not read a message in time. @returns A function to call when the message is sent.
 */
function limitSending(deadline: AbortSignal | undefined, abort: CallAbort): () => void {
  let timer: NodeJS.Timeout | undefined;
  const passed = () => {
    const end = () =>
      abort.abort(Status.DEADLINE_EXCEEDED, 'The result was not read before the deadline of the query.');
    timer = setTimeout(end, LATE_SENDING_MS).unref();
  };
  if (deadline?.aborted === true) {
    passed();
  } else {
    deadline?.addEventListener('abort', passed, { once: true });
  }
  return () => {
    clearTimeout(timer);
    deadline?.removeEventListener('abort', passed);
  };
}

async function exchange({ headers, body, method, abort }: Call, response: Response): Promise<void> {
  const { signal, ended } = abort;
  if (method === undefined) {
    throw new GrpcError(Status.UNIMPLEMENTED, `There is no method ${headers.get(':path') ?? ''}.`);
  }
  const isIgnored = method.request === 'ignored';
  const request = isIgnored ? new Uint8Array() : await body.message(headers.get('grpc-encoding'));
  if (ended.aborted) {
    // The reset of a cancelled query often arrives in the same read from the socket as the query. Then the handler does
    // not start.
    throw new GrpcError(Status.CANCELLED, 'The caller left.');
  }
  if (method.endless) {
    response.begin();
  }
  for await (const message of method.serve(request, signal, readTraceContext(headers))) {
    response.begin();
    const sent = limitSending(message.deadline, abort);
    try {
      await response.write(message, ended);
    } finally {
      sent();
    }
  }
}

function failure(reason: unknown, { method, headers, logger }: Call): Outcome {
  const where = { method: method?.path, traceId: readTraceContext(headers)?.traceId };
  if (reason instanceof GrpcError) {
    // Endless calls always end in this way, so their end is not logged.
    if (method?.endless !== true) {
      logger.debug('Call ended early', { ...where, status: reason.status, reason: reason.message });
    }
    return { status: reason.status, message: reason.message };
  }
  const error = ProxyError.from(reason);
  if (error.code === 'internal') {
    logger.error('Call failed', { ...where, code: error.code, error: reason });
  } else {
    logger.debug('Call failed', { ...where, code: error.code, detail: error.logDetail });
  }
  return { status: Status.INTERNAL, message: error.viewerMessage };
}

/** Writes the parts of the response in the order that gRPC requires. Sends nothing after the caller has left. */
class Response {
  readonly #stream: Http2Stream;
  readonly #clock: Clock;
  #hasBegun = false;

  constructor(stream: Http2Stream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** Sends the headers, once. */
  begin(): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#stream.sendHeaders(RESPONSE_HEADERS);
    }
  }

  /** @throws {GrpcError} CANCELLED once the call is aborted. @throws {ProxyError} See `writeMessage`. */
  async write(message: OutgoingMessage, ended: AbortSignal): Promise<void> {
    if (ended.aborted) {
      message.onSent?.();
      throw new GrpcError(Status.CANCELLED, 'The caller left.');
    }
    await writeMessage(this.#stream, message, (callback, ms) => this.#clock.after(ms, callback));
  }

  end({ status, message }: Outcome): void {
    const trailers = statusFields(status, message);
    if (!this.#hasBegun) {
      this.#stream.sendHeaders([...RESPONSE_HEADERS, ...trailers], true);
    } else if (status !== Status.OK && this.#stream.queuedBytes > 0) {
      // Drops the queued bytes, because the response has failed.
      this.#stream.reset(Http2ErrorCode.CANCEL);
    } else {
      this.#stream.end(trailers);
    }
  }
}

/** The header fields for the status of a call. */
function statusFields(status: StatusCode, message = ''): HeaderField[] {
  const code: HeaderField = ['grpc-status', String(status)];
  return message === '' ? [code] : [code, ['grpc-message', encodeGrpcMessage(message)]];
}
