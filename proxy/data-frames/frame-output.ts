/**
 * The rows of a frame on their way to the writer.
 *
 * When big integers are to become text, whether a column has any is known only at the end, so its batches wait here: they
 * are views and cost nothing more. All other frames are written batch by batch, and may be taken in parts.
 */
import { integersToText, type PlainColumn } from '../arrow-ipc';
import { BigIntegers, turnsToText } from './big-integers';
import { type FrameContext, type Steps } from './frame-context';
import { type FieldDescription, type FrameHeader, frameHeader, type FrameKind } from './frame-field';
import { addInSteps, createFrameWriter } from './frame-writer';
import { type ResultColumn } from './result-columns';

/** Longest number or word in JSON, on average, with its comma. */
export const JSON_CELL_BYTES = 20;

interface Rows {
  length: number;
  columns: readonly PlainColumn[];
}

export class FrameOutput {
  readonly #sources: ReadonlyArray<ResultColumn | undefined>;
  readonly #context: FrameContext;
  #writer;
  readonly #bigIntegers: BigIntegers;
  readonly #waiting: Rows[] | undefined;
  /** Of a frame that is taken in parts, since its first part. */
  #header: FrameHeader | undefined;
  /** About what the rows that wait will take as JSON, so that there is room for it. */
  #expectedText = 0;

  /** @param sources Column of the result behind each field; undefined for a field that is made. */
  constructor(sources: ReadonlyArray<ResultColumn | undefined>, context: FrameContext) {
    this.#sources = sources;
    this.#context = context;
    this.#writer = createFrameWriter(context.options.encoding, context.options.memory);
    this.#bigIntegers = new BigIntegers(context.options, context.notices);
    this.#waiting = turnsToText(context.options) ? [] : undefined;
  }

  /** About the bytes of text that are still to be made of the rows that wait. */
  get expectedBytes(): number {
    return Math.max(0, this.#expectedText - this.#writer.textBytes);
  }

  /** True when the frame can be taken in parts. */
  get hasParts(): boolean {
    return this.#waiting === undefined;
  }

  /** Takes rows, a column for each of the sources. */
  add(length: number, columns: readonly PlainColumn[]): void {
    this.#sources.forEach((source, index) => {
      const column = columns[index];
      if (source !== undefined && column !== undefined) {
        this.#bigIntegers.look(source, column);
      }
      if (column !== undefined) {
        this.#count(column);
      }
    });
    if (this.#waiting === undefined) {
      this.#writer.add(length, columns);
    } else {
      this.#waiting.push({ length, columns });
    }
  }

  /** The fields as they will be written: numbers that become text lose what only numbers have. */
  fields(fields: readonly FieldDescription[]): FieldDescription[] {
    return fields.map((field, index) =>
      this.#becomesText(index) ? { ...field, kind: 'utf8', config: undefined } : field
    );
  }

  /** The frame in pieces. @param fields As `fields` gives them. */
  *finish(fields: readonly FieldDescription[], kind: FrameKind): Steps<Uint8Array[]> {
    for (const { length, columns } of this.#waiting ?? []) {
      const written = columns.map((column, index) =>
        this.#becomesText(index) ? integersToText(column, this.#context.options.memory) : column
      );
      yield* addInSteps(this.#writer, length, written);
    }
    return this.#writer.finish(frameHeader(fields, kind, this.#context));
  }

  /** A part of the frame: the rows since the last one. Fields and kind are those of the first part. */
  takePart(fields: readonly FieldDescription[], kind: FrameKind): Uint8Array[] {
    const part = this.#header === undefined ? 'whole' : 'rows';
    this.#header ??= frameHeader(fields, kind, this.#context);
    const pieces = this.#writer.finish(this.#header, part);
    this.#writer = createFrameWriter(this.#context.options.encoding, this.#context.options.memory);
    return pieces;
  }

  #count(column: PlainColumn): void {
    if (this.#waiting !== undefined && this.#context.options.encoding === 'json') {
      this.#expectedText += columnBytes(column) + column.length * JSON_CELL_BYTES;
    }
  }

  #becomesText(index: number): boolean {
    const source = this.#sources[index];
    return this.#waiting !== undefined && source !== undefined && this.#bigIntegers.areIn(source);
  }
}

function columnBytes({ values, offsets, validity, data = [] }: PlainColumn): number {
  const dataBytes = data.reduce((sum, { length }) => sum + length, 0);
  return values.length + (offsets?.length ?? 0) + (validity?.length ?? 0) + dataBytes;
}
