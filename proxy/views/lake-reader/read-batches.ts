import { batchValueBytes, firstRows, type IpcMessage, type RecordBatch, ResultReader } from '../../frames/arrow-ipc';
import { nextTurn } from '../../base/async/turns';
import { rowsPerSlice, sliceOf, VALUE_LIMITS } from '../../frames/data-frames/batch-slices';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { checkColumns, type ResultColumns } from './result-columns';
import { RowBatch, RowColumns } from './row-batch';

/** Bytes of a dictionary and of its conversion, as a multiple of the received bytes. */
const TIMES_DICTIONARY = 3;
/** Maximum number of rows of a slice. Micromegas sends batches of this size. */
const MAX_SLICE_ROWS = 8192;

/**
 * The batches of a result. Long batches are split into slices. Each slice is read in a separate turn of the event loop,
 * so that other work waits for one slice at most. Ends after `maxRows` rows. The account frees each batch before the
 * next message is read.
 *
 * @param memory An account for this result only.
 * @param maxRows Default: all rows.
 * @param expected The columns that the schema must have. Only these can be read. Default: any columns.
 * @throws {ProxyError} 'result_malformed', 'result_too_large' when the account exceeds its limit, and errors of
 *   `messages` and of `memory.reserve`.
 */
export async function* readBatches(
  messages: AsyncIterable<IpcMessage>,
  memory: MemoryAccount,
  maxRows = Infinity,
  expected?: ResultColumns
): AsyncGenerator<RowBatch> {
  const reader = new ResultReader(memory);
  let columns: RowColumns | undefined;
  let rows = 0;
  let isChecked = expected === undefined;
  await memory.reserve(0);
  for await (const message of messages) {
    const batch = reader.read(message);
    if (!isChecked && expected !== undefined && reader.schema !== undefined) {
      checkColumns(reader.schema, expected);
      isChecked = true;
    }
    if (reader.schema !== undefined && batch !== undefined && batch.length > 0) {
      columns ??= new RowColumns(reader.schema, memory, expected);
      for (const slice of slicesOf(truncateBatch(batch, maxRows - rows))) {
        await nextTurn();
        yield new RowBatch(columns, slice.columns, slice.length);
        rows += slice.length;
        checkLimit(memory);
        memory.settle();
      }
      if (rows >= maxRows) {
        return;
      }
    }
    checkLimit(memory);
    memory.settle();
    memory.sent(reader.keptBytes * TIMES_DICTIONARY);
    await memory.reserve(0);
  }
}

function checkLimit(memory: MemoryAccount): void {
  if (memory.isBeyondLimit) {
    throw new ProxyError('result_too_large');
  }
}

function truncateBatch(batch: RecordBatch, maxRows: number): RecordBatch {
  return batch.length <= maxRows
    ? batch
    : { length: maxRows, columns: batch.columns.map((column) => firstRows(column, maxRows)) };
}

function* slicesOf(batch: RecordBatch): Generator<RecordBatch> {
  const bounded = rowsPerSlice(batch, batchValueBytes(batch.columns), VALUE_LIMITS);
  const rows = Math.min(bounded, MAX_SLICE_ROWS);
  for (let from = 0; from < batch.length; from += rows) {
    yield sliceOf(batch, from, rows);
  }
}
