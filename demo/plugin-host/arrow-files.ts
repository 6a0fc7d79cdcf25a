/**
 * Reads the Arrow files of frames by the reference implementation, with LZ4, which that leaves to others: Grafana's decoder
 * knows it by itself.
 */
import { compressionRegistry, CompressionType, RecordBatchReader, tableFromIPC, type Table } from 'apache-arrow';
import { decompressFrameSync } from 'lz4-napi';

compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (frame) => decompressFrameSync(Buffer.from(frame)) });

/** The schema and batches of a file. Columns may have the same name. */
export function openArrowFile(bytes: Uint8Array): RecordBatchReader {
  return RecordBatchReader.from(bytes).open();
}

/** A file as one table. Of columns with the same name it knows only one. */
export function arrowTable(bytes: Uint8Array): Table {
  return tableFromIPC(bytes);
}
