/**
 * Undoes the compression of single buffers in a message body.
 *
 * Each compressed buffer starts with the size of its content, 64 bits, or with -1 where compressing did not pay and the
 * content follows as it is. Sizes are checked before memory is taken: a message may not unpack to more than a quarter of
 * a GiB, which is a hundred times what servers put into one.
 *
 * @see Arrow `format/Message.fbs`, BodyCompression and BodyCompressionMethod.BUFFER
 */
import { type MemoryAccount } from '../memory/memory-account';
import { decodeLz4Frame } from './lz4';
import { malformed, tooLarge } from './result-errors';
import * as zlib from 'node:zlib';

export type Compression = 'lz4' | 'zstd';

/** Most bytes that the buffers of one message may unpack to. */
export const MAX_UNPACKED_BYTES = 2 ** 28;

const PREFIX_BYTES = 8;
const NOT_COMPRESSED = -1n;

const decodeZstd = createZstdDecoder();

/** Unpacks the buffers of one message, one after the other. */
export class BufferUnpacker {
  readonly #compression: Compression;
  readonly #memory: MemoryAccount;
  /** Bytes that were unpacked so far. */
  unpackedBytes = 0;

  constructor(compression: Compression, memory: MemoryAccount) {
    this.#compression = compression;
    this.#memory = memory;
  }

  /**
   * @param buffer As it lies in the body; an empty one has no prefix.
   * @throws {ProxyError} 'result_malformed', 'result_too_large'
   */
  unpack(buffer: Uint8Array): Uint8Array {
    if (buffer.length === 0) {
      return buffer;
    }
    if (buffer.length < PREFIX_BYTES) {
      throw malformed('a compressed buffer is cut short');
    }
    const size = new DataView(buffer.buffer, buffer.byteOffset, PREFIX_BYTES).getBigInt64(0, true);
    const content = buffer.subarray(PREFIX_BYTES);
    if (size === NOT_COMPRESSED) {
      return content;
    }
    if (size < 0n) {
      throw malformed('a compressed buffer has a negative size');
    }
    if (size > BigInt(MAX_UNPACKED_BYTES - this.unpackedBytes)) {
      throw tooLarge('A message of the server unpacks to more than 256 MiB.');
    }
    this.unpackedBytes += Number(size);
    if (size === 0n) {
      return content.subarray(0, 0);
    }
    if (this.#compression === 'lz4') {
      return decodeLz4Frame(content, Number(size), this.#memory);
    }
    this.#memory.adopt(Number(size));
    return decodeZstd(content, Number(size));
  }
}

/** Decodes one buffer whose content has to have exactly `size` bytes. */
export type ZstdDecoder = (bytes: Uint8Array, size: number) => Uint8Array;

/** The part of `node:zlib` that older versions of Node lack. */
export interface NodeZstd {
  zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
}

/** @returns A decoder that throws {ProxyError} 'result_malformed'. */
export function createZstdDecoder({ zstdDecompressSync }: NodeZstd = zlib): ZstdDecoder {
  return (bytes, size) => {
    if (zstdDecompressSync === undefined) {
      throw malformed('the answer is compressed with Zstandard, which Node.js reads from version 22.15 on');
    }
    let content: Uint8Array;
    try {
      content = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) });
    } catch {
      throw malformed('a buffer is no Zstandard data of the size that it promises');
    }
    if (content.length !== size) {
      throw malformed('a Zstandard frame has another size than its buffer');
    }
    return content;
  };
}
