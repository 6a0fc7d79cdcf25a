/**
 * Binary columns: JSON text where they hold JSONB, base64 text otherwise.
 *
 * The Arrow type does not tell them apart, so the first value that is not empty decides for the whole column: it has to be
 * a complete JSONB value, which arbitrary bytes are not by accident, or one nested too deep to be read. Until it comes the
 * column holds nulls only, and those look the same either way. In a column of JSONB, a value that cannot be read becomes null
 * with a notice.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { scratchInt32 } from '../memory/typed-arrays';
import { type ColumnConverter, type ConversionContext } from './column-converter';
import { cellBytes } from './cell-json';
import { type ByteSink } from './byte-sink';
import { isJsonb, JSONB_PROBLEMS, writeJsonb } from './jsonb';
import { gather } from './take';
import { type PlainColumn, relabel, textOffsets } from './plain-column';
import { TextTable } from './text-table';
import { TextColumnBuilder } from './text-column-builder';
import { isPresent, type Vector } from './vector';

/** Average size of values up to which equal ones are looked for; larger ones, such as images, hardly repeat. */
const MAX_COMPARED_BYTES = 512;

export class BinaryConverter implements ColumnConverter {
  readonly #context: ConversionContext;
  readonly passesThrough = false;
  readonly unit = undefined;
  #decided: 'utf8' | 'json' | undefined;

  constructor(context: ConversionContext) {
    this.#context = context;
  }

  get kind(): 'utf8' | 'json' {
    return this.#decided ?? 'utf8';
  }

  get isSettled(): boolean {
    return this.#decided !== undefined;
  }

  convert(vector: Vector): PlainColumn {
    const { memory } = this.#context;
    const raw = rawColumn(vector, memory);
    if (raw.values.length > raw.length * MAX_COMPARED_BYTES) {
      return this.#convertValues(raw);
    }
    const { codes, values } = distinctValues(raw, memory);
    const converted = this.#convertValues(values);
    memory.free(values.values);
    const rows = gather(converted, codes, raw.validity, memory);
    memory.free(converted.values);
    return rows;
  }

  #convertValues(raw: PlainColumn): PlainColumn {
    const offsets = textOffsets(raw);
    const valueOf = (row: number) => raw.values.subarray(offsets[row], offsets[row + 1]);
    this.#decided ??= this.#decide(raw, valueOf);
    const builder = new TextColumnBuilder(this.#context.memory, raw.length, Math.min(raw.values.length * 2, 1 << 24));
    for (let row = 0; row < raw.length; row++) {
      if (isPresent(raw.validity, row) && this.#write(valueOf(row), builder.sink)) {
        builder.end();
      } else {
        builder.endNull();
      }
    }
    return builder.finish(this.kind);
  }

  #write(bytes: Uint8Array, sink: ByteSink): boolean {
    if (this.#decided === 'utf8') {
      sink.text(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'));
      return true;
    }
    if (bytes.length === 0) {
      return false;
    }
    const problem = writeJsonb(bytes, sink, this.#context.numbers);
    if (problem !== undefined) {
      this.#context.report(`${JSONB_PROBLEMS[problem]}; such values are shown as empty.`);
    }
    return problem === undefined;
  }

  #decide(raw: PlainColumn, valueOf: (row: number) => Uint8Array): 'utf8' | 'json' | undefined {
    for (let row = 0; row < raw.length; row++) {
      const bytes = valueOf(row);
      if (isPresent(raw.validity, row) && bytes.length > 0) {
        return isJsonb(bytes, this.#context.memory) ? 'json' : 'utf8';
      }
    }
    return undefined;
  }
}

/** The values in the layout with offsets, whatever layout they came in. */
function rawColumn(vector: Vector, memory: MemoryAccount): PlainColumn {
  if (vector.type.kind === 'binary') {
    return relabel(vector, 'json');
  }
  const builder = new TextColumnBuilder(memory, vector.length);
  for (let row = 0; row < vector.length; row++) {
    if (isPresent(vector.validity, row)) {
      const bytes = cellBytes(vector, row);
      builder.sink.copy(bytes, 0, bytes.length);
      builder.end();
    } else {
      builder.endNull();
    }
  }
  return builder.finish('json');
}

/** Each value once, and for each row which one it has. Rows of a batch mostly repeat a few property bags. */
function distinctValues(raw: PlainColumn, memory: MemoryAccount): { codes: Int32Array; values: PlainColumn } {
  const offsets = textOffsets(raw);
  const table = new TextTable(memory);
  const codes = scratchInt32(memory, raw.length);
  for (let row = 0; row < raw.length; row++) {
    if (isPresent(raw.validity, row)) {
      codes[row] = table.add(raw.values, offsets[row] ?? 0, offsets[row + 1] ?? 0);
    }
  }
  const builder = new TextColumnBuilder(memory, table.size, table.byteLength);
  for (let id = 0; id < table.size; id++) {
    const bytes = table.bytes(id);
    builder.sink.copy(bytes, 0, bytes.length);
    builder.end();
  }
  table.free();
  return { codes, values: builder.finish('json') };
}
