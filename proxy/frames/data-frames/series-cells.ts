/**
 * The cells of time series: the values of each column, ordered by series, then by time. The index of the first cell of
 * a series is a multiple of 8, so the bits of a series begin with a whole byte. This allows the column of a series to
 * be a view of the cells.
 */
import {
  asInt16,
  asInt32,
  bitmapBytes,
  hasBit,
  isPresent,
  type PlainColumn,
  type PlainKind,
  plainWidth,
  withValidity,
} from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeInt32, takeZeros } from '../../observe/memory/typed-arrays';
import { type Steps } from '../../base/async/turns';
import { type PairIndex } from './pair-index';

/** Columns for some rows of a result. All columns have the same length. */
export interface SeriesRows {
  length: number;
  /** Nanoseconds. Rows with null are dropped. */
  time: PlainColumn;
  /** For each row, the index of its series. */
  series: Int32Array;
  values: readonly PlainColumn[];
}

/** Number of rows or cells after which the work yields. The work for this number takes some milliseconds. */
export const CELLS_PER_STEP = 1 << 18;

/** Calls `work` for each chunk, in steps. */
export function* mapped<T>(chunks: readonly SeriesRows[], work: (chunk: SeriesRows, index: number) => T): Steps<T[]> {
  const results: T[] = [];
  let rows = 0;
  for (const chunk of chunks) {
    results.push(work(chunk, results.length));
    rows += chunk.length;
    if (rows >= CELLS_PER_STEP) {
      rows = 0;
      yield;
    }
  }
  return results;
}

/** Adds the times of a chunk to `times`. Returns the id in `times` of each row's time, or -1 for null. */
export function numberTimes(chunk: SeriesRows, times: PairIndex, memory: MemoryAccount): Int32Array {
  const halves = asInt32(chunk.time.values, chunk.length * 2);
  const ids = takeInt32(memory, chunk.length);
  for (let row = 0; row < chunk.length; row++) {
    ids[row] = isPresent(chunk.time.validity, row) ? times.add(halves[row * 2 + 1], halves[row * 2]) : -1;
  }
  return ids;
}

/** The cells of one column. */
export interface ColumnCells {
  kind: PlainKind;
  /** Bytes per value. Undefined for bits. */
  width: number | undefined;
  values: Uint8Array;
  validity: Uint8Array;
}

/**
 * Copies the values of one column to their cells.
 *
 * @param positions The cell of each row of each chunk. -1 for rows without a cell. If rows have the same cell, the last
 *   one is used.
 * @param count     Number of cells, a multiple of 8.
 */
export function* scattered(
  chunks: readonly SeriesRows[],
  index: number,
  positions: readonly Int32Array[],
  count: number,
  memory: MemoryAccount
): Steps<ColumnCells> {
  const kind = chunks[0]?.values[index]?.kind ?? 'float64';
  const width = plainWidth(kind);
  const values = takeZeros(memory, width === undefined ? count / 8 : count * width);
  const validity = takeZeros(memory, count / 8);
  yield* mapped(chunks, (chunk, number) => {
    const column = chunk.values[index];
    const to = positions[number];
    if (column !== undefined) {
      spreadValidity(column, to, validity);
      spreadValues(column, to, values, width);
    }
  });
  return { kind, width, values, validity };
}

/** A column as a view of cells. @param start A multiple of 8. */
export function cellColumn(
  { kind, width, values, validity }: Omit<ColumnCells, 'validity'> & { validity: Uint8Array | null },
  start: number,
  length: number
): PlainColumn {
  const bits = (bytes: Uint8Array) => bytes.subarray(start / 8, start / 8 + bitmapBytes(length));
  const own = width === undefined ? bits(values) : values.subarray(start * width, (start + length) * width);
  return { kind, length, ...withValidity(validity && bits(validity), length), offsets: null, values: own };
}

function writeBit(bits: Uint8Array, at: number, on: boolean): void {
  const byte = bits[at >> 3];
  bits[at >> 3] = on ? byte | (1 << (at & 7)) : byte & ~(1 << (at & 7));
}

function spreadValidity(column: PlainColumn, positions: Int32Array, target: Uint8Array): void {
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row];
    if (position >= 0) {
      writeBit(target, position, column.validity === null || isPresent(column.validity, row));
    }
  }
}

function spreadValues(column: PlainColumn, positions: Int32Array, target: Uint8Array, width: number | undefined): void {
  const rows = positions.length;
  switch (width) {
    case 8:
      spreadPairs(asInt32(column.values, rows * 2), positions, asInt32(target, target.length / 4));
      break;
    case 4:
      spreadNumbers(asInt32(column.values, rows), positions, asInt32(target, target.length / 4));
      break;
    case 2:
      spreadNumbers(asInt16(column.values, rows), positions, asInt16(target, target.length / 2));
      break;
    case 1:
      spreadNumbers(column.values, positions, target);
      break;
    default:
      for (let row = 0; row < rows; row++) {
        const position = positions[row];
        if (position >= 0) {
          writeBit(target, position, hasBit(column.values, row));
        }
      }
  }
}

function spreadNumbers<T extends Uint8Array | Int16Array | Int32Array>(from: T, positions: Int32Array, to: T): void {
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row];
    if (position >= 0) {
      to[position] = from[row];
    }
  }
}

function spreadPairs(from: Int32Array, positions: Int32Array, to: Int32Array): void {
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row];
    if (position >= 0) {
      to[position * 2] = from[row * 2];
      to[position * 2 + 1] = from[row * 2 + 1];
    }
  }
}
