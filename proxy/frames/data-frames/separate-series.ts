/**
 * Converts rows of (time, series, value) to one table per series. The table of a series has only the times of the rows
 * of this series.
 *
 * Only the distinct times are compared for sorting. A counting sort orders the rows by the rank of their time, and each
 * series takes its rows in that order.
 */
import { asInt32, bytesOf, hasBit, isPresent, type PlainColumn, take } from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeInt32, takeZeros, zeroInt32 } from '../../observe/memory/typed-arrays';
import { type Steps } from '../../base/async/turns';
import { PairIndex } from './pair-index';
import { rankTimes } from './rank-times';
import { cellColumn, CELLS_PER_STEP, mapped, numberTimes, scattered, type SeriesRows } from './series-cells';
import { type WideSeries } from './wide-series';

/** A value column of a series, without the times of other series. */
export interface SeparateColumn {
  /** Nanoseconds, ascending. Empty if no row of the series has a time. */
  time: PlainColumn;
  values: PlainColumn;
}

/** All series of a result, each with its own times. */
export interface SeparateSeries {
  /** The value columns, by the number of the series. */
  series: SeparateColumn[][];
  /** Number of rows that replaced an earlier row of the same time and series. */
  duplicates: number;
}

/** The rows of all chunks. */
interface NumberedRows {
  length: number;
  /** For each row, the index of its series. */
  series: Int32Array;
  /** Rank of the time of each row. -1 for rows without a time. */
  ranks: Int32Array;
}

const TIME_BYTES = 8;
/** Number of series between two yields. Creating the columns of so many series takes some milliseconds. */
const SERIES_PER_STEP = 1 << 12;

/** Returns the tables of all series. @param memory Account of the query. */
export function* separate(
  chunks: readonly SeriesRows[],
  seriesCount: number,
  memory: MemoryAccount
): Steps<SeparateSeries> {
  const times = new PairIndex(memory);
  const timeIds = yield* mapped(chunks, (chunk) => numberTimes(chunk, times, memory));
  const { ranks, sorted } = yield* rankTimes(times, memory);
  const rows = numberedRows(chunks, timeIds, ranks, memory);
  yield;
  const order = yield* orderByTime(rows, times.size, memory);
  const lengths = zeroInt32(memory, seriesCount);
  const duplicates = yield* visit(rows, order, seriesCount, memory, (_row, series) => void lengths[series]++);
  const { starts, cells } = layOut(lengths, memory);
  const timeBytes = takeZeros(memory, cells * TIME_BYTES);
  // Copies each time as two 32-bit halves. In this loop, BigInts are slower.
  const [from, to] = [asInt32(bytesOf(sorted), sorted.length * 2), asInt32(timeBytes, cells * 2)];
  const next = takeInt32(memory, seriesCount);
  next.set(starts);
  const positions = takeInt32(memory, rows.length).fill(-1);
  yield* visit(
    rows,
    order,
    seriesCount,
    memory,
    (row, series) => {
      const cell = next[series]++;
      to[cell * 2] = from[rows.ranks[row] * 2];
      to[cell * 2 + 1] = from[rows.ranks[row] * 2 + 1];
      positions[row] = cell;
    },
    (row, series) => void (positions[row] = next[series] - 1)
  );
  const byChunk = split(chunks, positions);
  const columns = [];
  for (let index = 0; index < (chunks[0]?.values.length ?? 0); index++) {
    columns.push(yield* scattered(chunks, index, byChunk, cells, memory));
  }
  const timeCells = { kind: 'timestamp', width: TIME_BYTES, values: timeBytes, validity: null } as const;
  const series: SeparateColumn[][] = [];
  for (let id = 0; id < seriesCount; id++) {
    const time = cellColumn(timeCells, starts[id], lengths[id]);
    series.push(columns.map((column) => ({ time, values: cellColumn(column, starts[id], lengths[id]) })));
    if (id % SERIES_PER_STEP === SERIES_PER_STEP - 1) {
      yield;
    }
  }
  return { series, duplicates };
}

