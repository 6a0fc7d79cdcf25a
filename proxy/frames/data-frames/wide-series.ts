/**
 * Converts rows of (time, series, value) to a wide table: one row per distinct time, one column per series.
 *
 * Only the distinct times are sorted. Times and series are numbered, and the position of a cell is computed from both
 * numbers. The cells of all series are in one array, and a series is a view of this array.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { asInt32, bitmapBytes, bytesOf, type PlainColumn } from '../arrow-ipc';
import { type Steps } from '../../base/async/turns';
import { type RankedTimes, rankTimes } from './rank-times';
import { emptyBins, fillCells, type GapFill } from './series-gaps';
import { type GapValue } from './frame-options';
import { PairIndex } from './pair-index';
import { cellColumn, CELLS_PER_STEP, mapped, numberTimes, scattered, type SeriesRows } from './series-cells';

/** All series of a result, with common times. */
export interface WideSeries {
  time: PlainColumn;
  /** For each value column, one column per series. */
  values: PlainColumn[][];
  /** For each series, one bit per time: 1 if the result has a row for it. */
  hasRow: Uint8Array[];
  /** Number of rows that replaced an earlier row of the same time and series. */
  duplicates: number;
}

/** Limit for the cells of a result. This number of cells takes a few hundred MB at most. */
export const MAX_CELLS = 20_000_000;
/** Maximum number of bytes of a value and its validity bit. */
const CELL_BYTES = 9;

interface WidenOptions {
  /** Account of the query. */
  memory: MemoryAccount;
  /** How to fill gaps. Default: gaps are not filled. */
  fill?: GapFill;
  /** Returns false for a number of bytes that exceeds the memory limit. Default: no limit. */
  fits?: (bytes: number) => boolean;
  /** Creates the error for too many cells, or for cells beyond the memory limit. */
  tooLarge: (times: number, limit: 'cells' | 'memory') => Error;
}

/** Returns all series with common times. @throws The error of `tooLarge`. */
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
  const isFilled = fill !== undefined && addEmptyBins(times, given, cellsPerTime, fill, fits);
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
  const hasRow = Array.from({ length: seriesCount }, (_, series) =>
    filled.subarray((series * stride) / 8, ((series + 1) * stride) / 8)
  );
  return { time: { ...time, values: bytesOf(sorted) }, values, hasRow, duplicates };
}

/**
 * Adds the bins without a row to the times. If there are too many bins or cells, calls `onUnfilled` and returns false.
 */
function addEmptyBins(
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
  const added = emptyBins(sorted, { ...fill, onUnfilled: reject });
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

/**
 * Computes the cell of each row: -1 for a row without a time.
 *
 * @param ids For each row, the number of its time, or -1 for a row without a time. The cells overwrite these numbers.
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
  const cells = yield* scattered(chunks, index, positions, grid.stride * grid.series, grid.memory);
  yield* fillCells({ ...grid, ...cells }, fillValue);
  const columns: PlainColumn[] = [];
  for (let series = 0; series < grid.series; series++) {
    columns.push(cellColumn(cells, series * grid.stride, grid.length));
    if (((series + 1) * grid.length) % CELLS_PER_STEP < grid.length) {
      yield;
    }
  }
  return columns;
}
