import { type MemoryAccount } from '../memory/memory-account';
import { ArrowFileWriter, type PlainColumn, type PlainField } from '../arrow-ipc';
import { type Steps } from './frame-context';
import { type FieldDescription, fieldType, type FrameHeader } from './frame-field';
import { jsonFrame, JsonFrameWriter } from './json-frame-writer';

/** Cells that are written before others have their turn: some milliseconds. */
const CELLS_PER_STEP = 65_536;

/** Encodes one frame. */
export interface FrameWriter {
  /** Bytes of text that it made of the rows so far. */
  readonly textBytes: number;
  /**
   * Takes rows as columns of equal length. Their buffers must not change afterwards.
   *
   * @throws {ProxyError} 'result_too_large' as soon as one answer to Grafana cannot hold the rows.
   */
  add(length: number, columns: readonly PlainColumn[]): void;
  /** Takes the rows from `from` to before `to`. Missing where rows are not written one by one. */
  addRange?(columns: readonly PlainColumn[], from: number, to: number): void;
  /**
   * @param part `rows`: a later part of a frame, whose header was sent before. Arrow repeats it all the same.
   * @throws {ProxyError} 'result_too_large'
   */
  finish(header: FrameHeader, part?: 'whole' | 'rows'): Uint8Array[];
}

/** @param memory Of the query, for what is written. */
export function createFrameWriter(encoding: 'arrow' | 'json' = 'arrow', memory: MemoryAccount): FrameWriter {
  return encoding === 'json' ? new JsonFrameWriter(memory) : new ArrowFrameWriter();
}

/** As `add`, with steps in between where the rows are written one by one. */
export function* addInSteps(writer: FrameWriter, length: number, columns: readonly PlainColumn[]): Steps<void> {
  if (writer.addRange === undefined) {
    writer.add(length, columns);
    return;
  }
  const rows = Math.max(1, Math.floor(CELLS_PER_STEP / columns.length));
  for (let from = 0; from < length; from += rows) {
    writer.addRange(columns, from, Math.min(length, from + rows));
    yield;
  }
}

/** A frame without fields: only its header. */
export function frameWithoutFields(header: FrameHeader, encoding: 'arrow' | 'json' = 'arrow'): Uint8Array[] {
  return encoding === 'json' ? jsonFrame(header, []) : new ArrowFrameWriter().finish(header);
}

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
