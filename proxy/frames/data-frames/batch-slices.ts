/**
 * Divides long batches into slices, so that a conversion blocks other queries for at most a few dozen milliseconds.
 * Most batches of the usual 8192 rows stay whole.
 */
import { batchConversionBytes, SLICE_ALIGNMENT, sliceRows } from '../arrow-ipc';
import { type AllowedRows } from './allowed-rows';
import { type ResultRows } from './frame-builder';

/** Limits for the cells of one slice, and for the bytes that the conversion of the slice allocates. */
export interface SliceLimits {
  cells: number;
  madeBytes: number;
}

/** Limits for a conversion that processes whole columns. */
const COLUMN_LIMITS: SliceLimits = { cells: 1 << 19, madeBytes: 1 << 23 };
/** Limits for a conversion of cells to JavaScript values, which takes ten times as long. */
export const VALUE_LIMITS: SliceLimits = { cells: 1 << 15, madeBytes: 1 << 20 };

/**
 * Number of rows of each slice: all rows if the batch is not long, else a multiple of `SLICE_ALIGNMENT`.
 *
 * @param madeBytes Bytes that the conversion of all rows allocates.
 */
export function rowsPerSlice({ length, columns }: ResultRows, madeBytes: number, limits = COLUMN_LIMITS): number {
  const parts = Math.max((length * columns.length) / limits.cells, madeBytes / limits.madeBytes);
  if (parts <= 1) {
    return length;
  }
  const rows = Math.floor(length / parts);
  return Math.max(SLICE_ALIGNMENT, rows - (rows % SLICE_ALIGNMENT));
}

/** Up to `count` rows of a batch from row `from` on. Returns the batch itself if these are all rows. */
export function sliceOf(rows: ResultRows, from: number, count: number): ResultRows {
  const length = Math.min(count, rows.length - from);
  return length === rows.length
    ? rows
    : { length, columns: rows.columns.map((column) => sliceRows(column, from, length)) };
}

/** Rows that are converted without interruption. */
export interface Slice {
  /** Index of the first row in the batch. */
  from: number;
  rows: ResultRows;
  /** Share of the bytes of the message. */
  bytes: number;
  /** Bytes that the conversion allocates. */
  madeBytes: number;
}

/** Yields slices whose conversion takes a bounded time. */
export function* slicesOf({ rows, bytes }: AllowedRows, stringViews: boolean): Generator<Slice> {
  const madeBytes = batchConversionBytes(rows.columns, stringViews);
  const perSlice = rowsPerSlice(rows, madeBytes);
  for (let from = 0; from < rows.length; from += perSlice) {
    const slice = sliceOf(rows, from, perSlice);
    yield {
      from,
      rows: slice,
      bytes: (bytes * slice.length) / rows.length,
      madeBytes: slice === rows ? madeBytes : batchConversionBytes(slice.columns, stringViews),
    };
  }
}
