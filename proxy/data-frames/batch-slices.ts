/**
 * How a long batch is divided, so that no conversion holds up other queries for more than some dozens of milliseconds.
 * Batches of ordinary size, 8192 rows, stay whole.
 */
import { SLICE_ALIGNMENT, sliceRows } from '../arrow-ipc';
import { type ResultRows } from './frame-context';

/** Cells, and bytes that are made, of one slice at most. */
const MAX_CELLS = 1 << 19;
const MAX_MADE_BYTES = 1 << 23;

/**
 * Rows of each slice of a batch: all of them where it is not long. A multiple of `SLICE_ALIGNMENT` otherwise.
 *
 * @param madeBytes Bytes that the conversion of all rows makes.
 */
export function rowsPerSlice({ length, columns }: ResultRows, madeBytes: number): number {
  const parts = Math.max((length * columns.length) / MAX_CELLS, madeBytes / MAX_MADE_BYTES);
  if (parts <= 1) {
    return length;
  }
  const rows = Math.floor(length / parts);
  return Math.max(SLICE_ALIGNMENT, rows - (rows % SLICE_ALIGNMENT));
}

/** Up to `count` rows of a batch from `from` on; the batch itself where these are all. */
export function sliceOf(rows: ResultRows, from: number, count: number): ResultRows {
  const length = Math.min(count, rows.length - from);
  return length === rows.length
    ? rows
    : { length, columns: rows.columns.map((column) => sliceRows(column, from, length)) };
}
