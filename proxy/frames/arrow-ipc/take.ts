/**
 * Takes rows of a column by index: resolves dictionaries and drops rows.
 *
 * Most bytes of a dictionary-encoded result are written here. If consecutive rows have the same string, the string is
 * written once, and `repeat` copies it for the other rows.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32, takeInt32, takeZeros } from '../../observe/memory/typed-arrays';
import { isString, MAX_STRING_BYTES, type PlainColumn, plainWidth, stringOffsets, withValidity } from './plain-column';
import { malformed, tooLarge } from './result-errors';
import { asInt16, asInt32, bitmapBytes, bytesOf, hasBit, isPresent, setBit } from './vector';

/** Strings of at most this number of bytes are copied byte by byte, which is faster than a call of `set`. */
const SHORT_STRING = 24;

/**
 * Returns the rows of `source` at the indices.
 *
 * @param source   Any kind except `utf8View`. Not modified.
 * @param indices  Row of `source` for each row of the result. Ignored where `validity` says null.
 * @param validity Bitmap of the present indices; null if all are present.
 * @param memory   Account of the query.
 * @throws {ProxyError} 'result_malformed' for an index outside of `source`, 'result_too_large'
 */
export function take(
  source: PlainColumn,
  indices: Int32Array,
  validity: Uint8Array | null,
  memory: MemoryAccount
): PlainColumn {
  const checked = checkedIndices(indices, validity, source.length, memory);
  const valid = withValidity(takenValidity(source, checked, validity, memory), checked.length);
  const rows = source.validity === null ? checked : checkedIndices(checked, valid.validity, source.length, memory);
  const base = { kind: source.kind, length: rows.length, ...valid };
  if (isString(source.kind)) {
    return { ...base, ...takeStrings(source, rows, memory) };
  }
  return { ...base, offsets: null, values: takeFixedWidth(source, rows, memory) };
}

/**
 * Checks the indices, and replaces the indices of null rows by `nullIndex`, so that later loops need no validity.
 *
 * @param nullIndex The number of values, which is the index after the last value.
 * @returns The same array if `validity` is null, else scratch memory.
 * @throws {ProxyError} 'result_malformed' for an index outside of the values.
 */
export function checkedIndices(
  indices: Int32Array,
  validity: Uint8Array | null,
  nullIndex: number,
  memory: MemoryAccount
): Int32Array {
  const checked = validity === null ? indices : scratchInt32(memory, indices.length);
  if (checked !== indices) {
    checked.set(indices);
  }
  for (let row = 0; row < checked.length; row++) {
    if (!isPresent(validity, row)) {
      checked[row] = nullIndex;
    } else if (checked[row] >>> 0 >= nullIndex) {
      throw malformed('an index is outside of its dictionary');
    }
  }
  return checked;
}

/** Validity of the taken rows: a row is present if its index and its value are present. */
export function takenValidity(
  source: PlainColumn,
  indices: Int32Array,
  validity: Uint8Array | null,
  memory: MemoryAccount
): Uint8Array | null {
  if (source.validity === null) {
    return validity === null ? null : validity.subarray(0, bitmapBytes(indices.length));
  }
  const combined = takeZeros(memory, bitmapBytes(indices.length));
  for (let row = 0; row < indices.length; row++) {
    if (isPresent(validity, row) && isPresent(source.validity, indices[row])) {
      setBit(combined, row);
    }
  }
  return combined;
}

/** @param indices From `checkedIndices`. Null rows become empty strings. */
function takeStrings(
  source: PlainColumn,
  indices: Int32Array,
  memory: MemoryAccount
): Pick<PlainColumn, 'offsets' | 'values'> {
  const from = stringOffsets(source);
  const offsets = takeInt32(memory, indices.length + 1);
  const values = memory.take(takeOffsets(from, source.length, indices, offsets));
  copyStrings(source.values, from, indices, offsets, values);
  return { offsets: bytesOf(offsets), values };
}

