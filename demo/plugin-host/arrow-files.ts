/** Reads frames, which are Arrow files, with the reference implementation of Arrow. */
import { RecordBatchReader, tableFromIPC, type Table } from 'apache-arrow';

/** Schema and batches of a file. Several columns may have the same name. */
export function openArrowFile(bytes: Uint8Array): RecordBatchReader {
  return RecordBatchReader.from(bytes).open();
}

/** A file as one table. The table has only one of several columns with the same name. */
export function arrowTable(bytes: Uint8Array): Table {
  return tableFromIPC(bytes);
}
