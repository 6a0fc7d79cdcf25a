/**
 * The rows of a frame on their way to the writer.
 *
 * When big integers are to become text, whether a column has any is known only at the end, so its batches wait here: they
 * are views and cost nothing more. All other frames are written batch by batch, and may be taken in parts.
 */
import { integersToText } from '../arrow-ipc/convert-numbers';
import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { isText, type PlainColumn } from '../arrow-ipc/plain-column';
import { BigIntegers, turnsToText } from './big-integers';
import { type FrameContext } from './frame-context';
import { type FieldDescription, type FrameHeader, frameHeader, type FrameKind } from './frame-field';
import { createFrameWriter } from './frame-writer';
import { type ResultColumn } from './result-columns';

interface Rows {
  length: number;
  columns: readonly PlainColumn[];
  message: IpcMessage | undefined;
}

export class FrameOutput {
  private writer;
  private readonly bigIntegers: BigIntegers;
  private readonly waiting: Rows[] | undefined;
  /** True when the values of a column matter: to tell what Grafana would refuse, or to find big integers. */
  private readonly looks: boolean;
  /** Of a frame that is taken in parts, since its first part. */
  private header: FrameHeader | undefined;
  private bytes = 0;

  /** @param sources Column of the result behind each field; undefined for a field that is made. */
  constructor(
    private readonly sources: ReadonlyArray<ResultColumn | undefined>,
    private readonly context: FrameContext
  ) {
    this.writer = createFrameWriter(context.options.encoding);
    this.bigIntegers = new BigIntegers(context.options, context.notices);
    this.waiting = turnsToText(context.options) ? [] : undefined;
    this.looks = sources.some((source) => source === undefined || !isCheckedByLayout(source));
  }

  /** Bytes of the rows that were not taken yet, without those that are written as they came. */
  get madeBytes(): number {
    return this.bytes;
  }

  /** True when the frame can be taken in parts. */
  get hasParts(): boolean {
    return this.waiting === undefined;
  }

  /** Takes rows, a column for each of the sources. `message` as `FrameWriter.add` has it. */
  add(length: number, columns: readonly PlainColumn[], message?: IpcMessage): void {
    this.sources.forEach((source, index) => {
      const column = columns[index];
      if (source !== undefined && column !== undefined) {
        this.bigIntegers.look(source, column);
      }
      if (column !== undefined) {
        this.bytes += this.madeOf(column, source);
      }
    });
    if (this.waiting === undefined) {
      this.writer.add(length, columns, message);
    } else {
      this.waiting.push({ length, columns, message });
    }
  }

  /**
   * Takes rows that need no look, as they came.
   *
   * @param message Holds exactly the columns of the frame, in a form that Grafana reads.
   * @returns False when their columns are asked for in its place.
   */
  addUnseen(message: IpcMessage): boolean {
    if (this.looks || this.waiting !== undefined || this.writer.addMessage === undefined) {
      return false;
    }
    this.writer.addMessage(message);
    return true;
  }

  /** The fields as they will be written: numbers that become text lose what only numbers have. */
  fields(fields: readonly FieldDescription[]): FieldDescription[] {
    return fields.map((field, index) =>
      this.becomesText(index) ? { ...field, kind: 'utf8', config: undefined } : field
    );
  }

  /** The frame in pieces. @param fields As `fields` gives them. */
  finish(fields: readonly FieldDescription[], kind: FrameKind): Uint8Array[] {
    const hasTexts = this.sources.some((_, index) => this.becomesText(index));
    for (const { length, columns, message } of this.waiting ?? []) {
      const written = columns.map((column, index) => (this.becomesText(index) ? integersToText(column) : column));
      this.writer.add(length, written, hasTexts ? undefined : message);
    }
    return this.writer.finish(frameHeader(fields, kind, this.context));
  }

  /** A part of the frame: the rows since the last one. Fields and kind are those of the first part. */
  takePart(fields: readonly FieldDescription[], kind: FrameKind): Uint8Array[] {
    const part = this.header === undefined ? 'whole' : 'rows';
    this.header ??= frameHeader(fields, kind, this.context);
    const pieces = this.writer.finish(this.header, part);
    this.writer = createFrameWriter(this.context.options.encoding);
    this.bytes = 0;
    return pieces;
  }

  private madeOf(column: PlainColumn, source: ResultColumn | undefined): number {
    if (this.context.options.encoding === 'json') {
      return jsonBytes(column);
    }
    return source?.converter.passesThrough === true ? 0 : columnBytes(column);
  }

  private becomesText(index: number): boolean {
    const source = this.sources[index];
    return this.waiting !== undefined && source !== undefined && this.bigIntegers.areIn(source);
  }
}

/** Columns of fixed width have no bytes that could be wrong. */
function isCheckedByLayout({ converter: { kind, passesThrough, unit } }: ResultColumn): boolean {
  const isCounted = (kind === 'int64' || kind === 'uint64') && unit === undefined;
  return passesThrough && !isText(kind) && !isCounted;
}

function columnBytes({ values, offsets, validity, data = [] }: PlainColumn): number {
  const dataBytes = data.reduce((sum, { length }) => sum + length, 0);
  return values.length + (offsets?.length ?? 0) + (validity?.length ?? 0) + dataBytes;
}

/** Longest number or word in JSON, on average, with its comma. */
const JSON_CELL_BYTES = 20;

/** About what a column takes as JSON, beside the buffers that it is written from. */
function jsonBytes(column: PlainColumn): number {
  return columnBytes(column) + column.length * JSON_CELL_BYTES;
}
