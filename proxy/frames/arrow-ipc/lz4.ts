/**
 * Decodes LZ4 frames, which Arrow uses to compress buffers.
 *
 * Arrow writes the uncompressed length before the frame. So the output is allocated once, and all blocks are decoded
 * into this output. LZ4 expands one byte to at most 255 bytes, so a frame that is too short for the uncompressed length
 * is rejected before memory is allocated. Every read and write is checked, so no bytes outside of the frame and of its
 * output are accessed. The checksums of the frame are not compared: TLS and TCP have their own checksums, and the
 * decoder itself detects wrong lengths and references.
 *
 * @see LZ4 "Frame format description", version 1.6, and "Block format description". All numbers are little-endian.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { malformed } from './result-errors';

const MAGIC = 0x184d2204;
const MAX_RATIO = 255;

const VERSION = 0b0100_0000;
const VERSION_BITS = 0b1100_0000;
const BLOCK_CHECKSUM = 0b0001_0000;
const CONTENT_SIZE = 0b0000_1000;
const DICTIONARY_ID = 0b0000_0001;
const RESERVED = 0b0000_0010;
/** This bit is set in the length of a block that is stored uncompressed. */
const STORED = 0x80000000;

/**
 * Returns the uncompressed bytes of a frame.
 *
 * @param frame One frame. Bytes after the frame are ignored, because some writers include padding in a buffer.
 * @param size  Exact uncompressed length in bytes.
 * @throws {ProxyError} 'result_malformed', and errors of the account.
 */
export function decodeLz4Frame(frame: Uint8Array, size: number, memory: MemoryAccount): Uint8Array {
  if (size > frame.length * MAX_RATIO) {
    throw malformed('an LZ4 frame announces more bytes than it can contain');
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const u32 = (position: number) => {
    if (position + 4 > frame.length) {
      throw malformed('an LZ4 frame is truncated');
    }
    return view.getUint32(position, true);
  };
  // A frame of four bytes has no flags. 0 is not a valid version.
  const flags = frame.at(4) ?? 0;
  if (u32(0) !== MAGIC || (flags & VERSION_BITS) !== VERSION || (flags & (RESERVED | DICTIONARY_ID)) !== 0) {
    throw malformed('a buffer is not an LZ4 frame');
  }
  const hasContentSize = (flags & CONTENT_SIZE) !== 0;
  if (hasContentSize && (u32(6) !== size || u32(10) !== 0)) {
    throw malformed('an LZ4 frame does not have the announced length');
  }
  const target = memory.take(size);
  let from = hasContentSize ? 15 : 7;
  let to = 0;
  for (let blockHeader = u32(from); blockHeader !== 0; blockHeader = u32(from)) {
    const start = from + 4;
    const end = start + (blockHeader & ~STORED);
    if (end > frame.length) {
      throw malformed('an LZ4 frame is truncated');
    }
    to =
      blockHeader >= STORED
        ? store(frame.subarray(start, end), target, to)
        : decodeLz4Block(frame, start, end, target, to);
    from = end + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (to !== size) {
    throw malformed('an LZ4 frame does not have the announced length');
  }
  return target;
}

function store(bytes: Uint8Array, target: Uint8Array, at: number): number {
  if (at + bytes.length > target.length) {
    throw malformed('an LZ4 frame does not have the announced length');
  }
  target.set(bytes, at);
  return at + bytes.length;
}

const MIN_MATCH = 4;
/** Copies of at least this length use `set` or `copyWithin`. Shorter copies are faster byte by byte. */
const LONG_COPY = 32;

/**
 * Decodes one block: a list of sequences. A sequence has literals, which are copied to the output, and a match. The
 * match says how many bytes of the earlier output are copied, and from which distance.
 *
 * @param source Contains the block from `start` (inclusive) to `end` (exclusive).
 * @param target Written from `at` on. Matches may refer to all bytes before `at`, including those of earlier blocks.
 * @returns The position after the last written byte.
 * @throws {ProxyError} 'result_malformed'
 */
function decodeLz4Block(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let from = start;
  let to = at;
  while (from < end) {
    const token = source[from++];
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        more = byteAt(source, from++, end);
        literals += more;
      }
    }
    if (from + literals > end || to + literals > target.length) {
      throw brokenBlock();
    }
    copy(source, from, target, to, literals);
    from += literals;
    to += literals;
    if (from === end) {
      // The last sequence has no match.
      return to;
    }
    const distance = byteAt(source, from, end) | (byteAt(source, from + 1, end) << 8);
    from += 2;
    let length = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) {
      let more = 255;
      while (more === 255) {
        more = byteAt(source, from++, end);
        length += more;
      }
    }
    if (distance === 0 || distance > to || to + length > target.length) {
      throw brokenBlock();
    }
    copyMatch(target, to, distance, length);
    to += length;
  }
  return to;
}

function brokenBlock(): Error {
  return malformed('an LZ4 block is invalid');
}

function byteAt(source: Uint8Array, at: number, end: number): number {
  if (at >= end) {
    throw brokenBlock();
  }
  return source[at];
}

function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, size: number): void {
  if (size >= LONG_COPY) {
    target.set(source.subarray(from, from + size), to);
    return;
  }
  for (let index = 0; index < size; index++) {
    target[to + index] = source[from + index];
  }
}

/** Copies a match. The match may overlap its copy. For example, a distance of 1 repeats one byte. */
function copyMatch(target: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length && length >= LONG_COPY) {
    target.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let index = 0; index < length; index++) {
    target[to + index] = target[to + index - distance];
  }
}
