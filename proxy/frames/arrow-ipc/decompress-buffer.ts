/**
 * Decompresses the buffers of a message body.
 *
 * Each compressed buffer starts with its uncompressed length as a 64-bit integer. The length -1 means that the content
 * is stored uncompressed. Lengths are checked before memory is allocated: the uncompressed buffers of a message may
 * have at most 256 MiB in total. Servers send a hundredth of that.
 *
 * Node.js supports Zstandard since 22.15 and 23.8. With an older version, the error names the required version. There
 * is no fallback in JavaScript, because the available JavaScript decoder does not terminate for some corrupted input.
 *
 * @see Arrow `format/Message.fbs`, BodyCompression and BodyCompressionMethod.BUFFER
 */
import * as zlib from 'node:zlib';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { decodeLz4Frame } from './lz4';
import { malformed, tooLarge } from './result-errors';

export type Compression = 'lz4' | 'zstd';

/** Limit for the sum of the uncompressed lengths of all buffers of one message, in bytes. */
export const MAX_UNCOMPRESSED_BYTES = 2 ** 28;

const PREFIX_BYTES = 8;
const NOT_COMPRESSED = -1n;

const decodeZstd = createZstdDecoder();

/** Decompresses the buffers of one message, in order. */
export class BufferDecompressor {
  readonly #compression: Compression;
  readonly #memory: MemoryAccount;
  /** Sum of the uncompressed lengths so far. */
  uncompressedBytes = 0;

  constructor(compression: Compression, memory: MemoryAccount) {
    this.#compression = compression;
    this.#memory = memory;
  }

  /**
   * @param buffer The buffer as stored in the body. An empty buffer has no length prefix.
   * @throws {ProxyError} 'result_malformed', 'result_too_large'
   */
  decompress(buffer: Uint8Array): Uint8Array {
    if (buffer.length === 0) {
      return buffer;
    }
    if (buffer.length < PREFIX_BYTES) {
      throw malformed('a compressed buffer is truncated');
    }
    const size = new DataView(buffer.buffer, buffer.byteOffset, PREFIX_BYTES).getBigInt64(0, true);
    const content = buffer.subarray(PREFIX_BYTES);
    if (size === NOT_COMPRESSED) {
      return content;
    }
    if (size < 0n) {
      throw malformed('a compressed buffer has a negative length');
    }
    if (size > BigInt(MAX_UNCOMPRESSED_BYTES - this.uncompressedBytes)) {
      throw tooLarge('A message of the server has more than 256 MiB uncompressed.');
    }
    this.uncompressedBytes += Number(size);
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

/** Decodes one buffer. `size` is the exact uncompressed length in bytes. */
export type ZstdDecoder = (bytes: Uint8Array, size: number) => Uint8Array;

/** The function of `node:zlib` that older versions of Node.js do not have. */
export interface NodeZstd {
  zstdDecompressSync?: (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
}

/**
 * @returns A decoder that throws {ProxyError} 'result_malformed' for corrupted frames, for output whose length is not
 *   `size`, and if Node.js is too old.
 */
export function createZstdDecoder({ zstdDecompressSync }: NodeZstd = zlib): ZstdDecoder {
  return (bytes, size) => {
    if (zstdDecompressSync === undefined) {
      throw malformed('the result is compressed with Zstandard, which requires Node.js 22.15 or newer');
    }
    let content: Uint8Array;
    try {
      content = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) });
    } catch {
      throw malformed('a buffer is not Zstandard data of the announced length');
    }
    if (content.length !== size) {
      throw malformed('a Zstandard frame does not have the announced length');
    }
    return content;
  };
}
