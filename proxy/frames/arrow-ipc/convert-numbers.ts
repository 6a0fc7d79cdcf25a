/**
 * Converts times and durations to nanoseconds. Converts decimals and half floats to floats, and integers to strings.
 * Finds integers that doubles may round.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { decimalCell, halfFloat } from './cell-values';
import { isExactDecimal } from './json-values';
import { formatDecimal } from './format-value';
import { type PlainColumn, type PlainKind, withValidity } from './plain-column';
import { StringColumnBuilder } from './string-column-builder';
import { asInt16, asInt32, asInt64, bitmapBytes, bytesOf, isPresent, type Vector } from './vector';

const MAX_INT64 = 2n ** 63n - 1n;

function copiedValidity(vector: Vector, memory: MemoryAccount): Uint8Array {
  const rows = memory.take(bitmapBytes(vector.length));
  if (vector.validity === null) {
    return rows.fill(0xff);
  }
  rows.set(vector.validity.subarray(0, rows.length));
  return rows;
}

/**
 * Converts 32-bit or 64-bit integers to nanoseconds.
 *
 * @param bits   Width of the vector's values.
 * @param factor Nanoseconds per unit of the values.
 * @param onLost Called for each value that becomes null because its nanoseconds do not fit in 64 bits.
 */
export function scaleToNs(
  vector: Vector,
  bits: 32 | 64,
  factor: bigint,
  kind: PlainKind,
  memory: MemoryAccount,
  onLost: () => void
): PlainColumn {
  const { length } = vector;
  const max = MAX_INT64 / factor;
  const source = bits === 32 ? asInt32(vector.buffers[0], length) : asInt64(vector.buffers[0], length);
  const target = asInt64(takeZeros(memory, length * 8), length);
  let validity = vector.validity;
  for (let row = 0; row < length; row++) {
    const value = BigInt(source[row]);
    if (value <= max && value >= -max) {
      target[row] = BigInt.asIntN(64, value * factor);
    } else if (isPresent(vector.validity, row)) {
      validity = validity === vector.validity ? copiedValidity(vector, memory) : validity;
      clear(validity, row);
      onLost();
    }
  }
  return { kind, length, ...withValidity(validity, length), offsets: null, values: bytesOf(target) };
}

function clear(validity: Uint8Array | null, row: number): void {
  if (validity !== null) {
    validity[row >> 3] &= ~(1 << (row & 7));
  }
}

/** Converts half floats to `float32`, without loss. */
export function halfToSingle(vector: Vector, memory: MemoryAccount): PlainColumn {
  const { length, nullCount, validity } = vector;
  const source = asInt16(vector.buffers[0], length);
  const bytes = memory.take(length * 4);
  const target = new Float32Array(bytes.buffer, bytes.byteOffset, length);
  for (let row = 0; row < length; row++) {
    target[row] = halfFloat(source[row] & 0xffff);
  }
  return { kind: 'float32', length, nullCount, validity, offsets: null, values: bytes };
}

/**
 * Converts decimals to float64: Grafana has no decimal type, and cannot draw strings. Sums and averages have decimal
 * types of up to 38 digits, but mostly small values. Up to 15 digits are exact.
 *
 * @param onRounded Called for each value that is not exact.
 */
export function decimalToDouble(
  vector: Vector,
  bits: number,
  scale: number,
  memory: MemoryAccount,
  onRounded: () => void
): PlainColumn {
  const [bytes] = vector.buffers;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length, nullCount, validity } = vector;
  const made = takeZeros(memory, length * 8);
  const target = new Float64Array(made.buffer, made.byteOffset, length);
  for (let row = 0; row < length; row++) {
    if (isPresent(validity, row)) {
      const decimal = formatDecimal(decimalCell(view, row, bits), scale);
      target[row] = Number(decimal);
      if (!isExactDecimal(decimal)) {
        onRounded();
      }
    }
  }
  return { kind: 'float64', length, nullCount, validity, offsets: null, values: made };
}

/**
 * 64-bit integers as strings, with all their digits.
 *
 * @param column Of kind `int64` or `uint64`.
 */
export function integersToStrings(column: PlainColumn, memory: MemoryAccount): PlainColumn {
  const { length, kind } = column;
  const values = asInt64(column.values, length);
  const builder = new StringColumnBuilder(memory, length, length * 20);
  for (let row = 0; row < length; row++) {
    if (isPresent(column.validity, row)) {
      const value = values[row];
      builder.sink.string(String(kind === 'uint64' ? BigInt.asUintN(64, value) : value));
      builder.end();
    } else {
      builder.endNull();
    }
  }
  return builder.finish('utf8');
}

/**
 * True when a value that is not null is below -2^53, or at least 2^53: doubles do not represent all of these integers.
 * Reads only the two highest bytes of each value, because this function runs for every column of 64 bits.
 *
 * @param column Of kind `int64` or `uint64`.
 */
export function hasBigIntegers({ kind, length, values: bytes, validity }: PlainColumn): boolean {
  const isSigned = kind === 'int64';
  for (let row = 0; row < length; row++) {
    const top = bytes[row * 8 + 7];
    const next = bytes[row * 8 + 6];
    const fits = (top === 0 && next < 0x20) || (isSigned && top === 0xff && next >= 0xe0);
    if (!fits && isPresent(validity, row)) {
      return true;
    }
  }
  return false;
}