function numberedRows(
  chunks: readonly SeriesRows[],
  timeIds: readonly Int32Array[],
  ranks: Int32Array,
  memory: MemoryAccount
): NumberedRows {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const rows = { length, series: takeInt32(memory, length), ranks: takeInt32(memory, length) };
  let start = 0;
  chunks.forEach((chunk, index) => {
    const ids = timeIds[index];
    rows.series.set(chunk.series.subarray(0, chunk.length), start);
    for (let row = 0; row < chunk.length; row++) {
      rows.ranks[start + row] = ids[row] < 0 ? -1 : ranks[ids[row]];
    }
    start += chunk.length;
  });
  return rows;
}

/** Orders rows by time, with a counting sort. Rows without a time are dropped; rows of one time keep their order. */
function* orderByTime({ length, ranks }: NumberedRows, times: number, memory: MemoryAccount): Steps<Int32Array> {
  const ends = zeroInt32(memory, times + 1);
  for (let row = 0; row < length; row++) {
    if (ranks[row] >= 0) {
      ends[ranks[row] + 1]++;
    }
  }
  yield;
  for (let rank = 0; rank < times; rank++) {
    ends[rank + 1] += ends[rank];
  }
  yield;
  const order = takeInt32(memory, ends[times]);
  for (let row = 0; row < length; row++) {
    if (ranks[row] >= 0) {
      order[ends[ranks[row]]++] = row;
    }
    if (row % CELLS_PER_STEP === CELLS_PER_STEP - 1) {
      yield;
    }
  }
  return order;
}

/**
 * Visits the rows by time.
 *
 * @param onTime   Called for the first row of each time of a series.
 * @param onRepeat Called for each further row of that time and series.
 * @returns Number of calls of `onRepeat`.
 */
function* visit(
  { series, ranks }: NumberedRows,
  order: Int32Array,
  seriesCount: number,
  memory: MemoryAccount,
  onTime: (row: number, series: number) => void,
  onRepeat: (row: number, series: number) => void = () => undefined
): Steps<number> {
  const lastRanks = takeInt32(memory, seriesCount).fill(-1);
  let repeated = 0;
  for (let at = 0; at < order.length; at++) {
    const row = order[at];
    const of = series[row];
    if (lastRanks[of] === ranks[row]) {
      repeated++;
      onRepeat(row, of);
    } else {
      lastRanks[of] = ranks[row];
      onTime(row, of);
    }
    if (at % CELLS_PER_STEP === CELLS_PER_STEP - 1) {
      yield;
    }
  }
  return repeated;
}

/** Returns the index of the first cell of each series, a multiple of 8, and the number of cells of all series. */
function layOut(lengths: Int32Array, memory: MemoryAccount): { starts: Int32Array; cells: number } {
  const starts = takeInt32(memory, lengths.length);
  let cells = 0;
  for (let series = 0; series < lengths.length; series++) {
    starts[series] = cells;
    cells += (lengths[series] + 7) & ~7;
  }
  return { starts, cells };
}

function split(chunks: readonly SeriesRows[], positions: Int32Array): Int32Array[] {
  let start = 0;
  return chunks.map(({ length }) => positions.subarray(start, (start += length)));
}

/** Splits a wide table into its series, and drops nulls that only fill gaps. */
export function* withoutGaps(
  { time, values, hasRow, duplicates }: WideSeries,
  memory: MemoryAccount
): Steps<SeparateSeries> {
  const series: SeparateColumn[][] = [];
  for (const [id, rows] of hasRow.entries()) {
    series.push(values.map((columns) => keptRows(time, columns[id], rows, memory)));
    yield;
  }
  return { series, duplicates };
}

function keptRows(time: PlainColumn, values: PlainColumn, hasRow: Uint8Array, memory: MemoryAccount): SeparateColumn {
  const kept = takeInt32(memory, time.length);
  let count = 0;
  for (let row = 0; row < time.length; row++) {
    if (hasBit(hasRow, row) || isPresent(values.validity, row)) {
      kept[count++] = row;
    }
  }
  const indices = kept.subarray(0, count);
  return count === time.length
    ? { time, values }
    : { time: take(time, indices, null, memory), values: take(values, indices, null, memory) };
}
