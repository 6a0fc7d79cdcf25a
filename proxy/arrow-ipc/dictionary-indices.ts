import { type IntType } from './arrow-type';
import { asInt16, asInt32 } from './vector';

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
