/** Tables as the Arrow messages of a result, as Micromegas streams them. */
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { type IpcMessage } from '../../proxy/arrow-ipc';
import { messagesOf } from '../../proxy/data-frames/testing/arrow-messages';
import { typedColumn } from './columns';
import { TABLES, type TableName } from './tables';

/** Rows that DataFusion puts into a batch at most. */
const BATCH_ROWS = 8192;

/**
 * The first rows of a table: schema, then each batch after the dictionaries that it brings in place of those before.
 *
 * @param keepsDictionaries False: texts and property bags as plain arrays.
 */
export function tableMessages(name: TableName, rows: number, keepsDictionaries: boolean): IpcMessage[] {
  const columns = Object.entries(TABLES[name]).map(([key, column]) => typedColumn(key, column, keepsDictionaries));
  const schema = new Schema(columns.map(({ field }) => field));
  const all: IpcMessage[] = [];
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const length = Math.min(BATCH_ROWS, rows - start);
    const children = columns.map(({ data }) => data(start, length));
    const batch = new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })
    );
    // Each batch is written as a stream of its own, for the sake of its dictionaries; one schema is enough.
    all.push(...messagesOf([batch]).slice(start === 0 ? 0 : 1));
  }
  return all;
}
