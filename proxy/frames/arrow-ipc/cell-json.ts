/**
 * Writes a value of any Arrow type as JSON text. Grafana shows lists, structs, maps and unions as JSON.
 *
 * Integers and decimals have all digits. Timestamps and Date64 are RFC 3339, Date32 is YYYY-MM-DD, intervals are ISO
 * 8601, and times of day and durations are numbers of nanoseconds. Binary values become JSON if they are JSONB, else
 * base64; binary values of fixed size become hexadecimal digits.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ArrowType, type IntType, type TimeUnit } from './arrow-type';
import { ByteSink } from './byte-sink';
import { cellBytes, dataOf, decimalCell, floatCell, integer, intervalCell, range } from './cell-values';
import { findValue } from './dictionary';
import {
  decimalJson,
  formatNumber,
  formatSingle,
  integerJson,
  type JsonNumbers,
  PLAIN_NUMBERS,
  writeJsonString,
} from './json-values';
import { writeJsonb } from './jsonb';
import { malformed } from './result-errors';
import { runAt, runEnds } from './run-ends';
import { formatDate, formatDecimal, NS_PER_UNIT, formatTimestamp } from './format-value';
import { hasBit, isPresent, type Vector } from './vector';

const UTF8 = new TextDecoder();

const QUOTE = 0x22;

/** Types whose values are written byte by byte or value by value. Values of other types are formatted as one string. */
const WRITTEN: ReadonlySet<ArrowType['kind']> = new Set([
  'utf8',
  'largeUtf8',
  'utf8View',
  'binary',
  'largeBinary',
  'binaryView',
  'list',
  'largeList',
  'listView',
  'largeListView',
  'fixedSizeList',
  'map',
  'struct',
  'union',
  'runEndEncoded',
  'dictionary',
  'null',
]);

/**
 * Writes one value. Nested values are written to the sink one by one, because a row may have millions of them.
 *
 * @param numbers How to write numbers that browsers would round.
 * @throws {ProxyError} 'result_malformed' if nested values are outside of their column, 'result_too_large' if the sink
 *   gets more than 1 GiB.
 */
export function writeCell(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers = PLAIN_NUMBERS): void {
  const { type } = vector;
  if (type.kind === 'null' || !isPresent(vector.validity, row)) {
    sink.string('null');
    return;
  }
  switch (type.kind) {
    case 'list':
    case 'largeList':
    case 'listView':
    case 'largeListView':
    case 'fixedSizeList':
      writeList(vector, row, sink, numbers);
      return;
    case 'map':
      writeMap(vector, row, sink, numbers);
      return;
    case 'struct':
      writeStruct(vector, row, type.fields, sink, numbers);
      return;
    case 'union': {
      const [member, at] = memberOf(vector, row, type);
      writeCell(member, at, sink, numbers);
      return;
    }
    case 'runEndEncoded':
      writeCell(child(vector, 1), runOf(vector, row), sink, numbers);
      return;
    case 'dictionary': {
      const [chunk, at] = entryOf(vector, row, type.index);
      writeCell(chunk, at, sink, numbers);
      return;
    }
    case 'utf8':
    case 'largeUtf8':
    case 'utf8View': {
      const bytes = cellBytes(vector, row);
      writeJsonString(bytes, 0, bytes.length, sink);
      return;
    }
    case 'binary':
    case 'largeBinary':
    case 'binaryView':
      writeBinary(cellBytes(vector, row), sink, numbers);
      return;
    default:
      sink.string(scalarJson(vector, row, numbers));
  }
}

/** The output of `writeCell` as a string. */
export function cellJson(
  vector: Vector,
  row: number,
  memory: MemoryAccount,
  numbers: JsonNumbers = PLAIN_NUMBERS
): string {
  if (!WRITTEN.has(vector.type.kind) && isPresent(vector.validity, row)) {
    return scalarJson(vector, row, numbers);
  }
  const sink = new ByteSink(memory);
  writeCell(vector, row, sink, numbers);
  const json = UTF8.decode(sink.finish());
  sink.free();
  return json;
}

/** The JSON text of a value that is not null. The type of the value must not be in `WRITTEN`. */
function scalarJson(vector: Vector, row: number, numbers: JsonNumbers): string {
  const { type } = vector;
  switch (type.kind) {
    case 'bool':
      return String(hasBit(vector.buffers[0], row));
    case 'fixedSizeBinary':
      return `"${Buffer.from(cellBytes(vector, row)).toString('hex')}"`;
    default:
      return numberJson(vector, row, type, numbers);
  }
}

function child(vector: Vector, index: number): Vector {
  const found = vector.children[index];
  if (found === undefined) {
    throw malformed('a child column is missing, or a union has an unknown type id');
  }
  return found;
}

