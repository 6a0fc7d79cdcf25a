/** Encodes tables as the Arrow messages of a result, as Micromegas sends them. */
import { makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow';
import { type IpcMessage } from '../../proxy/frames/arrow-ipc';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { typedColumn } from './columns';
import { TABLES, type TableName } from './tables';

/** Maximum number of rows in a batch of DataFusion. */
const BATCH_ROWS = 8192;

/**
 * Encodes the first rows of a table: the schema, then the dictionaries and the rows of each batch. The dictionaries of
 * a batch replace the dictionaries of the previous batch.
 *
 * For zero rows, only the schema.
 *
 * @param keepsDictionaries If false, strings and property bags are plain arrays.
 */
export function tableMessages(name: TableName, rows: number, keepsDictionaries: boolean): IpcMessage[] {
  const columns = Object.entries(TABLES[name]).map(([key, column]) => typedColumn(key, column, keepsDictionaries));
  const schema = new Schema(columns.map(({ field }) => field));
  if (rows === 0) {
    return messagesOf(new Table(schema)).slice(0, 1);
  }
  const all: IpcMessage[] = [];
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const length = Math.min(BATCH_ROWS, rows - start);
    const children = columns.map(({ data }) => data(start, length));
    const batch = new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })
    );
    // Each batch is encoded as a separate stream with its own dictionaries. Only the first schema is used.
    all.push(...messagesOf([batch]).slice(start === 0 ? 0 : 1));
  }
  return all;
}
