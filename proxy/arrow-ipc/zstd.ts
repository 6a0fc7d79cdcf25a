/**
 * Decodes Zstandard with Node's own decoder, which is there from 22.15 and 23.8 on.
 *
 * An older Node gets an error that says so, instead of a decoder in JavaScript: the one that fits was found to loop without
 * end on changed bytes, and Micromegas compresses nothing today. Zstandard repeats a byte almost for free, so a small
 * buffer may promise any size; the caller bounds it, and decoding stops as soon as there is more.
 */
import * as zlib from 'node:zlib';
import { malformed } from './result-errors';

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
