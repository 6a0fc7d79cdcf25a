/**
 * Writes a message in the pieces that it comes in.
 *
 * An answer of hundreds of megabytes is a list of buffers that came from the lakehouse. They are handed to the socket
 * as they are, neither joined nor copied; only as many as the peer takes are ever queued, so memory stays flat however
 * slowly it reads.
 */
import { type Writable } from 'node:stream';
import { GrpcError, GrpcStatus } from './grpc-status';
import { PREFIX_BYTES } from './read-message';

/** A message as consecutive parts of its bytes. */
export type MessagePieces = readonly Uint8Array[];

/** Longest answer: gRPC for Go, and so Grafana, counts in 32 bits with sign. */
export const MAX_RESPONSE_BYTES = 2 ** 31 - 1;

/** Small neighbours go to the socket in one system call: a result of many tiny batches would otherwise be slow. */
const GROUP_BYTES = 64 * 1024;

export function byteLength(pieces: MessagePieces): number {
  return pieces.reduce((total, piece) => total + piece.byteLength, 0);
}

/**
 * Writes one length-prefixed message and waits whenever the peer is behind.
 *
 * @throws {GrpcError} RESOURCE_EXHAUSTED when the message cannot be framed, CANCELLED when the stream closes meanwhile.
 */
export async function writeMessage(stream: Writable, pieces: MessagePieces, signal: AbortSignal): Promise<void> {
  const length = byteLength(pieces);
  if (length > MAX_RESPONSE_BYTES) {
    throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `The answer has ${length} bytes, more than gRPC can carry.`);
  }
  let group: Uint8Array[] = [prefix(length)];
  let groupBytes = PREFIX_BYTES;
  for (const piece of pieces) {
    group.push(piece);
    groupBytes += piece.byteLength;
    if (groupBytes >= GROUP_BYTES) {
      await writeGroup(stream, group, signal);
      group = [];
      groupBytes = 0;
    }
  }
  await writeGroup(stream, group, signal);
}

function prefix(length: number): Uint8Array {
  const bytes = Buffer.alloc(PREFIX_BYTES);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

async function writeGroup(stream: Writable, group: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
  if (!isOpen(stream, signal)) {
    throw new GrpcError(GrpcStatus.CANCELLED, 'The caller left.');
  }
  let room = true;
  stream.cork();
  for (const piece of group) {
    room = piece.byteLength === 0 ? room : stream.write(piece);
  }
  stream.uncork();
  if (!room && stream.writableNeedDrain) {
    await drained(stream, signal);
  }
}

function isOpen(stream: Writable, signal: AbortSignal): boolean {
  return !signal.aborted && !stream.destroyed && stream.writable;
}

/** Resolves when the stream takes more, or when it never will: the next write finds out. */
function drained(stream: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    signal.addEventListener('abort', done);
  });
}
