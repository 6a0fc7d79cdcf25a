/**
 * A column of one record batch as it lies in the received bytes: views, never copies.
 *
 * Rows always start at the first value of the buffers: messages carry no offset, and cutting a result drops rows at the
 * end only. Buffers may start at any address, since a message lies somewhere inside a network read; typed views of them
 * are made with the functions below, which copy only what is not aligned.
 *
 * @see Arrow columnar format, "Validity bitmaps" and "Physical memory layout"
 */
import { type ArrowType } from './arrow-type';
import { malformed } from './result-errors';

export interface Vector {
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  /** Row i is bit i % 8 of byte i >> 3, 1 = present: one bit for each row. Null when no row is null. */
  readonly validity: Uint8Array | null;
  /** All buffers after the validity bitmap, in the order of the format. */
  readonly buffers: readonly Uint8Array[];
  readonly children: readonly Vector[];
  /** Values that the rows are indices into, for the type `dictionary` only. */
  readonly dictionary: Dictionary | null;
  /** Row of the runs that is the first one here, for the type `runEndEncoded` only. Missing: 0. */
  readonly firstRow?: number;
}

/** The values of a dictionary: one vector, and one more for each delta that came. Never changed, only replaced. */
export interface Dictionary {
  readonly chunks: readonly Vector[];
}

/** True when the row holds a value. */
export function isPresent(validity: Uint8Array | null, row: number): boolean {
  return validity === null || ((validity[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** Number of zero bits among the first `length` bits. */
export function countNulls(validity: Uint8Array, length: number): number {
  let present = 0;
  const whole = length >> 3;
  for (let index = 0; index < whole; index++) {
    let bits = validity[index] ?? 0;
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
 * Exactly `count` values of `width` bytes, moved to an aligned address if they are not at one.
 *
 * @throws {ProxyError} 'result_malformed' for fewer bytes: a typed array would read on into whatever lies behind them.
 */
function aligned(bytes: Uint8Array, width: number, count: number): Uint8Array {
  if (bytes.length < count * width) {
    throw malformed('a buffer is too short for its rows');
  }
  const needed = bytes.subarray(0, count * width);
  return needed.byteOffset % width === 0 ? needed : Uint8Array.from(needed);
}

export function asInt16(bytes: Uint8Array, count: number): Int16Array {
  const view = aligned(bytes, 2, count);
  return new Int16Array(view.buffer, view.byteOffset, count);
}

export function asInt32(bytes: Uint8Array, count: number): Int32Array {
  const view = aligned(bytes, 4, count);
  return new Int32Array(view.buffer, view.byteOffset, count);
}

export function asInt64(bytes: Uint8Array, count: number): BigInt64Array {
  const view = aligned(bytes, 8, count);
  return new BigInt64Array(view.buffer, view.byteOffset, count);
}

/** The bytes behind any typed array. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
