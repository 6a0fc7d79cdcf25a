/**
 * Reads the one message of a unary or server-streaming request.
 *
 * Each message has a prefix of five bytes: a flag (1 = compressed) and the length, big-endian.
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message".
 */
import { type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { GrpcError, GrpcStatus } from './grpc-status';
import { hasCode } from './node-error';

export const PREFIX_BYTES = 5;

/** Longest request, compressed or not. Queries are small, but bodies of resource calls and secrets count. */
export const MAX_REQUEST_BYTES = 128 * 1024 * 1024;

export interface ReadOptions {
  /** Header `grpc-encoding`. */
  encoding: string | undefined;
  maxBytes?: number;
}

/**
 * The message that the peer sends before it closes its side.
 *
 * @throws {GrpcError} RESOURCE_EXHAUSTED when it is too long, UNIMPLEMENTED when its compression is not known, INTERNAL
 *   when the framing is broken, CANCELLED when the peer left in the middle.
 */
export async function readMessage(stream: Readable, options: ReadOptions): Promise<Uint8Array> {
  const maxBytes = options.maxBytes ?? MAX_REQUEST_BYTES;
  const framed = await readFramed(stream, maxBytes);
  if (framed.length < PREFIX_BYTES) {
    throw new GrpcError(GrpcStatus.INTERNAL, 'The request ended before its message.');
  }
  const length = framed.readUInt32BE(1);
  if (framed.length !== PREFIX_BYTES + length) {
    throw new GrpcError(
      GrpcStatus.INTERNAL,
      `The request announced ${length} bytes and brought ${framed.length - PREFIX_BYTES}.`
    );
  }
  const message = framed.subarray(PREFIX_BYTES);
  return framed[0] === 0 ? message : decompress(message, options.encoding, maxBytes);
}

async function readFramed(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    // The loop must not destroy the stream when it ends early: the answer still goes out over it.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes: Buffer = chunk;
      chunks.push(bytes);
      total += bytes.length;
      if (total > PREFIX_BYTES + maxBytes) {
        throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `The request is longer than ${maxBytes} bytes.`);
      }
    }
  } catch (reason) {
    throw reason instanceof GrpcError ? reason : new GrpcError(GrpcStatus.CANCELLED, 'The caller left.');
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, total);
}

const gunzipAsync = promisify(gunzip);

async function decompress(message: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  if (encoding !== 'gzip') {
    const name = encoding ?? 'none';
    throw new GrpcError(GrpcStatus.UNIMPLEMENTED, `Requests compressed with "${name}" are not understood, only gzip.`);
  }
  try {
    return await gunzipAsync(message, { maxOutputLength: maxBytes });
  } catch (reason) {
    if (hasCode(reason, 'ERR_BUFFER_TOO_LARGE')) {
      throw new GrpcError(GrpcStatus.RESOURCE_EXHAUSTED, `The request is longer than ${maxBytes} bytes.`);
    }
    throw new GrpcError(GrpcStatus.INTERNAL, 'The compressed request cannot be decompressed.');
  }
}
