/**
 * Selects the rows of a batch that are within the limits of the result, and divides them into slices.
 *
 * Long batches are divided into slices, so that a conversion blocks other queries for at most a few dozen milliseconds.
 * Most batches of the usual 8192 rows stay whole.
 */
import {
  batchConversionBytes,
  firstRows,
  isFormatted,
  type RecordBatch,
  SLICE_ALIGNMENT,
  sliceRows,
} from '../arrow-ipc';
import { type ResultRows } from './frame-builder';

/** The rows of a batch that are within the limits. */
export interface AllowedRows {
  rows: ResultRows;
  /** Received bytes of the whole message, including those of dropped rows. */
  bytes: number;
  /** The limit that the dropped rows of the batch exceed; undefined if no row was dropped. */
  exceeded: 'rows' | 'bytes' | undefined;
}

/** The remaining limits of a result. */
interface BatchLimits {
  /** Number of rows that may still be added to the result. */
  maxRowsLeft: number;
  /** Largest number of bytes of the result. Undefined: no limit. */
  maxBytes: number | undefined;
  /** Received bytes of the result, before and after the message of the batch. */
  before: number;
  after: number;
}

/** The first rows of a batch, up to the limit that is exceeded first. */
export function allowedRows(batch: RecordBatch, { maxRowsLeft, maxBytes, before, after }: BatchLimits): AllowedRows {
  const inBytes = rowsWithin(batch, maxBytes, before, after);
  const rows = takeRows(batch, Math.min(maxRowsLeft, inBytes));
  const isWhole = rows.length === batch.length;
  return {
    rows,
    bytes: after - before,
    exceeded: isWhole ? undefined : maxRowsLeft <= inBytes ? 'rows' : 'bytes',
  };
}

/** Number of rows of a batch within a limit in bytes. Each row counts with an equal share of the message's bytes. */
function rowsWithin(batch: RecordBatch, limit: number | undefined, before: number, after: number): number {
  if (limit === undefined || after <= limit) {
    return batch.length;
  }
  return Math.floor((batch.length * Math.max(0, limit - before)) / (after - before));
}

function takeRows(batch: RecordBatch, allowed: number): ResultRows {
  if (batch.length <= allowed) {
    return batch;
  }
  const length = Math.max(0, allowed);
  return { length, columns: batch.columns.map((column) => firstRows(column, length)) };
}

/** Limits for the cells of one slice, and for the bytes that the conversion of the slice allocates. */
export interface SliceLimits {
  cells: number;
  madeBytes: number;
}

/** Limits for a conversion that processes whole columns. */
const COLUMN_LIMITS: SliceLimits = { cells: 1 << 19, madeBytes: 1 << 23 };
/**
 * Limits for a conversion that turns cell by cell into JavaScript values or JSON. Such a conversion takes ten times as
 * long.
 */
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
  /** Received bytes of the message, in proportion to the rows of the slice. */
  bytes: number;
  /** Bytes that the conversion allocates. */
  madeBytes: number;
}

/** Yields slices whose conversion takes a bounded time. */
export function* slicesOf({ rows, bytes }: AllowedRows, stringViews: boolean): Generator<Slice> {
  const formatted = { length: rows.length, columns: rows.columns.filter(({ type }) => isFormatted(type)) };
  const formattedBytes = batchConversionBytes(formatted.columns);
  const others = rows.columns.filter(({ type }) => !isFormatted(type));
  const madeBytes = formattedBytes + batchConversionBytes(others, stringViews);
  const perSlice = Math.min(rowsPerSlice(rows, madeBytes), rowsPerSlice(formatted, formattedBytes, VALUE_LIMITS));
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
