/**
 * A method of a gRPC service, with its messages decoded and encoded: what the server needs to know to serve it.
 */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { GrpcError, GrpcStatus } from './grpc-status';
import { type MessagePieces } from './write-message';

export interface GrpcMethod {
  /** As in `:path`, for example `/pluginv2.Data/QueryData`. */
  path: string;
  /** `one` is read and handed over; `ignored` leaves what the caller sends unread. */
  request: 'one' | 'ignored';
  /** A call without end is not waited for when the process stops. */
  endless: boolean;
  /** Answers with the messages that it yields. The signal aborts when the caller leaves or its deadline passes. */
  serve(request: Uint8Array, signal: AbortSignal): AsyncIterable<MessagePieces>;
}

interface Named {
  name: string;
  parent: { typeName: string };
}

function pathOf(method: Named): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function decode<I extends DescMessage>(input: I, bytes: Uint8Array): MessageShape<I> {
  try {
    return fromBinary(input, bytes);
  } catch {
    throw new GrpcError(GrpcStatus.INTERNAL, `The request is no ${input.typeName}.`);
  }
}

/** One message in, one message out. */
export function unary<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  answer: (
    request: MessageShape<I>,
    signal: AbortSignal
  ) => MessageInitShape<NoInfer<O>> | Promise<MessageInitShape<NoInfer<O>>>
): GrpcMethod {
  return inPieces(method, async function* (request, signal) {
    const message = create(method.output, await answer(request, signal));
    yield [toBinary(method.output, message)];
  });
}

/**
 * One message in, messages out that come encoded, in pieces; one of them for a unary method. Each is asked for when the
 * one before has gone out, and the iteration is ended when the caller leaves.
 */
export function inPieces<I extends DescMessage>(
  method: DescMethodUnary<I> | DescMethodServerStreaming<I>,
  answer: (request: MessageShape<I>, signal: AbortSignal) => AsyncIterable<MessagePieces>
): GrpcMethod {
  return {
    path: pathOf(method),
    request: 'one',
    endless: false,
    async *serve(bytes, signal) {
      yield* answer(decode(method.input, bytes), signal);
    },
  };
}

/** One message in, a stream of messages out. */
export function serverStreaming<I extends DescMessage, O extends DescMessage>(
  method: DescMethodServerStreaming<I, O>,
  answer: (request: MessageShape<I>, signal: AbortSignal) => AsyncIterable<MessageInitShape<O>>
): GrpcMethod {
  return inPieces(method, async function* (request, signal) {
    for await (const message of answer(request, signal)) {
      yield [toBinary(method.output, create(method.output, message))];
    }
  });
}

/** A call that stays open, silent, until the caller ends it. */
export function openEnded(method: DescMethodServerStreaming | DescMethodBiDiStreaming): GrpcMethod {
  return {
    path: pathOf(method),
    request: 'ignored',
    endless: true,
    // Written out, since a generator without a message to yield would be an odd one.
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
