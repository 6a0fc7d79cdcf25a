/**
 * Methods of gRPC services. The server passes the request as bytes, and gets the answers as bytes.
 */
import { Status, type StatusCode } from '../grpc';

/** Ends a call with a status other than OK. The message goes to Grafana's log: no secrets. */
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

export interface OutgoingMessage {
  pieces: MessagePieces;
  /** Called once, when its bytes are no longer in use: they were sent, or the caller left. */
  onSent?: () => void;
}

export interface GrpcMethod {
  /** As in `:path`, for example `/pluginv2.Data/QueryData`. */
  path: string;
  /** `one`: the message is read and passed to `serve`. `ignored`: the request is not read. */
  request: 'one' | 'ignored';
  /** The process does not wait for endless calls when it stops. */
  endless: boolean;
  /**
   * Answers with the messages that it yields. The signal aborts when the caller leaves or its deadline passes.
   *
   * @throws {GrpcError} also before the first message is requested.
   */
  serve(request: Uint8Array, signal: AbortSignal): AsyncIterable<OutgoingMessage>;
}

/** How a request is read. */
export interface RequestReader<Request> {
  /** The message's full name, for errors. */
  name: string;
  /** Throws if the bytes are not such a message. */
  read(message: Uint8Array): Request;
}

function decode<Request>({ name, read }: RequestReader<Request>, message: Uint8Array): Request {
  try {
    return read(message);
  } catch {
    throw new GrpcError(Status.INTERNAL, `The request is not a ${name}.`);
  }
}

/** One message in, one message out. */
export function unary<Request>(
  path: string,
  reader: RequestReader<Request>,
  answer: (request: Request, signal: AbortSignal) => MessagePieces | Promise<MessagePieces>
): GrpcMethod {
  return streaming(path, reader, async function* (request, signal) {
    yield { pieces: await answer(request, signal) };
  });
}

/**
 * One message in, messages out. Each message is pulled when the previous one is sent, and the iteration ends when the
 * caller leaves.
 */
export function streaming<Request>(
  path: string,
  reader: RequestReader<Request>,
  answer: (request: Request, signal: AbortSignal) => AsyncIterable<OutgoingMessage>
): GrpcMethod {
  return {
    path,
    request: 'one',
    endless: false,
    serve: (message, signal) => answer(decode(reader, message), signal),
  };
}

/** A call that stays open without messages until the caller ends it. */
export function openEnded(path: string): GrpcMethod {
  return {
    path,
    request: 'ignored',
    endless: true,
    // Not a generator, since it yields no message.
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
