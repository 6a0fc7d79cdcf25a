/** Joins the pieces of a dictionary. */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeInt32, takeZeros } from '../../observe/memory/typed-arrays';
import {
  isString,
  MAX_STRING_BYTES,
  type PlainColumn,
  type PlainKind,
  stringOffsets,
  withValidity,
} from './plain-column';
import { tooLarge } from './result-errors';
import { bitmapBytes, bytesOf, isPresent, setBit } from './vector';

/**
 * Joins the rows of columns of one kind.
 *
 * @param kind The kind of the columns. A column may have another kind with the same layout if it was converted before
 *   this kind was known (see `ColumnConverter.isSettled`). Such a column has only nulls.
 * @returns The column itself if there is only one.
 * @throws {ProxyError} 'result_too_large'
 */
export function concatenate(
  kind: PlainKind,
  columns: readonly [PlainColumn, ...PlainColumn[]],
  memory: MemoryAccount
): PlainColumn {
  const [first] = columns;
  if (columns.length === 1) {
    return first;
  }
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const base = { kind, length, ...withValidity(joinValidity(columns, length, memory), length) };
  if (kind === 'bool') {
    return { ...base, offsets: null, values: joinBits(columns, ({ values }) => values, length, memory) };
  }
  const offsets = isString(kind) ? bytesOf(joinOffsets(columns, takeInt32(memory, length + 1))) : null;
  return { ...base, offsets, values: joinBytes(columns.map(usedValues), (bytes) => memory.take(bytes)) };
}

/** The bytes that the rows refer to. */
function usedValues(column: PlainColumn): Uint8Array {
  return isString(column.kind) ? column.values.subarray(0, stringOffsets(column)[column.length]) : column.values;
}

/** Joins byte arrays. @param allocate Allocates an array of the given length. */
export function joinBytes(parts: readonly Uint8Array[], allocate: (bytes: number) => Uint8Array): Uint8Array {
  const joined = allocate(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinOffsets(columns: readonly PlainColumn[], joined: Int32Array): Int32Array {
  joined[0] = 0;
  let row = 0;
  let base = 0;
  for (const column of columns) {
    const offsets = stringOffsets(column);
    for (let index = 0; index <= column.length; index++) {
      joined[row + index] = base + offsets[index];
    }
    row += column.length;
    base += offsets[column.length];
    if (base > MAX_STRING_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
  }
  return joined;
}

function joinValidity(columns: readonly PlainColumn[], length: number, memory: MemoryAccount): Uint8Array | null {
  return columns.every(({ validity }) => validity === null)
    ? null
    : joinBits(columns, ({ validity }) => validity, length, memory);
}

/** @param bitsOf Returns a bitmap with one bit for each row of the column, or null if all bits are 1. */
function joinBits(
  columns: readonly PlainColumn[],
  bitsOf: (column: PlainColumn) => Uint8Array | null,
  length: number,
  memory: MemoryAccount
): Uint8Array {
  const joined = takeZeros(memory, bitmapBytes(length));
  let at = 0;
  for (const column of columns) {
    const bits = bitsOf(column);
    for (let row = 0; row < column.length; row++, at++) {
      if (isPresent(bits, row)) {
        setBit(joined, at);
      }
    }
  }
  return joined;
}
