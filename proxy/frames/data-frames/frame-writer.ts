/**
 * Writers of frames: Arrow IPC files, which every version of Grafana reads, or JSON.
 *
 * @see grafana-plugin-sdk-go `data/arrow.go`
 */
import { StringMap } from '../../../contract/string-map';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { ArrowFileWriter, type PlainColumn, type PlainField, stringOffsets } from '../arrow-ipc';
import { type Steps } from '../../base/async/turns';
import { type FieldDescription, type FrameHeader, typeOfField } from './frame-field';
import { jsonFrame, JsonFrameWriter } from './json-frame-writer';

/** Limits for the cells of one step, and for the bytes of their strings. A step takes some milliseconds. */
const WRITTEN_CELLS_PER_STEP = 65_536;
const WRITTEN_BYTES_PER_STEP = 1024 * 1024;

/** Estimated bytes of a number in JSON, with its comma. */
export const JSON_CELL_BYTES = 20;

/** Encodes one frame: `ArrowFrameWriter` or `JsonFrameWriter`. */
export interface FrameWriter {
  /** Bytes of JSON that were written for the rows so far. 0 for Arrow. */
  readonly stringBytes: number;
  /**
   * Adds rows as columns of equal length. Their buffers must not change afterwards.
   *
   * @throws {ProxyError} 'result_too_large' when the rows exceed the limit of one result.
   */
  add(length: number, columns: readonly PlainColumn[]): void;
  /** Adds the rows from `from` (inclusive) to `to` (exclusive). Missing if the writer does not write row by row. */
  addRange?(columns: readonly PlainColumn[], from: number, to: number): void;
  /**
   * Returns the frame, or one of its parts, in pieces.
   *
   * @param part `rows` for a later part of a frame. JSON then omits the header, which was sent before. An Arrow file
   *   always has its header.
   * @throws {ProxyError} 'result_too_large'
   */
  finish(header: FrameHeader, part?: 'whole' | 'rows'): Uint8Array[];
}

/** @param memory Account of the query. */
export function createFrameWriter(encoding: 'arrow' | 'json' = 'arrow', memory: MemoryAccount): FrameWriter {
  return encoding === 'json' ? new JsonFrameWriter(memory) : new ArrowFrameWriter();
}

/** Adds rows in steps if the writer writes row by row, else in one step. */
export function* addInSteps(writer: FrameWriter, length: number, columns: readonly PlainColumn[]): Steps<void> {
  if (writer.addRange === undefined) {
    writer.add(length, columns);
    return;
  }
  const maxRows = Math.max(1, Math.floor(WRITTEN_CELLS_PER_STEP / columns.length));
  for (let from = 0; from < length;) {
    let rows = Math.min(maxRows, length - from);
    while (rows > 1 && stringBytes(columns, from, from + rows) > WRITTEN_BYTES_PER_STEP) {
      rows = Math.ceil(rows / 2);
    }
    writer.addRange(columns, from, from + rows);
    from += rows;
    yield;
  }
}

/** Bytes of the strings of rows. */
function stringBytes(columns: readonly PlainColumn[], from: number, to: number): number {
  return columns.reduce((sum, column) => {
    const offsets = column.offsets === null ? undefined : stringOffsets(column);
    return offsets === undefined ? sum : sum + offsets[to] - offsets[from];
  }, 0);
}

/** Returns a frame without fields, in pieces. */
export function frameWithoutFields(header: FrameHeader, encoding: 'arrow' | 'json' = 'arrow'): Uint8Array[] {
  return encoding === 'json' ? jsonFrame(header, []) : new ArrowFrameWriter().finish(header);
}

class ArrowFrameWriter implements FrameWriter {
  readonly stringBytes = 0;
  readonly #file = new ArrowFileWriter();

  add(length: number, columns: readonly PlainColumn[]): void {
    this.#file.addBatch(length, columns);
  }

  finish({ name = '', refId, meta, fields }: FrameHeader): Uint8Array[] {
    const metadata = new StringMap([
      ['name', name],
      ['refId', refId],
      ['meta', JSON.stringify(meta)],
    ]);
    return this.#file.finish({ fields: fields.map(plainField), metadata });
  }
}

function plainField(field: FieldDescription): PlainField {
  const { name, kind, nullable, labels, config } = field;
  const metadata = new StringMap([
    ['name', name],
    ['tstype', typeOfField(field)],
  ]);
  if (labels !== undefined) {
    metadata.set('labels', JSON.stringify(labels));
  }
  if (config !== undefined) {
    metadata.set('config', JSON.stringify(config));
  }
  return { name, kind, nullable, metadata };
}
