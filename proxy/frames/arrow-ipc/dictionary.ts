/** Finds values of dictionaries that arrive in pieces, and converts indices to int32. */
import { countLeading } from '../../../contract/ascending-list';
import { oncePer } from './once-per';
import { type IntType } from './arrow-type';
import { asInt16, asInt32, type Dictionary, type Vector } from './vector';

/** Index of the first value of each piece of a dictionary, and the number of all values. */
const startsOf = oncePer(({ chunks }: Dictionary): Float64Array => {
  const found = new Float64Array(chunks.length + 1);
  chunks.forEach(({ length }, piece) => {
    found[piece + 1] = found[piece] + length;
  });
  return found;
});

/** Number of values in all pieces of a dictionary. */
export function valueCount(dictionary: Dictionary): number {
  return startsOf(dictionary)[dictionary.chunks.length];
}

/**
 * Finds a value of a dictionary: its piece and its row in that piece.
 *
 * @returns Undefined for an index outside of the dictionary.
 */
export function findValue(
  dictionary: Dictionary,
  index: number
): { chunk: Vector; piece: number; row: number } | undefined {
  const from = startsOf(dictionary);
  if (!(index >= 0 && index < valueCount(dictionary))) {
    return undefined;
  }
  const piece = countLeading(dictionary.chunks.length, (each) => from[each] <= index) - 1;
  return { chunk: dictionary.chunks[piece], piece, row: index - from[piece] };
}

/**
 * Indices of any integer type as int32. An index that does not fit becomes negative, and so is outside of every
 * dictionary.
 *
 * @param allocate Allocates the result. Not called for 32-bit indices, which are used in place.
 */
export function dictionaryIndices(
  bytes: Uint8Array,
  length: number,
  type: IntType,
  allocate: (length: number) => Int32Array
): Int32Array {
  if (type.bits === 32) {
    return asInt32(bytes, length);
  }
  const indices = allocate(length);
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

/** @param shift 32 minus the width of a signed integer; 0 for unsigned integers. */
function widen(from: Uint8Array | Int16Array, to: Int32Array, shift: number, mask: number): void {
  for (let row = 0; row < to.length; row++) {
    const bits = from[row] & mask;
    to[row] = (bits << shift) >> shift;
  }
}

function takeLowHalves(halves: Int32Array, to: Int32Array): void {
  for (let row = 0; row < to.length; row++) {
    to[row] = halves[row * 2 + 1] === 0 ? halves[row * 2] : -1;
  }
}

/**
 * True if a dictionary has several values, which are equal because they take no bytes: nulls, or binary values of
 * length 0. A message of a few bytes may declare millions of such values, so only one of them is converted.
 */
export function hasEqualValues(dictionary: Dictionary): boolean {
  return valueCount(dictionary) > 1 && dictionary.chunks.every(takesNoBytes);
}

function takesNoBytes({ type, validity, children }: Vector): boolean {
  switch (type.kind) {
    case 'null':
      return true;
    case 'fixedSizeBinary':
      return validity === null && type.widthBytes === 0;
    case 'struct':
      return validity === null && children.every(takesNoBytes);
    case 'fixedSizeList':
      return validity === null && (type.size === 0 || children.every(takesNoBytes));
    default:
      return false;
  }
}
