/** Reads single values of a column, in any layout. */
import { type ArrowType } from './arrow-type';
import { malformed } from './result-errors';
import { formatInterval } from './format-value';
import { INLINE_BYTES, type Vector } from './vector';

/** The bytes of a string or binary value. */
export function cellBytes(vector: Vector, row: number): Uint8Array {
  const [first, data] = vector.buffers;
  switch (vector.type.kind) {
    case 'fixedSizeBinary': {
      const { widthBytes } = vector.type;
      return first.subarray(row * widthBytes, (row + 1) * widthBytes);
    }
    case 'utf8View':
    case 'binaryView':
      return viewBytes(vector, row);
    default: {
      const [start, end] = range(vector, row, data.length);
      return data.subarray(start, end);
    }
  }
}

function viewBytes(vector: Vector, row: number): Uint8Array {
  const [views] = vector.buffers;
  const view = dataOf(vector);
  const at = row * 16;
  const size = view.getInt32(at, true);
  if (size < 0) {
    throw malformed('a text has a negative length');
  }
  if (size <= INLINE_BYTES) {
    return views.subarray(at + 4, at + 4 + size);
  }
  const data = view.getInt32(at + 8, true);
  const buffer = data < 0 ? undefined : (vector.buffers[data + 1] as Uint8Array | undefined);
  const start = view.getInt32(at + 12, true);
  if (buffer === undefined || start < 0 || start + size > buffer.length) {
    throw malformed('texts are outside of their buffer');
  }
  return buffer.subarray(start, start + size);
}

/**
 * A `DataView` of one buffer of a column.
 *
 * @param buffer Index in `vector.buffers`: 0 is the first buffer after the bitmap.
 */
export function dataOf(vector: Vector, buffer = 0): DataView {
  const bytes = vector.buffers[buffer];
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Types with offsets of 64 bits. */
const WIDE: ReadonlySet<ArrowType['kind']> = new Set(['largeUtf8', 'largeBinary', 'largeList', 'largeListView']);

function narrowAt(offsets: DataView, index: number): number {
  return offsets.getInt32(index * 4, true);
}

function wideAt(offsets: DataView, index: number): number {
  return offsets.getInt32(index * 8 + 4, true) * 2 ** 32 + offsets.getUint32(index * 8, true);
}

/**
 * Start (inclusive) and end (exclusive) of a row's values.
 *
 * @param size Number of values that the row may refer to.
 * @throws {ProxyError} 'result_malformed' for a range outside of these values.
 */
export function range(vector: Vector, row: number, size: number): [number, number] {
  const { kind } = vector.type;
  const read = WIDE.has(kind) ? wideAt : narrowAt;
  const view = dataOf(vector);
  const start = read(view, row);
  const end =
    kind === 'listView' || kind === 'largeListView' ? start + read(dataOf(vector, 1), row) : read(view, row + 1);
  if (!(start >= 0 && start <= end && end <= size)) {
    throw malformed('nested values are outside of their column');
  }
  return [start, end];
}

/** @returns A bigint for 64 bits, else a number. @throws {RangeError} for a row outside of the buffer. */
export function integer(view: DataView, row: number, bits: number, signed: boolean): number | bigint {
  switch (bits) {
    case 8:
      return signed ? view.getInt8(row) : view.getUint8(row);
    case 16:
      return signed ? view.getInt16(row * 2, true) : view.getUint16(row * 2, true);
    case 32:
      return signed ? view.getInt32(row * 4, true) : view.getUint32(row * 4, true);
    default:
      return signed ? view.getBigInt64(row * 8, true) : view.getBigUint64(row * 8, true);
  }
}

/** @param bits 16, 32 or 64. @throws {RangeError} for a row outside of the buffer. */
export function floatCell(view: DataView, row: number, bits: number): number {
  switch (bits) {
    case 16:
      return halfFloat(view.getUint16(row * 2, true));
    case 32:
      return view.getFloat32(row * 4, true);
    default:
      return view.getFloat64(row * 8, true);
  }
}

/** Decodes an IEEE 754 half-precision number. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 31) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** An interval in ISO 8601. */
export function intervalCell(vector: Vector, row: number): string {
  const view = dataOf(vector);
  switch (vector.type.kind === 'interval' ? vector.type.unit : 'yearMonth') {
    case 'yearMonth':
      return formatInterval(view.getInt32(row * 4, true), 0, 0n);
    case 'dayTime':
      return formatInterval(0, view.getInt32(row * 8, true), BigInt(view.getInt32(row * 8 + 4, true)) * 1_000_000n);
    default:
      return formatInterval(
        view.getInt32(row * 16, true),
        view.getInt32(row * 16 + 4, true),
        view.getBigInt64(row * 16 + 8, true)
      );
  }
}

/** The unscaled integer of a decimal. */
export function decimalCell(view: DataView, row: number, bits: number): bigint {
  switch (bits) {
    case 32:
      return BigInt(view.getInt32(row * 4, true));
    case 64:
      return view.getBigInt64(row * 8, true);
    default: {
      const words = bits / 64;
      let value = view.getBigInt64((row * words + words - 1) * 8, true);
      for (let word = words - 2; word >= 0; word--) {
        value = (value << 64n) | view.getBigUint64((row * words + word) * 8, true);
      }
      return value;
    }
  }
}
