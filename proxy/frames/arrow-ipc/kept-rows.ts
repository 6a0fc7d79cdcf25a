/**
 * Copies rows of a result, so that a later result can contain them after the messages are freed.
 *
 * Dictionaries are resolved. Nested types are not supported.
 */
import { type ArrowSchema, type ArrowType, widthOf } from './arrow-type';
import { cellBytes } from './cell-values';
import { joinBytes } from './concatenate';
import { dictionaryIndices, findValue } from './dictionary';
import { type RecordBatch } from './result-reader';
import { asInt64, isPresent, type Vector } from './vector';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { ownBytes, ownInt32 } from '../../observe/memory/typed-arrays';

/** A column of kept rows. Immutable. */
export interface KeptColumn {
  /** 1 for a row with a value, 0 for null. */
  readonly present: Uint8Array;
  /** For strings and bytes: the start of the value of each row, and the end of the last value. */
  readonly offsets: Int32Array | undefined;
  /** Bytes per value: 1 for a boolean, 0 for strings and bytes. */
  readonly width: number;
  readonly values: Uint8Array;
}

export interface KeptRows {
  readonly length: number;
  readonly columns: readonly KeptColumn[];
  /** Size of all buffers. */
  readonly bytes: number;
}

/** A range of rows of a result. The end is exclusive. */
export interface RowSlice {
  rows: KeptRows;
  from: number;
  to: number;
}

/** The account that counts copied rows. */
export type RowMemory = Pick<MemoryAccount, 'adopt'>;

const STRINGS: ReadonlySet<ArrowType['kind']> = new Set(['utf8', 'largeUtf8', 'binary', 'largeBinary']);
const VIEWS: ReadonlySet<ArrowType['kind']> = new Set(['utf8View', 'binaryView']);

/** True if rows with these columns can be kept. */
export function canKeep({ fields }: ArrowSchema): boolean {
  return fields.every(({ type }) =>
    type.kind === 'dictionary'
      ? type.index.bits === 32 && STRINGS.has(type.value.kind)
      : type.kind === 'bool' || STRINGS.has(type.kind) || VIEWS.has(type.kind) || (widthOf(type) ?? 0) > 0
  );
}

/**
 * Copies the rows of a batch. `canKeep` must be true for the schema of the batch.
 *
 * @param memory Counts the copy until the account is closed.
 * @returns Undefined if the copy would take more than `maxBytes`.
 * @throws {ProxyError} 'result_malformed', and errors of the account.
 */
export function keepRows(batch: RecordBatch, maxBytes: number, memory: RowMemory): KeptRows | undefined {
  const columns: KeptColumn[] = [];
  let bytes = 0;
  for (const vector of batch.columns) {
    const column = keepColumn(vector, maxBytes - bytes, memory);
    if (column === undefined) {
      return undefined;
    }
    columns.push(column);
    bytes += sizeOf(column);
  }
  return { length: batch.length, columns, bytes };
}

function sizeOf({ present, offsets, values }: KeptColumn): number {
  return present.length + (offsets?.byteLength ?? 0) + values.length;
}

function keepColumn(vector: Vector, maxBytes: number, memory: RowMemory): KeptColumn | undefined {
  const { type, length } = vector;
  const width = type.kind === 'bool' ? 1 : type.kind === 'dictionary' ? 0 : (widthOf(type) ?? 0);
  if (length * (width === 0 ? OFFSET_BYTES + 1 : width + 1) > maxBytes) {
    return undefined;
  }
  const present = ownBytes(memory, length);
  copyBits(vector.validity, present);
  if (width === 0) {
    return keepStrings(vector, present, maxBytes - length, memory);
  }
  const [buffer] = vector.buffers;
  const values = ownBytes(memory, length * width);
  if (type.kind === 'bool') {
    copyBits(buffer, values);
  } else {
    values.set(buffer.subarray(0, values.length));
  }
  return { present, offsets: undefined, width, values };
}

const OFFSET_BYTES = 4;

