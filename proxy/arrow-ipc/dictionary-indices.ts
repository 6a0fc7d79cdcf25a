import { type IntType } from './arrow-type';
import { asInt16, asInt32 } from './vector';

/** Indices of any integer type as int32; one that does not fit becomes -1, which no dictionary has. */
export function dictionaryIndices(bytes: Uint8Array, length: number, type: IntType): Int32Array {
  switch (type.bits) {
    case 8:
      return Int32Array.from(bytes.subarray(0, length), (index) => (type.signed ? (index << 24) >> 24 : index));
    case 16:
      return Int32Array.from(asInt16(bytes, length), (index) => (type.signed ? index : index & 0xffff));
    case 32:
      return asInt32(bytes, length);
    default: {
      const halves = asInt32(bytes, length * 2);
      return Int32Array.from({ length }, (_, row) => (halves[row * 2 + 1] === 0 ? (halves[row * 2] ?? 0) : -1));
    }
  }
}
