/**
 * Writes messages piece by piece. A response of hundreds of megabytes is a list of buffers, which are neither joined
 * nor copied.
 */
import { type Http2Stream } from '@micromegas/http2';
import { type StartTimer, TimeoutError, withLimits } from '../base/async/with-limits';
import { ProxyError } from '../base/errors/proxy-error';
import { messagePrefix, Status } from '../base/grpc';
import { GrpcError, type MessagePieces, type OutgoingMessage } from './grpc-method';

/** Longest response: Grafana's gRPC library stores lengths as signed 32-bit integers. */
export const MAX_RESPONSE_BYTES = 2 ** 31 - 1;

/** Length of the whole message in bytes, without the prefix of gRPC. */
export function byteLength(pieces: MessagePieces): number {
  return pieces.reduce((total, piece) => total + piece.byteLength, 0);
}

/**
 * Writes one length-prefixed message. Resolves when at most 64 KiB are left to send. With `sentWithinMs`, resolves when
 * all bytes are sent.
 *
 * @throws {GrpcError} RESOURCE_EXHAUSTED if the message is too long, CANCELLED if the caller leaves.
 * @throws {ProxyError} 'file_not_read' if the caller does not take the message in time.
 */
export async function writeMessage(
  stream: Http2Stream,
  { pieces, onSent, sentWithinMs }: OutgoingMessage,
  startTimer: StartTimer
): Promise<void> {
  const length = byteLength(pieces);
  if (length > MAX_RESPONSE_BYTES) {
    onSent?.();
    throw new GrpcError(Status.RESOURCE_EXHAUSTED, `The response has ${length} bytes, more than gRPC supports.`);
  }
  stream.write(messagePrefix(length));
  pieces.forEach((piece) => stream.write(piece));
  if (onSent !== undefined) {
    stream.whenSent(onSent);
  }
  await (sentWithinMs === undefined ? stream.drained() : sent(stream, sentWithinMs, startTimer));
  if (stream.isClosed) {
    throw new GrpcError(Status.CANCELLED, 'The caller left.');
  }
}

/** Waits until all written bytes are sent, or the stream is closed. */
async function sent(stream: Http2Stream, limitMs: number, startTimer: StartTimer): Promise<void> {
  const allSent = new Promise<void>((resolve) => stream.whenSent(resolve));
  try {
    await withLimits({ limitMs, startTimer }, () => allSent);
  } catch (reason) {
    throw reason instanceof TimeoutError
      ? new ProxyError('file_not_read', { detail: `(limit ${limitMs / 1000} s)` })
      : reason;
  }
}