/** Writes a byte for each bit. @param bits Null if all bits are 1. */
function copyBits(bits: Uint8Array | null, bytes: Uint8Array): void {
  for (let row = 0; row < bytes.length; row++) {
    bytes[row] = isPresent(bits, row) ? 1 : 0;
  }
}

/** Checks the size before the values are allocated, because all rows may refer to one long string of a dictionary. */
function keepStrings(vector: Vector, present: Uint8Array, maxBytes: number, memory: RowMemory): KeptColumn | undefined {
  const bytesAt = stringReader(vector, memory);
  const offsets = ownInt32(memory, vector.length + 1);
  for (let row = 0; row < vector.length; row++) {
    const bytes = present[row] === 0 ? undefined : bytesAt(row);
    present[row] = bytes === undefined ? 0 : 1;
    const size = offsets[row] + (bytes?.length ?? 0);
    if (size + offsets.byteLength > maxBytes) {
      return undefined;
    }
    offsets[row + 1] = size;
  }
  const values = ownBytes(memory, offsets[vector.length]);
  for (let row = 0; row < vector.length; row++) {
    if (offsets[row + 1] > offsets[row]) {
      values.set(bytesAt(row) ?? values.subarray(0, 0), offsets[row]);
    }
  }
  return { present, offsets, width: 0, values };
}

/**
 * Returns a function that reads the value of a row. The function returns undefined if the index of the row points to a
 * null of the dictionary, or outside of the dictionary.
 */
function stringReader(vector: Vector, memory: RowMemory): (row: number) => Uint8Array | undefined {
  const { type, dictionary } = vector;
  if (type.kind !== 'dictionary' || dictionary === null) {
    return (row) => cellBytes(vector, row);
  }
  const allocate = (length: number) => ownInt32(memory, length);
  const indices = dictionaryIndices(vector.buffers[0], vector.length, type.index, allocate);
  return (row) => {
    const found = findValue(dictionary, indices[row]);
    return found !== undefined && isPresent(found.chunk.validity, found.row)
      ? cellBytes(found.chunk, found.row)
      : undefined;
  };
}

/**
 * Copies slices of results with the same schema to one result.
 *
 * @param memory Counts the copy until the account is closed.
 * @throws {ProxyError} Errors of the account.
 */
export function joinRows(slices: readonly [RowSlice, ...RowSlice[]], memory: RowMemory): KeptRows {
  const length = slices.reduce((sum, { from, to }) => sum + to - from, 0);
  const allocate = (bytes: number) => ownBytes(memory, bytes);
  const [{ rows: first }] = slices;
  const columns = first.columns.map(({ width, offsets: hasOffsets }, index): KeptColumn => {
    const parts = slices.map(({ rows, from, to }) => ({ column: rows.columns[index], from, to }));
    const present = joinBytes(
      parts.map(({ column, from, to }) => column.present.subarray(from, to)),
      allocate
    );
    const values = joinBytes(
      parts.map(({ column: { offsets, values: own }, from, to }) =>
        offsets === undefined ? own.subarray(from * width, to * width) : own.subarray(offsets[from], offsets[to])
      ),
      allocate
    );
    const offsets = hasOffsets === undefined ? undefined : joinOffsets(parts, ownInt32(memory, length + 1));
    return { present, offsets, width, values };
  });
  return { length, columns, bytes: columns.reduce((sum, column) => sum + sizeOf(column), 0) };
}

/** @param joined Filled with zeros. The offsets are written here. */
function joinOffsets(
  parts: ReadonlyArray<{ column: KeptColumn; from: number; to: number }>,
  joined: Int32Array
): Int32Array {
  let row = 0;
  for (const { column, from, to } of parts) {
    const { offsets = joined } = column;
    for (let index = from; index < to; index++, row++) {
      joined[row + 1] = joined[row] + offsets[index + 1] - offsets[index];
    }
  }
  return joined;
}

/** The 64-bit integers of a column, such as times. */
export function integersOf({ values }: KeptColumn, length: number): BigInt64Array {
  return asInt64(values, length);
}
