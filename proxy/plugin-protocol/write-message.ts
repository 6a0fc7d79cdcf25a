/**
 * Writes messages piece by piece. An answer of hundreds of megabytes is a list of the buffers that were received from the
 * server. They are neither joined nor copied.
 */
import { type Http2Stream } from '@micromegas/http2';
import { messagePrefix, Status } from '../grpc';
import { GrpcError, type MessagePieces, type OutgoingMessage } from './grpc-method';

/** Longest answer: Grafana's gRPC library stores lengths as signed 32-bit integers. */
export const MAX_RESPONSE_BYTES = 2 ** 31 - 1;

export function byteLength(pieces: MessagePieces): number {
  return pieces.reduce((total, piece) => total + piece.byteLength, 0);
}

/**
 * Writes one length-prefixed message. Resolves when most of it is sent.
 *
 * @throws {GrpcError} RESOURCE_EXHAUSTED if the message is too long, CANCELLED if the caller leaves.
 */
export async function writeMessage(stream: Http2Stream, { pieces, onSent }: OutgoingMessage): Promise<void> {
  const length = byteLength(pieces);
  if (length > MAX_RESPONSE_BYTES) {
    onSent?.();
    throw new GrpcError(Status.RESOURCE_EXHAUSTED, `The answer has ${length} bytes, more than gRPC supports.`);
  }
  stream.write(messagePrefix(length));
  pieces.forEach((piece) => stream.write(piece));
  if (onSent !== undefined) {
    stream.whenSent(onSent);
  }
  await stream.drained();
  if (stream.isClosed) {
    throw new GrpcError(Status.CANCELLED, 'The caller left.');
  }
}
