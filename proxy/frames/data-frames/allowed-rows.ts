/** Truncates a batch to the limits of a result. */
import { firstRows, type RecordBatch } from '../arrow-ipc';
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
  /** Rows that the result may still have. */
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

/** Number of rows of a batch within a limit in bytes. All rows of a message have an equal share of its bytes. */
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
