/** Methods of gRPC services. Their requests and responses are bytes. */
import { Status, type StatusCode } from '../base/grpc';
import { type TraceContext } from '../observe/telemetry/trace-context';

/** Ends a call with a status other than OK. The message is written to Grafana's log, so it must not contain secrets. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';

  constructor(
    readonly status: StatusCode,
    message: string
  ) {
    super(message);
  }
}

/** A message as consecutive parts of its bytes. */
export type MessagePieces = readonly Uint8Array[];

/** One message of a response, and how long the caller may take to read it. */
export interface OutgoingMessage {
  pieces: MessagePieces;
  /**
   * Time limit in milliseconds for the caller to receive all bytes of the message. After this time the call fails with
   * 'file_not_read'. The next message is pulled when all bytes are sent. Default: there is no limit, and the next
   * message is pulled when most of the bytes are sent.
   */
  sentWithinMs?: number;
  /** Called once, when the bytes of the message are no longer in use: they were sent, or the caller left. */
  onSent?: () => void;
  /**
   * Aborts at the deadline of the queries that have results in the message. If the caller has not read the message ten
   * seconds later, the call ends with DEADLINE_EXCEEDED.
   */
  deadline?: AbortSignal | undefined;
}

/** One method, independent of the wire format of gRPC. */
export interface GrpcMethod {
  /** The value of `:path` for this method, for example `/pluginv2.Data/QueryData`. */
  path: string;
  /** `one`: the message is read and passed to `serve`. `ignored`: the request is not read. */
  request: 'one' | 'ignored';
  /** True for a call that lasts until the caller ends it. The process does not wait for such calls when it stops. */
  endless: boolean;
  /**
   * Yields the messages of the response. The signal aborts when the caller leaves, the deadline of the call passes, or
   * the process stops.
   *
   * @param trace The trace context in the metadata of the call.
   * @throws {GrpcError} when this function is called, or later during the iteration.
   */
  serve(request: Uint8Array, signal: AbortSignal, trace?: TraceContext): AsyncIterable<OutgoingMessage>;
}

/** Reads the message of a request. */
export interface RequestReader<Request> {
  /** The message's full name, for errors. */
  name: string;
  /** Throws if the bytes are not a message of this type. */
  read(message: Uint8Array): Request;
}

function decode<Request>({ name, read }: RequestReader<Request>, message: Uint8Array): Request {
  try {
    return read(message);
  } catch {
    throw new GrpcError(Status.INTERNAL, `The request is not a ${name}.`);
  }
}

/** A method with one message as the request and one message as the response. */
export function unary<Request>(
  path: string,
  reader: RequestReader<Request>,
  handle: (request: Request, signal: AbortSignal, trace?: TraceContext) => MessagePieces | Promise<MessagePieces>
): GrpcMethod {
  return streaming(path, reader, async function* (request, signal, trace) {
    yield { pieces: await handle(request, signal, trace) };
  });
}

/**
 * A method with one message as the request and several messages as the response. The next message is pulled when most
 * or all bytes of the previous message are sent (see `sentWithinMs`). The iteration ends when the caller leaves.
 */
export function streaming<Request>(
  path: string,
  reader: RequestReader<Request>,
  handle: (request: Request, signal: AbortSignal, trace?: TraceContext) => AsyncIterable<OutgoingMessage>
): GrpcMethod {
  return {
    path,
    request: 'one',
    endless: false,
    serve: (message, signal, trace) => handle(decode(reader, message), signal, trace),
  };
}

/** A call that stays open without messages until the caller ends it. */
export function openEnded(path: string): GrpcMethod {
  return {
    path,
    request: 'ignored',
    endless: true,
    // `serve` is not a generator function here, because it yields no message.
    serve: (_request, signal) => ({
      [Symbol.asyncIterator]: () => ({
        async next() {
          await aborted(signal);
          return { done: true as const, value: undefined };
        },
      }),
    }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
