/**
 * Writes a message in the pieces that it comes in: an answer of hundreds of megabytes is a list of buffers that came from
 * the lakehouse, and they go to the socket as they are, neither joined nor copied.
 */
import { type Http2Stream } from '@micromegas/http2';
import { messagePrefix, Status } from '../grpc';
import { GrpcError, type MessagePieces, type OutgoingMessage } from './grpc-method';

/** Longest answer: gRPC for Go, and so Grafana, counts in 32 bits with sign. */
export const MAX_RESPONSE_BYTES = 2 ** 31 - 1;

export function byteLength(pieces: MessagePieces): number {
  return pieces.reduce((total, piece) => total + piece.byteLength, 0);
}

/**
 * Writes one length-prefixed message, and resolves when most of it is sent.
 *
 * @throws {GrpcError} RESOURCE_EXHAUSTED when the message cannot be framed, CANCELLED when the caller leaves meanwhile.
 */
export async function writeMessage(stream: Http2Stream, { pieces, onSent }: OutgoingMessage): Promise<void> {
  const length = byteLength(pieces);
  if (length > MAX_RESPONSE_BYTES) {
    onSent?.();
    throw new GrpcError(Status.RESOURCE_EXHAUSTED, `The answer has ${length} bytes, more than gRPC can carry.`);
  }
  stream.write(messagePrefix(length));
  pieces.forEach((piece) => stream.write(piece));
  if (onSent !== undefined) {
    stream.whenSent(onSent);
  }
  await stream.room();
  if (stream.isClosed) {
    throw new GrpcError(Status.CANCELLED, 'The caller left.');
  }
}
