/**
 * Passes the rows of a table, or of log lines, to the writer of the frame. The rows of a time series differ from the
 * rows of the result, so `TimeSeriesFrame` uses its own writer.
 *
 * If big integers become strings, or if a column may be left out, the fields are known only after the last row. Then
 * the batches are buffered here. All other frames are written batch by batch, and can be taken in parts.
 */
import { type Steps } from '../../base/async/turns';
import { integersToStrings, type PlainColumn } from '../arrow-ipc';
import { BigIntegers, convertsToStrings } from './big-integers';
import { type FrameContext } from './frame-builder';
import { type FieldDescription, type FrameHeader, frameHeader, type FrameKind } from './frame-field';
import { addInSteps, createFrameWriter, JSON_CELL_BYTES } from './frame-writer';
import { type ResultColumn } from './result-columns';

interface Rows {
  length: number;
  columns: readonly PlainColumn[];
}

/** Writes one frame. Use either `finish` or `takePart`. */
export class RowOutput {
  readonly #sources: ReadonlyArray<ResultColumn | undefined>;
  readonly #context: FrameContext;
  #writer;
  readonly #bigIntegers: BigIntegers;
  readonly #buffered: Rows[] | undefined;
  readonly #converts: boolean;
  /** Header of a frame that is taken in parts. Undefined before the first part. */
  #header: FrameHeader | undefined;
  /** Estimated bytes of the buffered rows as JSON. */
  #expectedBytes = 0;

  /**
   * @param sources    The result column of each field. Undefined for a computed field.
   * @param isBuffered True if `finish` may leave out a column.
   */
  constructor(sources: ReadonlyArray<ResultColumn | undefined>, context: FrameContext, isBuffered = false) {
    this.#sources = sources;
    this.#context = context;
    this.#writer = createFrameWriter(context.options.encoding, context.options.memory);
    this.#bigIntegers = new BigIntegers(context.options, context.notices);
    this.#converts = convertsToStrings(context.options);
    this.#buffered = this.#converts || isBuffered ? [] : undefined;
  }

  /** Estimated bytes of JSON that the buffered rows still need. */
  get expectedBytes(): number {
    return Math.max(0, this.#expectedBytes - this.#writer.stringBytes);
  }

  /** True when the frame can be taken in parts. */
  get hasParts(): boolean {
    return this.#buffered === undefined;
  }

  /** @param columns One column for each of the sources. */
  add(length: number, columns: readonly PlainColumn[]): void {
    this.#sources.forEach((source, index) => {
      const column = columns[index];
      if (source !== undefined && column !== undefined) {
        this.#bigIntegers.check(source, column);
      }
      if (column !== undefined) {
        this.#count(column);
      }
    });
    if (this.#buffered === undefined) {
      this.#writer.add(length, columns);
    } else {
      this.#buffered.push({ length, columns });
    }
  }

  /** The fields as they will be written. A field whose numbers become strings loses its kind and its config. */
  fields(fields: readonly FieldDescription[]): FieldDescription[] {
    return fields.map((field, index) =>
      this.#becomesString(index) ? { ...field, kind: 'utf8', config: undefined } : field
    );
  }

  /**
   * Writes the whole frame.
   *
   * @param fields  Result of `fields`, without the column that is left out.
   * @param omitted Index of the column that is left out. Only if the rows are buffered.
   * @returns The frame in pieces.
   */
  *finish(fields: readonly FieldDescription[], kind: FrameKind, omitted?: number): Steps<Uint8Array[]> {
    for (const { length, columns } of this.#buffered ?? []) {
      const written = columns.map((column, index) =>
        this.#becomesString(index) ? integersToStrings(column, this.#context.options.memory) : column
      );
      const kept = written.filter((_column, index) => index !== omitted);
      yield* addInSteps(this.#writer, length, kept);
    }
    return this.#writer.finish(frameHeader(fields, kind, this.#context));
  }

  /** Writes the rows since the last part. The first part determines fields and kind. @returns The part in pieces. */
  takePart(fields: readonly FieldDescription[], kind: FrameKind): Uint8Array[] {
    const part = this.#header === undefined ? 'whole' : 'rows';
    this.#header ??= frameHeader(fields, kind, this.#context);
    const pieces = this.#writer.finish(this.#header, part);
    this.#writer = createFrameWriter(this.#context.options.encoding, this.#context.options.memory);
    return pieces;
  }

  #count(column: PlainColumn): void {
    if (this.#buffered !== undefined && this.#context.options.encoding === 'json') {
      this.#expectedBytes += columnBytes(column) + column.length * JSON_CELL_BYTES;
    }
  }

  #becomesString(index: number): boolean {
    const source = this.#sources[index];
    return this.#converts && source !== undefined && this.#bigIntegers.has(source);
  }
}

function columnBytes({ values, offsets, validity, data = [] }: PlainColumn): number {
  const dataBytes = data.reduce((sum, { length }) => sum + length, 0);
  return values.length + (offsets?.length ?? 0) + (validity?.length ?? 0) + dataBytes;
}
