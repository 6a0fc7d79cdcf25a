import { asInt16, asInt32, type Dictionary, type Vector } from './vector';
import { type IntType } from './arrow-type';

/** The first value of each piece of a dictionary, and the number of all values. */
const starts = new WeakMap<Dictionary, Float64Array>();

function startsOf(dictionary: Dictionary): Float64Array {
  const known = starts.get(dictionary);
  if (known !== undefined) {
    return known;
  }
  const { chunks } = dictionary;
  const found = new Float64Array(chunks.length + 1);
  chunks.forEach(({ length }, piece) => {
    found[piece + 1] = (found[piece] ?? 0) + length;
  });
  starts.set(dictionary, found);
  return found;
}

/** The values of a dictionary, over all of its pieces. */
export function valueCount(dictionary: Dictionary): number {
  return startsOf(dictionary)[dictionary.chunks.length] ?? 0;
}

/**
 * Where a value of a dictionary lies: its piece and its row there. Takes the logarithm of the number of pieces.
 *
 * @returns Undefined for an index that the dictionary does not have.
 */
export function findValue(
  dictionary: Dictionary,
  index: number
): { chunk: Vector; piece: number; row: number } | undefined {
  const from = startsOf(dictionary);
  if (!(index >= 0 && index < valueCount(dictionary))) {
    return undefined;
  }
  let low = 0;
  let high = dictionary.chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((from[middle] ?? 0) <= index) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const chunk = dictionary.chunks[low];
  return chunk === undefined ? undefined : { chunk, piece: low, row: index - (from[low] ?? 0) };
}

/**
 * Indices of any integer type as int32; one that does not fit becomes -1, which no dictionary has.
 *
 * @param make Zeroed memory for indices of another width: those of 32 bits stay where they are.
 */
export function dictionaryIndices(
  bytes: Uint8Array,
  length: number,
  type: IntType,
  make: (length: number) => Int32Array
): Int32Array {
  if (type.bits === 32) {
    return asInt32(bytes, length);
  }
  const indices = make(length);
  switch (type.bits) {
    case 8:
      widen(bytes, indices, type.signed ? 24 : 0, 0xff);
      break;
    case 16:
      widen(asInt16(bytes, length), indices, type.signed ? 16 : 0, 0xffff);
      break;
    default:
      takeLowHalves(asInt32(bytes, length * 2), indices);
  }
  return indices;
}

/** @param shift Bits that a narrow integer lacks of 32, where it has a sign. */
function widen(from: Uint8Array | Int16Array, to: Int32Array, shift: number, mask: number): void {
  for (let row = 0; row < to.length; row++) {
    const bits = (from[row] ?? 0) & mask;
    to[row] = (bits << shift) >> shift;
  }
}

function takeLowHalves(halves: Int32Array, to: Int32Array): void {
  for (let row = 0; row < to.length; row++) {
    to[row] = halves[row * 2 + 1] === 0 ? (halves[row * 2] ?? 0) : -1;
  }
}
