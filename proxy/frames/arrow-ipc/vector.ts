/**
 * Columns of a record batch: views of the received bytes, without copies.
 *
 * Buffers may start at any address, because a message may start anywhere in a network read. The functions below create
 * typed views, and copy only buffers that are not aligned.
 *
 * @see Arrow columnar format, "Validity bitmaps" and "Physical memory layout"
 */
import { type ArrowType } from './arrow-type';
import { malformed } from './result-errors';

/** A received column. The lengths of its buffers are checked, but the contents of the buffers are not. */
export interface Vector {
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  /** Bit i % 8 of byte i >> 3 is 1 if row i is present. Null when no row is null, or the type has no bitmap. */
  readonly validity: Uint8Array | null;
  /** All buffers after the validity bitmap, in the order of the format. */
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly Vector[];
  /** The values that the rows refer to by index. Only for the type `dictionary`. */
  readonly dictionary: Dictionary | null;
  /**
   * Position of row 0 in the runs: a slice of a column keeps all runs. Only for the type `runEndEncoded`. Default: 0.
   */
  readonly firstRow?: number;
}

/** The values of a dictionary: one vector, and one more for each delta. A delta creates a new `Dictionary`. */
export interface Dictionary {
  readonly chunks: readonly Vector[];
}

/** A view of a string or binary value contains the whole value if it has at most this many bytes. */
export const INLINE_BYTES = 12;

/** True if a bit of a bitmap is set. */
export function hasBit(bits: Uint8Array, at: number): boolean {
  return (bits[at >> 3] & (1 << (at & 7))) !== 0;
}

/** False if the bitmap marks the row as null. True without a bitmap. */
export function isPresent(validity: Uint8Array | null, row: number): boolean {
  return validity === null || hasBit(validity, row);
}

/** Sets a bit of a bitmap. */
export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] |= 1 << (at & 7);
}

/** Number of zero bits among the first `length` bits. */
export function countNulls(validity: Uint8Array, length: number): number {
  let present = 0;
  const whole = length >> 3;
  for (let index = 0; index < whole; index++) {
    let bits = validity[index];
    bits -= (bits >> 1) & 0x55;
    bits = (bits & 0x33) + ((bits >> 2) & 0x33);
    present += (bits + (bits >> 4)) & 0x0f;
  }
  for (let row = whole << 3; row < length; row++) {
    present += isPresent(validity, row) ? 1 : 0;
  }
  return length - present;
}

/** Bytes of a bitmap of this many bits. */
export function bitmapBytes(length: number): number {
  return (length + 7) >> 3;
}

/**
 * Exactly `count` values of `width` bytes, copied if their address is not aligned.
 *
 * @throws {ProxyError} 'result_malformed' for fewer bytes, because a typed array would read the bytes after the buffer.
 */
function aligned(bytes: Uint8Array, width: number, count: number): Uint8Array {
  if (bytes.length < count * width) {
    throw malformed('a buffer is too short for its rows');
  }
  const needed = bytes.subarray(0, count * width);
  return needed.byteOffset % width === 0 ? needed : Uint8Array.from(needed);
}

/** Little-endian values. Copies the buffer only if its address is odd. @param count Number of values. */
export function asInt16(bytes: Uint8Array, count: number): Int16Array {
  const view = aligned(bytes, 2, count);
  return new Int16Array(view.buffer, view.byteOffset, count);
}

/** Little-endian values. Copies the buffer only if it is not aligned to 4 bytes. @param count Number of values. */
export function asInt32(bytes: Uint8Array, count: number): Int32Array {
  const view = aligned(bytes, 4, count);
  return new Int32Array(view.buffer, view.byteOffset, count);
}

/** Little-endian values. Copies the buffer only if it is not aligned to 8 bytes. @param count Number of values. */
export function asInt64(bytes: Uint8Array, count: number): BigInt64Array {
  const view = aligned(bytes, 8, count);
  return new BigInt64Array(view.buffer, view.byteOffset, count);
}

/** The bytes of a typed array. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
