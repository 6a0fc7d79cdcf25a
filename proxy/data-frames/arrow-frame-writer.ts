/**
 * Frames as Arrow IPC files, the form that every Grafana reads.
 *
 * @see grafana-plugin-sdk-go `data/arrow.go`
 */
import { ArrowFileWriter } from '../arrow-ipc/file-writer';
import { type PlainColumn } from '../arrow-ipc/plain-column';
import { type PlainField } from '../arrow-ipc/write-metadata';
import { type FieldDescription, fieldType, type FrameHeader } from './frame-field';

export class ArrowFrameWriter {
  /** Rows are written as they came, or as what they were converted to. */
  readonly textBytes = 0;
  readonly #file = new ArrowFileWriter();

  add(length: number, columns: readonly PlainColumn[]): void {
    this.#file.addBatch(length, columns);
  }

  finish({ refId, meta, fields }: FrameHeader): Uint8Array[] {
    const metadata = new Map([
      ['name', ''],
      ['refId', refId],
      ['meta', JSON.stringify(meta)],
    ]);
    return this.#file.finish({ fields: fields.map(plainField), metadata });
  }
}

function plainField({ name, kind, nullable, labels, config }: FieldDescription): PlainField {
  const metadata = new Map([
    ['name', name],
    ['tstype', fieldType(kind)],
  ]);
  if (labels !== undefined) {
    metadata.set('labels', JSON.stringify(labels));
  }
  if (config !== undefined) {
    metadata.set('config', JSON.stringify(config));
  }
  return { name, kind, nullable, metadata };
}