function writeList(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers): void {
  const items = child(vector, 0);
  const { type } = vector;
  const [start, end] =
    type.kind === 'fixedSizeList' ? [row * type.size, (row + 1) * type.size] : range(vector, row, items.length);
  sink.string('[');
  for (let index = start; index < end; index++) {
    separate(sink, index > start);
    writeCell(items, index, sink, numbers);
  }
  sink.string(']');
}

function writeMap(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers): void {
  const entries = child(vector, 0);
  const [start, end] = range(vector, row, entries.length);
  sink.string('{');
  for (let index = start; index < end; index++) {
    separate(sink, index > start);
    writeKey(child(entries, 0), index, sink);
    sink.string(':');
    writeCell(child(entries, 1), index, sink, numbers);
  }
  sink.string('}');
}

/** Keys in JSON are strings. So a key of another type is written as a string that contains the JSON of the key. */
function writeKey(keys: Vector, index: number, sink: ByteSink): void {
  const start = sink.length;
  writeCell(keys, index, sink);
  if (sink.written[start] !== QUOTE) {
    const json = UTF8.decode(sink.written.subarray(start, sink.length));
    sink.truncate(start);
    sink.string(JSON.stringify(json));
  }
}

function writeStruct(
  vector: Vector,
  row: number,
  fields: ReadonlyArray<{ name: string }>,
  sink: ByteSink,
  numbers: JsonNumbers
): void {
  sink.string('{');
  fields.forEach(({ name }, index) => {
    separate(sink, index > 0);
    sink.string(`${JSON.stringify(name)}:`);
    writeCell(child(vector, index), row, sink, numbers);
  });
  sink.string('}');
}

function separate(sink: ByteSink, isNeeded: boolean): void {
  if (isNeeded) {
    sink.string(',');
  }
}

/** For a row of a union: the child column that contains the value, and the row of the value in this column. */
function memberOf(vector: Vector, row: number, type: ArrowType & { kind: 'union' }): [Vector, number] {
  const id = dataOf(vector).getInt8(row);
  const member = child(vector, type.typeIds.indexOf(id));
  const at = type.dense ? dataOf(vector, 1).getInt32(row * 4, true) : row;
  if (at < 0 || at >= member.length) {
    throw malformed('nested values are outside of their column');
  }
  return [member, at];
}

/** The run that contains a row. */
function runOf(vector: Vector, row: number): number {
  const ends = runEnds(child(vector, 0));
  const run = runAt(ends, (vector.firstRow ?? 0) + row);
  if (run >= Math.min(ends.length, child(vector, 1).length)) {
    throw malformed('the runs of a column end before its rows');
  }
  return run;
}

/** For a row: the piece of the dictionary that contains the value, and the row of the value in this piece. */
function entryOf(vector: Vector, row: number, { bits, signed }: IntType): [Vector, number] {
  const index = Number(integer(dataOf(vector), row, bits, signed));
  const found = vector.dictionary === null ? undefined : findValue(vector.dictionary, index);
  if (found === undefined) {
    throw malformed('an index is outside of its dictionary');
  }
  return [found.chunk, found.row];
}

function writeBinary(bytes: Uint8Array, sink: ByteSink, numbers: JsonNumbers): void {
  if (writeJsonb(bytes, sink, numbers) !== undefined) {
    sink.string(`"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`);
  }
}

function numberJson(vector: Vector, row: number, type: ArrowType, numbers: JsonNumbers): string {
  const view = dataOf(vector);
  switch (type.kind) {
    case 'int':
      return integerJson(integer(view, row, type.bits, type.signed), numbers);
    case 'float':
      return type.bits === 64 ? formatNumber(floatCell(view, row, 64)) : formatSingle(floatCell(view, row, type.bits));
    case 'decimal':
      return decimalJson(formatDecimal(decimalCell(view, row, type.bits), type.scale), numbers);
    case 'timestamp':
      return `"${formatTimestamp(view.getBigInt64(row * 8, true), type.unit)}"`;
    case 'date':
      return type.unit === 'day'
        ? `"${formatDate(view.getInt32(row * 4, true))}"`
        : `"${formatTimestamp(view.getBigInt64(row * 8, true), 'millisecond')}"`;
    case 'duration':
      return formatDuration(view.getBigInt64(row * 8, true), type.unit);
    case 'time':
      return formatDuration(BigInt(integer(view, row, type.bits, true)), type.unit);
    case 'interval':
      return `"${intervalCell(vector, row)}"`;
    default:
      return 'null';
  }
}

function formatDuration(value: bigint, unit: TimeUnit): string {
  return String(value * NS_PER_UNIT[unit]);
}
