/**
 * Decodes one LZ4 block into its place in the output.
 *
 * A block is a row of sequences: literals to copy, then a match, which is a distance back into what was written and a
 * length. Every read and write is checked first, so whatever the bytes say, nothing outside of them is touched and no
 * more is written than the caller has room for.
 *
 * Rules: LZ4 "Block format description".
 */
import { malformed } from './result-errors';

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