/**
 * Fills the offsets of the taken strings.
 *
 * Like other loops in this file, this loop has its own function, without more code after it. V8 optimizes a function
 * while its first loop runs (on-stack replacement), and assumes that the code after the loop never runs. When such code
 * runs, V8 deoptimizes the function.
 *
 * @param length Number of strings in `from`.
 * @returns Bytes of all taken strings.
 */
function takeOffsets(from: Int32Array, length: number, indices: Int32Array, offsets: Int32Array): number {
  let total = 0;
  offsets[0] = 0;
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    total += index < length ? from[index + 1] - from[index] : 0;
    offsets[row + 1] = total;
    if (total > MAX_STRING_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
  }
  return total;
}

function copyStrings(
  source: Uint8Array,
  from: Int32Array,
  indices: Int32Array,
  offsets: Int32Array,
  target: Uint8Array
): void {
  const rows = indices.length;
  let row = 0;
  while (row < rows) {
    const index = indices[row];
    const at = offsets[row];
    const size = offsets[row + 1] - at;
    row++;
    if (size === 0) {
      continue;
    }
    const start = from[index];
    if (size <= SHORT_STRING) {
      for (let byte = 0; byte < size; byte++) {
        target[at + byte] = source[start + byte];
      }
    } else {
      target.set(source.subarray(start, start + size), at);
    }
    const first = row;
    while (row < rows && indices[row] === index && offsets[row + 1] - offsets[row] === size) {
      row++;
    }
    if (row > first) {
      repeat(target, at, size, (row - first + 1) * size);
    }
  }
}

/** Fills `total` elements from `at` on with copies of the first `size` elements. Each copy doubles the filled part. */
export function repeat(target: Uint8Array | Int32Array, at: number, size: number, total: number): void {
  let done = size;
  while (done < total) {
    const step = Math.min(done, total - done);
    target.copyWithin(at + done, at, at + step);
    done += step;
  }
}

/** @param indices From `checkedIndices`. Null rows become 0. */
function takeFixedWidth(source: PlainColumn, indices: Int32Array, memory: MemoryAccount): Uint8Array {
  const rows = indices.length;
  const width = plainWidth(source.kind);
  const size = width === undefined ? bitmapBytes(rows) : rows * width;
  if (source.length === 0 || width === undefined) {
    const bits = takeZeros(memory, size);
    return source.length === 0 ? bits : takeBits(source, indices, bits);
  }
  const values = memory.take(size);
  switch (width) {
    case 1:
      return takeNumbers(source.values, source.length, indices, values);
    case 2:
      return bytesOf(takeNumbers(asInt16(source.values, source.length), source.length, indices, asInt16(values, rows)));
    case 4:
      return bytesOf(takeNumbers(asInt32(source.values, source.length), source.length, indices, asInt32(values, rows)));
    default:
      return bytesOf(
        takePairs(asInt32(source.values, source.length * 2), source.length, indices, asInt32(values, rows * 2))
      );
  }
}

function takeNumbers<T extends Uint8Array | Int16Array | Int32Array>(
  from: T,
  length: number,
  indices: Int32Array,
  to: T
): T {
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    to[row] = index < length ? from[index] : 0;
  }
  return to;
}

/**
 * Copies each eight-byte value as two halves. A BigInt would be allocated, and a double might change the bits of a NaN.
 */
function takePairs(from: Int32Array, length: number, indices: Int32Array, to: Int32Array): Int32Array {
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    to[row * 2] = index < length ? from[index * 2] : 0;
    to[row * 2 + 1] = index < length ? from[index * 2 + 1] : 0;
  }
  return to;
}

function takeBits({ values, length }: PlainColumn, indices: Int32Array, to: Uint8Array): Uint8Array {
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    if (index < length && hasBit(values, index)) {
      setBit(to, row);
    }
  }
  return to;
}
