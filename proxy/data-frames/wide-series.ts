/**
 * Converts rows of (time, series, value) to a wide table: one row per distinct time, one column per series.
 *
 * The time is linear in the rows: times and series are numbered, the position of a cell is computed, and only the distinct
 * times are sorted. The cells of all series are in one array, and a series is a view of it.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { takeInt32, takeZeros } from '../memory/typed-arrays';
import {
  asInt16,
  asInt32,
  bitmapBytes,
  bytesOf,
  isPresent,
  type PlainColumn,
  plainWidth,
  withValidity,
} from '../arrow-ipc';
import { type Steps } from './frame-context';
import { type RankedTimes, rankTimes } from './rank-times';
import { type Cells, emptySteps, fillCells, type GapFill } from './fill-gaps';
import { type GapValue } from './frame-options';
import { PairIndex } from './pair-index';

/** Some rows of a result, column by column, all of the same length. */
export interface SeriesRows {
  length: number;
  /** Nanoseconds. Rows with null are dropped. */
  time: PlainColumn;
  /** Number of the series that each row belongs to. */
  series: Int32Array;
  values: readonly PlainColumn[];
}

export interface WideSeries {
  time: PlainColumn;
  /** For each value column, one column per series. */
  values: PlainColumn[][];
  /** Rows that replaced an earlier row of the same time and series. */
  duplicates: number;
}

/** Limit for the cells of an answer: a few hundred MB. */
export const MAX_CELLS = 20_000_000;
/** Bytes of a value and its bit of validity, at most. */
const CELL_BYTES = 9;

export interface WidenOptions {
  /** Account of the query. */
  memory: MemoryAccount;
  /** How to fill gaps. Default: not at all. */
  fill?: GapFill;
  /** Returns false for a number of bytes that exceeds the memory limit. Default: no limit. */
  fits?: (bytes: number) => boolean;
  /** Creates the error for too many cells, or for cells beyond the memory limit. */
  tooLarge: (times: number, limit: 'cells' | 'memory') => Error;
}

/** Number of rows or cells of one step, which takes some milliseconds. */
const CELLS_PER_STEP = 1 << 18;

/** @throws The error of `tooLarge`. */
export function* widen(chunks: readonly SeriesRows[], seriesCount: number, options: WidenOptions): Steps<WideSeries> {
  const { memory, fill, fits = () => true, tooLarge } = options;
  const times = new PairIndex(memory);
  const timeIds = yield* mapped(chunks, (chunk) => numberTimes(chunk, times, memory));
  const valueCount = chunks[0]?.values.length ?? 0;
  const cellsPerTime = seriesCount * valueCount;
  const cells = times.size * cellsPerTime;
  if (cells > MAX_CELLS) {
    throw tooLarge(times.size, 'cells');
  }
  if (!fits(cells * CELL_BYTES)) {
    throw tooLarge(times.size, 'memory');
  }
  const given = yield* rankTimes(times, memory);
  const isFilled = fill !== undefined && addEmptySteps(times, given, cellsPerTime, fill, fits);
  const { ranks, sorted } = isFilled ? yield* rankTimes(times, memory) : given;
  const stride = bitmapBytes(times.size) * 8;
  const filled = takeZeros(memory, (stride * seriesCount) / 8);
  const found = yield* mapped(chunks, (chunk, index) => findCells(chunk, timeIds[index], ranks, stride, filled));
  const duplicates = found.reduce((sum, count) => sum + count, 0);
  const grid: Grid = { length: times.size, stride, series: seriesCount, filled, memory };
  const values: PlainColumn[][] = [];
  for (let index = 0; index < valueCount; index++) {
    values.push(yield* spread(chunks, index, timeIds, grid, isFilled ? fill.value : 'null'));
  }
  const time = { kind: 'timestamp', length: times.size, nullCount: 0, validity: null, offsets: null } as const;
  return { time: { ...time, values: bytesOf(sorted) }, values, duplicates };
}

