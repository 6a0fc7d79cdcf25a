/**
 * Decodes an LZ4 frame, the form in which Arrow compresses buffers with LZ4.
 *
 * The size of the content is known before, so the output is made once and blocks are decoded straight into it. LZ4 turns a
 * byte into 255 at most: a frame that promises more is refused before memory is taken for it. Checksums are not compared:
 * TLS and TCP have them already, and a wrong length or reference is found anyway.
 *
 * Rules: LZ4 "Frame format description", version 1.6. All numbers are little-endian.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { malformed } from './result-errors';

const MAGIC = 0x184d2204;
const MAX_RATIO = 255;

const VERSION = 0b0100_0000;
const VERSION_BITS = 0b1100_0000;
const BLOCK_CHECKSUM = 0b0001_0000;
const CONTENT_SIZE = 0b0000_1000;
const DICTIONARY_ID = 0b0000_0001;
const RESERVED = 0b0000_0010;
/** Set in the size of a block whose bytes are stored as they are. */
const STORED = 0x80000000;

/**
 * @param frame One frame; bytes after it are ignored, since some writers count padding into a buffer.
 * @param size  Bytes that the content has to have.
 * @throws {ProxyError} 'result_malformed'
 */
export function decodeLz4Frame(frame: Uint8Array, size: number, memory: MemoryAccount): Uint8Array {
  if (size > frame.length * MAX_RATIO) {
    throw malformed('an LZ4 frame promises more than it can hold');
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const u32 = (position: number) => {
    if (position + 4 > frame.length) {
      throw malformed('an LZ4 frame is cut short');
    }
    return view.getUint32(position, true);
  };
  const flags = frame[4] ?? 0;
  if (u32(0) !== MAGIC || (flags & VERSION_BITS) !== VERSION || (flags & (RESERVED | DICTIONARY_ID)) !== 0) {
    throw malformed('a buffer is no LZ4 frame');
  }
  const hasContentSize = (flags & CONTENT_SIZE) !== 0;
  if (hasContentSize && (u32(6) !== size || u32(10) !== 0)) {
    throw malformed('an LZ4 frame has another size than its buffer');
  }
  const target = memory.take(size);
  let from = hasContentSize ? 15 : 7;
  let to = 0;
  for (let header = u32(from); header !== 0; header = u32(from)) {
    const start = from + 4;
    const end = start + (header & ~STORED);
    if (end > frame.length) {
      throw malformed('an LZ4 frame is cut short');
    }
    to =
      header >= STORED ? store(frame.subarray(start, end), target, to) : decodeLz4Block(frame, start, end, target, to);
    from = end + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
  if (to !== size) {
    throw malformed('an LZ4 frame has another size than its buffer');
  }
  return target;
}

function store(bytes: Uint8Array, target: Uint8Array, at: number): number {
  if (at + bytes.length > target.length) {
    throw malformed('an LZ4 frame has another size than its buffer');
  }
  target.set(bytes, at);
  return at + bytes.length;
}

const MIN_MATCH = 4;
/** From this size on, copying by the engine beats copying byte by byte. */
const LONG_COPY = 32;

/**
 * @param source Bytes of the block, from `start` to before `end`.
 * @param target Written from `at`; matches may reach back to its start, into blocks before this one.
 * @returns The position after the last byte that was written.
 * @throws {ProxyError} 'result_malformed'
 */
export function decodeLz4Block(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let from = start;
  let to = at;
  while (from < end) {
    const token = source[from++] ?? 0;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        more = byteAt(source, from++, end);
        literals += more;
      }
    }
    if (from + literals > end || to + literals > target.length) {
      throw broken();
    }
    copy(source, from, target, to, literals);
    from += literals;
    to += literals;
    if (from === end) {
      // The last sequence has literals only.
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
      throw broken();
    }
    repeat(target, to, distance, length);
    to += length;
  }
  return to;
}

function broken(): Error {
  return malformed('an LZ4 block is broken');
}

function byteAt(source: Uint8Array, at: number, end: number): number {
  const byte = source[at];
  if (byte === undefined || at >= end) {
    throw broken();
  }
  return byte;
}

function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, size: number): void {
  if (size >= LONG_COPY) {
    target.set(source.subarray(from, from + size), to);
    return;
  }
  for (let index = 0; index < size; index++) {
    target[to + index] = source[from + index] ?? 0;
  }
}

/** Copies a match, which may overlap what it writes: a distance of 1 repeats one byte. */
function repeat(target: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length && length >= LONG_COPY) {
    target.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let index = 0; index < length; index++) {
    target[to + index] = target[to + index - distance] ?? 0;
  }
}
