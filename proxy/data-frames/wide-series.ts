/**
 * Spreads rows of (time, series, value) to a wide table: one row for each distinct time, one column for each series.
 *
 * Linear in rows: times and series are numbers by then, a cell's place is computed, and only the distinct times are sorted.
 * Cells of all series lie in one array; a series is a view of it.
 */
import { type FillMode } from '../../contract/query';
import { type PlainColumn, plainWidth, withValidity } from '../arrow-ipc/plain-column';
import { asInt16, asInt32, bitmapBytes, bytesOf, isPresent } from '../arrow-ipc/vector';
import { emptySteps, fillCells, type GapFill } from './fill-gaps';
import { PairIndex } from './pair-index';

/** Some rows of a result, column by column, all of the same length. */
export interface SeriesRows {
  length: number;
  /** Nanoseconds; rows where it is null are left out. */
  time: PlainColumn;
  /** Number of the series that each row belongs to. */
  series: Int32Array;
  values: readonly PlainColumn[];
}

export interface WideSeries {
  time: PlainColumn;
  /** For each value column one column for each series. */
  values: PlainColumn[][];
  /** Rows that took the place of an earlier row of the same time and series. */
  duplicates: number;
}

/** More cells than any panel draws: a few hundred MB. */
export const MAX_CELLS = 20_000_000;
/** A value and its part of the validity bitmap, at most. */
const CELL_BYTES = 9;

export interface WidenOptions {
  /** What is done about times that have no row; undefined for nothing. */
  fill?: GapFill;
  /** False for bytes that memory should not hold. Missing: anything fits. */
  fits?: (bytes: number) => boolean;
  /** The error for times that multiply with series to more than that, or than any panel draws. */
  tooLarge: (times: number, limit: 'cells' | 'memory') => Error;
}

/** @throws What `tooLarge` gives. */
export function widen(chunks: readonly SeriesRows[], seriesCount: number, options: WidenOptions): WideSeries {
  const { fill, fits = () => true, tooLarge } = options;
  const times = new PairIndex();
  const timeIds = chunks.map((chunk) => numberTimes(chunk, times));
  const valueCount = chunks[0]?.values.length ?? 0;
  const cellsPerTime = seriesCount * valueCount;
  const cells = times.size * cellsPerTime;
  if (cells > MAX_CELLS) {
    throw tooLarge(times.size, 'cells');
  }
  if (!fits(cells * CELL_BYTES)) {
    throw tooLarge(times.size, 'memory');
  }
  const isFilled = fill !== undefined && addEmptySteps(times, cellsPerTime, fill, fits);
  const { ranks, sorted } = rankTimes(times);
  const stride = bitmapBytes(times.size) * 8;
  const filled = new Uint8Array((stride * seriesCount) / 8);
  let duplicates = 0;
  chunks.forEach((chunk, index) => {
    duplicates += findPlaces(chunk, timeIds[index] ?? new Int32Array(0), ranks, stride, filled);
  });
  const places = timeIds;
  const grid: Grid = { length: times.size, stride, series: seriesCount, filled };
  const values = Array.from({ length: valueCount }, (_, index) =>
    spread(
      chunks.map((chunk) => chunk.values[index]),
      places,
      grid,
      isFilled ? fill.mode : 'null'
    )
  );
  const time = { kind: 'timestamp', length: times.size, nullCount: 0, validity: null, offsets: null } as const;
  return { time: { ...time, values: bytesOf(sorted) }, values, duplicates };
}

/** Adds the steps without a row to the times. False, with a reason given, where that would be too much. */
function addEmptySteps(
  times: PairIndex,
  cellsPerTime: number,
  fill: GapFill,
  fits: (bytes: number) => boolean
): boolean {
  let isRefused = false;
  const refuse = (reason: string) => {
    isRefused = true;
    fill.onUnfilled(reason);
  };
  const added = emptySteps(rankTimes(times).sorted, { ...fill, onUnfilled: refuse });
  const cells = (times.size + added.length) * cellsPerTime;
  if (cells > MAX_CELLS || !fits(cells * CELL_BYTES)) {
    refuse('it would take too much memory. Select fewer series or set a larger minimum interval');
  }
  if (isRefused) {
    return false;
  }
  const halves = asInt32(bytesOf(added), added.length * 2);
  for (let index = 0; index < added.length; index++) {
    times.add(halves[index * 2 + 1] ?? 0, halves[index * 2] ?? 0);
  }
  return true;
}

/** The number of each row's time; -1 where it is null. */
function numberTimes(chunk: SeriesRows, times: PairIndex): Int32Array {
  const halves = asInt32(chunk.time.values, chunk.length * 2);
  const ids = new Int32Array(chunk.length);
  for (let row = 0; row < chunk.length; row++) {
    ids[row] = isPresent(chunk.time.validity, row) ? times.add(halves[row * 2 + 1] ?? 0, halves[row * 2] ?? 0) : -1;
  }
  return ids;
}

