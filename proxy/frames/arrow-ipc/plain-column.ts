/**
 * Converted columns. They have one of the few layouts that Grafana reads.
 *
 * Strings and JSON have offsets and bytes. Views have data buffers with the bytes of long strings. All other kinds have
 * one buffer of values. Buffers are byte arrays, which may be unaligned views of a received message.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { malformed } from './result-errors';
import { asInt32, bitmapBytes, bytesOf, countNulls, type Vector } from './vector';

/** Limit for the strings of one column in one batch, in bytes: half of what 32-bit offsets can address. */
export const MAX_STRING_BYTES = 1 << 30;

export type PlainKind =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'bool'
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  | 'timestamp'
  | 'utf8'
  /** Strings as views, see `string-views.ts`. Only for readers that support Utf8View. */
  | 'utf8View'
  /** One JSON value per row, serialized as UTF-8. */
  | 'json';

/** A converted column of one batch. Its buffers must not change afterwards. */
export interface PlainColumn {
  readonly kind: PlainKind;
  readonly length: number;
  readonly nullCount: number;
  /** Null when no row is null. */
  readonly validity: Uint8Array | null;
  /** `length + 1` int32 offsets into `values`. Only for `utf8` and `json`. */
  readonly offsets: Uint8Array | null;
  /** Little-endian values, bits, views, or the bytes of strings. The values of null rows are arbitrary. */
  readonly values: Uint8Array;
  /** Data buffers that the views in `values` refer to. Only for `utf8View`. */
  readonly data?: readonly Uint8Array[];
  /** Sum of the lengths of all rows' strings, in bytes. Rows may share a string. Only for `utf8View`. */
  readonly stringBytes?: number;
}

const WIDTHS: Partial<Record<PlainKind, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  timestamp: 8,
  utf8View: 16,
};

/** Bytes per value. Undefined for `bool` (bits), `utf8` and `json` (any length). */
export function plainWidth(kind: PlainKind): number | undefined {
  return WIDTHS[kind];
}

/** True for the kinds with offsets. */
export function isString(kind: PlainKind): boolean {
  return kind === 'utf8' || kind === 'json';
}

/**
 * The buffers of a vector as a plain column of the same layout. Nothing is copied.
 *
 * @throws {ProxyError} 'result_malformed' for strings outside of their buffer, because Grafana's server would fail on
 *   them.
 */
export function relabel(vector: Vector, kind: PlainKind): PlainColumn {
  const { length, nullCount } = vector;
  const validity = vector.validity?.subarray(0, bitmapBytes(length)) ?? null;
  const [first, second] = vector.buffers;
  if (!isString(kind)) {
    const size = kind === 'bool' ? bitmapBytes(length) : length * (plainWidth(kind) ?? 0);
    return { kind, length, nullCount, validity, offsets: null, values: first.subarray(0, size) };
  }
  const column = { kind, length, nullCount, validity, offsets: first.subarray(0, (length + 1) * 4), values: second };
  return { ...column, values: second.subarray(0, stringOffsets(column)[length]) };
}

/** Offsets that were checked, by column. They are kept, because the rows of many batches may come from one column. */
const CHECKED_OFFSETS = new WeakMap<PlainColumn, Int32Array>();

/**
 * The offsets of a string column as numbers. They are checked once for each column.
 *
 * @throws {ProxyError} 'result_malformed' if the offsets do not ascend or exceed the bytes.
 */
export function stringOffsets(column: PlainColumn): Int32Array {
  if (column.length === 0 || column.offsets === null) {
    return new Int32Array(1);
  }
  const checked = CHECKED_OFFSETS.get(column);
  if (checked !== undefined) {
    return checked;
  }
  const offsets = asInt32(column.offsets, column.length + 1);
  let before = 0;
  for (let row = 0; row <= column.length; row++) {
    const offset = offsets[row];
    if (offset < before) {
      throw malformed('the offsets of a text column do not ascend');
    }
    before = offset;
  }
  if (before > column.values.length) {
    throw malformed('texts are outside of their buffer');
  }
  CHECKED_OFFSETS.set(column, offsets);
  return offsets;
}

/**
 * A column of strings or JSON that has no nulls. Its offsets are not checked.
 *
 * @param offsets The start of each string, and the end of the last string. Must ascend and be within `values`.
 */
export function stringColumn(kind: 'utf8' | 'json', offsets: Int32Array, values: Uint8Array): PlainColumn {
  const length = offsets.length - 1;
  const column = { kind, length, nullCount: 0, validity: null, offsets: bytesOf(offsets), values };
  CHECKED_OFFSETS.set(column, offsets);
  return column;
}

/** Aligns the buffers of numbers once, so that `take` need not copy unaligned buffers for each batch. */
export function alignedColumn(column: PlainColumn, memory: MemoryAccount): PlainColumn {
  const { kind, offsets } = column;
  const width = plainWidth(kind) ?? 1;
  const values = aligned(column.values, isString(kind) ? 1 : width, memory);
  const alignedOffsets = offsets && aligned(offsets, Int32Array.BYTES_PER_ELEMENT, memory);
  return values === column.values && alignedOffsets === offsets
    ? column
    : { ...column, values, offsets: alignedOffsets };
}

function aligned(bytes: Uint8Array, width: number, memory: MemoryAccount): Uint8Array {
  if (bytes.byteOffset % width === 0) {
    return bytes;
  }
  const copy = memory.take(bytes.length);
  copy.set(bytes);
  return copy;
}

/** A column in which every row is null. */
export function nulls(kind: PlainKind, length: number, memory: MemoryAccount): PlainColumn {
  const size = kind === 'bool' ? bitmapBytes(length) : length * (plainWidth(kind) ?? 0);
  return {
    kind,
    length,
    nullCount: length,
    validity: takeZeros(memory, bitmapBytes(length)),
    offsets: isString(kind) ? takeZeros(memory, (length + 1) * 4) : null,
    values: takeZeros(memory, size),
  };
}

/** A validity bitmap with its number of nulls. Drops the bitmap if no row is null. */
export function withValidity(validity: Uint8Array | null, length: number): Pick<PlainColumn, 'validity' | 'nullCount'> {
  const nullCount = validity === null ? 0 : countNulls(validity, length);
  return { nullCount, validity: nullCount === 0 ? null : validity };
}
