/**
 * Converts binary columns: to JSON if they contain JSONB, else to base64.
 *
 * JSONB and other bytes have the same Arrow type. So the first value that is not empty determines the kind of the whole
 * column. If this value is JSONB, the kind is JSON, even if the JSONB is nested too deep to convert. Bytes of other
 * formats are practically never valid JSONB. The batches before this value have only empty values and nulls, which all
 * become null. In a JSON column, values that are not valid JSONB become null with a notice.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32 } from '../../observe/memory/typed-arrays';
import { type ColumnConverter, type ConversionContext } from './column-converter';
import { cellBytes } from './cell-values';
import { type ByteSink } from './byte-sink';
import { isJsonb, JSONB_PROBLEMS, writeJsonb } from './jsonb';
import { take } from './take';
import { type PlainColumn, relabel, stringOffsets } from './plain-column';
import { StringTable } from './string-table';
import { StringColumnBuilder } from './string-column-builder';
import { isPresent, type Vector } from './vector';

/** Values are deduplicated up to this average size in bytes. Larger values, such as images, rarely repeat. */
const MAX_COMPARED_BYTES = 512;

/** Converts one column of a result. `kind` is `utf8` until a value determines the kind (`isSettled`). */
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
    const rows = take(converted, codes, raw.validity, memory);
    memory.free(converted.values);
    return rows;
  }

  #convertValues(raw: PlainColumn): PlainColumn {
    const offsets = stringOffsets(raw);
    const valueOf = (row: number) => raw.values.subarray(offsets[row], offsets[row + 1]);
    this.#decided ??= this.#decide(raw, valueOf);
    const builder = new StringColumnBuilder(this.#context.memory, raw.length, Math.min(raw.values.length * 2, 1 << 24));
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
      sink.string(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'));
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

/** Converts the values of any binary layout to the layout with offsets. */
function rawColumn(vector: Vector, memory: MemoryAccount): PlainColumn {
  if (vector.type.kind === 'binary') {
    return relabel(vector, 'json');
  }
  const builder = new StringColumnBuilder(memory, vector.length);
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

/** The distinct values, and the index of each row's value. The rows of a batch mostly repeat a few JSON objects. */
function distinctValues(raw: PlainColumn, memory: MemoryAccount): { codes: Int32Array; values: PlainColumn } {
  const offsets = stringOffsets(raw);
  const table = new StringTable(memory);
  const codes = scratchInt32(memory, raw.length);
  for (let row = 0; row < raw.length; row++) {
    if (isPresent(raw.validity, row)) {
      codes[row] = table.add(raw.values, offsets[row], offsets[row + 1]);
    }
  }
  const builder = new StringColumnBuilder(memory, table.size, table.byteLength);
  for (let id = 0; id < table.size; id++) {
    const bytes = table.bytes(id);
    builder.sink.copy(bytes, 0, bytes.length);
    builder.end();
  }
  table.free();
  return { codes, values: builder.finish('json') };
}