/** Calls `work` for each chunk, in steps. */
function* mapped<T>(chunks: readonly SeriesRows[], work: (chunk: SeriesRows, index: number) => T): Steps<T[]> {
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

/** Adds the steps without a row to the times. For too many steps or cells, calls `onUnfilled` and returns false. */
function addEmptySteps(
  times: PairIndex,
  { sorted }: RankedTimes,
  cellsPerTime: number,
  fill: GapFill,
  fits: (bytes: number) => boolean
): boolean {
  let isRejected = false;
  const reject = (reason: string) => {
    isRejected = true;
    fill.onUnfilled(reason);
  };
  const added = emptySteps(sorted, { ...fill, onUnfilled: reject });
  const cells = (times.size + added.length) * cellsPerTime;
  if (cells > MAX_CELLS || !fits(cells * CELL_BYTES)) {
    reject('it would take too much memory. Select fewer series or set a larger minimum interval');
  }
  if (isRejected) {
    return false;
  }
  const halves = asInt32(bytesOf(added), added.length * 2);
  for (let index = 0; index < added.length; index++) {
    times.add(halves[index * 2 + 1], halves[index * 2]);
  }
  return true;
}

/** The number of each row's time. -1 for null. */
function numberTimes(chunk: SeriesRows, times: PairIndex, memory: MemoryAccount): Int32Array {
  const halves = asInt32(chunk.time.values, chunk.length * 2);
  const ids = takeInt32(memory, chunk.length);
  for (let row = 0; row < chunk.length; row++) {
    ids[row] = isPresent(chunk.time.validity, row) ? times.add(halves[row * 2 + 1], halves[row * 2]) : -1;
  }
  return ids;
}

/**
 * Computes the cell of each row. -1 for rows without time.
 *
 * @param ids Number of each row's time, -1 for none. Overwritten by the cells.
 * @returns Number of rows whose cell was filled by an earlier row.
 */
function findCells(chunk: SeriesRows, ids: Int32Array, ranks: Int32Array, stride: number, filled: Uint8Array): number {
  let duplicates = 0;
  for (let row = 0; row < chunk.length; row++) {
    const id = ids[row];
    const position = id < 0 ? -1 : chunk.series[row] * stride + ranks[id];
    ids[row] = position;
    if (position >= 0) {
      const bit = 1 << (position & 7);
      const byte = filled[position >> 3];
      duplicates += (byte & bit) === 0 ? 0 : 1;
      filled[position >> 3] = byte | bit;
    }
  }
  return duplicates;
}

interface Grid {
  /** Number of times. */
  length: number;
  /** Distance between the starts of two series, in cells. A multiple of 8. */
  stride: number;
  series: number;
  /** One bit per cell: 1 if the result has a row for it. */
  filled: Uint8Array;
  memory: MemoryAccount;
}

/** Copies the values of one column to their cells. @returns One column per series. */
function* spread(
  chunks: readonly SeriesRows[],
  index: number,
  positions: readonly Int32Array[],
  grid: Grid,
  fillValue: GapValue
): Steps<PlainColumn[]> {
  const kind = chunks[0]?.values[index]?.kind ?? 'float64';
  const width = plainWidth(kind);
  const cells = grid.stride * grid.series;
  const values = takeZeros(grid.memory, width === undefined ? cells / 8 : cells * width);
  const validity = takeZeros(grid.memory, cells / 8);
  yield* mapped(chunks, (chunk, number) => {
    const column = chunk.values[index];
    const to = positions[number];
    if (column !== undefined) {
      spreadValidity(column, to, validity);
      spreadValues(column, to, values, width);
    }
  });
  yield* fillCells({ ...grid, kind, values, validity, width }, fillValue);
  const columns: PlainColumn[] = [];
  for (let series = 0; series < grid.series; series++) {
    columns.push(seriesColumn({ ...grid, kind, values, validity, width }, series));
    if (((series + 1) * grid.length) % CELLS_PER_STEP < grid.length) {
      yield;
    }
  }
  return columns;
}

/** The column of one series, as a view of the cells. */
function seriesColumn({ kind, values, validity, width, stride, length }: Cells, series: number): PlainColumn {
  const start = (series * stride) / 8;
  const own = validity.subarray(start, start + bitmapBytes(length));
  const ownValues =
    width === undefined
      ? values.subarray(start, start + bitmapBytes(length))
      : values.subarray(series * stride * width, (series * stride + length) * width);
  return { kind, length, ...withValidity(own, length), offsets: null, values: ownValues };
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
          writeBit(target, position, isPresent(column.values, row));
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