/** The distinct times in ascending order, and the place that each time's number has in it. */
function rankTimes(times: PairIndex): { ranks: Int32Array; sorted: BigInt64Array } {
  const halves = new Int32Array(times.size * 2);
  for (let id = 0; id < times.size; id++) {
    halves[id * 2] = times.second(id);
    halves[id * 2 + 1] = times.first(id);
  }
  const sorted = new BigInt64Array(halves.buffer).sort();
  const ranks = new Int32Array(times.size);
  for (let rank = 0; rank < times.size; rank++) {
    ranks[times.add(halves[rank * 2 + 1] ?? 0, halves[rank * 2] ?? 0)] = rank;
  }
  return { ranks, sorted };
}

/**
 * The cell of each row, -1 for rows without time.
 *
 * @param ids Number of each row's time, -1 for none. The cells take their place.
 * @returns How many rows have the cell of a row before.
 */
function findPlaces(chunk: SeriesRows, ids: Int32Array, ranks: Int32Array, stride: number, filled: Uint8Array): number {
  let duplicates = 0;
  for (let row = 0; row < chunk.length; row++) {
    const id = ids[row] ?? -1;
    const place = id < 0 ? -1 : (chunk.series[row] ?? 0) * stride + (ranks[id] ?? 0);
    ids[row] = place;
    if (place >= 0) {
      const bit = 1 << (place & 7);
      const byte = filled[place >> 3] ?? 0;
      duplicates += (byte & bit) === 0 ? 0 : 1;
      filled[place >> 3] = byte | bit;
    }
  }
  return duplicates;
}

interface Grid {
  /** Times. */
  length: number;
  /** Cells from the start of one series to that of the next, a multiple of 8. */
  stride: number;
  series: number;
  /** Bit per cell: a row of the result is there. */
  filled: Uint8Array;
}

function spread(
  columns: ReadonlyArray<PlainColumn | undefined>,
  places: readonly Int32Array[],
  grid: Grid,
  fillMode: FillMode
): PlainColumn[] {
  const kind = columns[0]?.kind ?? 'float64';
  const width = plainWidth(kind);
  const cells = grid.stride * grid.series;
  const values = new Uint8Array(width === undefined ? cells / 8 : cells * width);
  const validity = new Uint8Array(cells / 8);
  columns.forEach((column, index) => {
    const to = places[index];
    if (column !== undefined && to !== undefined) {
      spreadValidity(column, to, validity);
      spreadValues(column, to, values, width);
    }
  });
  fillCells({ values, validity, width, ...grid }, fillMode);
  const bytes = (series: number, bytesPerStride: number, size: number) =>
    values.subarray(series * bytesPerStride, series * bytesPerStride + size);
  return Array.from({ length: grid.series }, (_, series) => {
    const start = (series * grid.stride) / 8;
    const own = validity.subarray(start, start + bitmapBytes(grid.length));
    const ownValues =
      width === undefined
        ? bytes(series, grid.stride / 8, bitmapBytes(grid.length))
        : bytes(series, grid.stride * width, grid.length * width);
    return { kind, length: grid.length, ...withValidity(own, grid.length), offsets: null, values: ownValues };
  });
}

function setBit(bits: Uint8Array, at: number, on: boolean): void {
  const byte = bits[at >> 3] ?? 0;
  bits[at >> 3] = on ? byte | (1 << (at & 7)) : byte & ~(1 << (at & 7));
}

function spreadValidity(column: PlainColumn, places: Int32Array, target: Uint8Array): void {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] ?? -1;
    if (place >= 0) {
      setBit(target, place, column.validity === null || isPresent(column.validity, row));
    }
  }
}

function spreadValues(column: PlainColumn, places: Int32Array, target: Uint8Array, width: number | undefined): void {
  const rows = places.length;
  switch (width) {
    case 8:
      spreadPairs(asInt32(column.values, rows * 2), places, new Int32Array(target.buffer));
      break;
    case 4:
      spreadNumbers(asInt32(column.values, rows), places, new Int32Array(target.buffer));
      break;
    case 2:
      spreadNumbers(asInt16(column.values, rows), places, new Int16Array(target.buffer));
      break;
    case 1:
      spreadNumbers(column.values, places, target);
      break;
    default:
      for (let row = 0; row < rows; row++) {
        const place = places[row] ?? -1;
        if (place >= 0) {
          setBit(target, place, isPresent(column.values, row));
        }
      }
  }
}

function spreadNumbers<T extends Uint8Array | Int16Array | Int32Array>(from: T, places: Int32Array, to: T): void {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] ?? -1;
    if (place >= 0) {
      to[place] = from[row] ?? 0;
    }
  }
}

function spreadPairs(from: Int32Array, places: Int32Array, to: Int32Array): void {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] ?? -1;
    if (place >= 0) {
      to[place * 2] = from[row * 2] ?? 0;
      to[place * 2 + 1] = from[row * 2 + 1] ?? 0;
    }
  }
}
