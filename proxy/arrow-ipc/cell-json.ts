/**
 * One value of any Arrow type as JSON text: for lists, structs, maps and unions, which Grafana shows as JSON.
 *
 * Integers and decimals are written with all their digits, times as RFC 3339, days as YYYY-MM-DD, spans in nanoseconds,
 * bytes as the JSON they hold if they are JSONB, else as base64.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { type ArrowType, type IntType, type TimeUnit } from './arrow-type';
import { ByteSink } from './byte-sink';
import { findValue } from './dictionary';
import { decimalJson, integerJson, type JsonNumbers, numberText, PLAIN_NUMBERS, singleText } from './json-text';
import { writeJsonb } from './jsonb';
import { malformed } from './result-errors';
import { dateText, decimalText, intervalText, NS_PER_UNIT, timestampText } from './value-text';
import { isPresent, type Vector } from './vector';

const UTF8 = new TextDecoder();

/** Types whose values lie in other columns; and null, whose are none. */
const NESTED: ReadonlySet<ArrowType['kind']> = new Set([
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
 * Writes one value. Values within values go to the sink one by one: a row may hold millions of them.
 *
 * @param numbers How integers are written that browsers would round.
 * @throws {ProxyError} 'result_malformed' where nested rows point outside of their columns.
 */
export function writeCell(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers = PLAIN_NUMBERS): void {
  const { type } = vector;
  if (type.kind === 'null' || !isPresent(vector.validity, row)) {
    sink.text('null');
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
    default:
      sink.text(leafJson(vector, row, numbers, sink.memory));
  }
}

/** As `writeCell`, as a text. */
export function cellJson(
  vector: Vector,
  row: number,
  memory: MemoryAccount,
  numbers: JsonNumbers = PLAIN_NUMBERS
): string {
  if (!NESTED.has(vector.type.kind) && isPresent(vector.validity, row)) {
    return leafJson(vector, row, numbers, memory);
  }
  const sink = new ByteSink(memory);
  writeCell(vector, row, sink, numbers);
  const text = UTF8.decode(sink.finish());
  sink.free();
  return text;
}

/** A value that is present and holds no others. */
function leafJson(vector: Vector, row: number, numbers: JsonNumbers, memory: MemoryAccount): string {
  const { type } = vector;
  switch (type.kind) {
    case 'bool':
      return String(isPresent(vector.buffers[0] ?? new Uint8Array(0), row));
    case 'utf8':
    case 'largeUtf8':
    case 'utf8View':
      return JSON.stringify(UTF8.decode(cellBytes(vector, row)));
    case 'binary':
    case 'largeBinary':
    case 'binaryView':
      return bytesJson(cellBytes(vector, row), numbers, memory);
    case 'fixedSizeBinary':
      return `"${Buffer.from(cellBytes(vector, row)).toString('hex')}"`;
    default:
      return numberJson(vector, row, type, numbers);
  }
}

/** An interval as ISO 8601 text. */
export function intervalCell(vector: Vector, row: number): string {
  const view = dataOf(vector);
  switch (vector.type.kind === 'interval' ? vector.type.unit : 'yearMonth') {
    case 'yearMonth':
      return intervalText(view.getInt32(row * 4, true), 0, 0n);
    case 'dayTime':
      return intervalText(0, view.getInt32(row * 8, true), BigInt(view.getInt32(row * 8 + 4, true)) * 1_000_000n);
    default:
      return intervalText(
        view.getInt32(row * 16, true),
        view.getInt32(row * 16 + 4, true),
        view.getBigInt64(row * 16 + 8, true)
      );
  }
}

/** The unscaled whole number of a decimal. */
export function decimalCell(view: DataView, row: number, bits: number): bigint {
  switch (bits) {
    case 32:
      return BigInt(view.getInt32(row * 4, true));
    case 64:
      return view.getBigInt64(row * 8, true);
    default: {
      const words = bits / 64;
      let value = view.getBigInt64((row * words + words - 1) * 8, true);
      for (let word = words - 2; word >= 0; word--) {
        value = (value << 64n) | view.getBigUint64((row * words + word) * 8, true);
      }
      return value;
    }
  }
}

/** The bytes of a text or binary value of any layout. */
export function cellBytes(vector: Vector, row: number): Uint8Array {
  const [first = new Uint8Array(0), data = new Uint8Array(0)] = vector.buffers;
  switch (vector.type.kind) {
    case 'fixedSizeBinary': {
      const { widthBytes } = vector.type;
      return first.subarray(row * widthBytes, (row + 1) * widthBytes);
    }
    case 'utf8View':
    case 'binaryView':
      return viewBytes(vector, row);
    default: {
      const [start, end] = range(vector, row, data.length);
      return data.subarray(start, end);
    }
  }
}

function viewBytes(vector: Vector, row: number): Uint8Array {
  const [views = new Uint8Array(0)] = vector.buffers;
  const view = dataOf(vector);
  const at = row * 16;
  const size = view.getInt32(at, true);
  if (size < 0) {
    throw malformed('a text has a negative length');
  }
  if (size <= 12) {
    return views.subarray(at + 4, at + 4 + size);
  }
  const buffer = vector.buffers[view.getInt32(at + 8, true) + 1];
  const start = view.getInt32(at + 12, true);
  if (buffer === undefined || start < 0 || start + size > buffer.length) {
    throw malformed('texts lie outside of their buffer');
  }
  return buffer.subarray(start, start + size);
}

function dataOf(vector: Vector, buffer = 0): DataView {
  const bytes = vector.buffers[buffer] ?? new Uint8Array(0);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function child(vector: Vector, index: number): Vector {
  const found = vector.children[index];
  if (found === undefined) {
    throw malformed('a union names a column that it does not have');
  }
  return found;
}

/** First and after-last position of a row's values, checked against the number of values there are. */
function range(vector: Vector, row: number, size: number): [number, number] {
  const view = dataOf(vector);
  const wide = /^large/.test(vector.type.kind);
  const read = (data: DataView, index: number) =>
    wide ? Number(data.getBigInt64(index * 8, true)) : data.getInt32(index * 4, true);
  const start = read(view, row);
  const end = /View$/.test(vector.type.kind) ? start + read(dataOf(vector, 1), row) : read(view, row + 1);
  if (!(start >= 0 && start <= end && end <= size)) {
    throw malformed('nested values lie outside of their column');
  }
  return [start, end];
}

function writeList(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers): void {
  const items = child(vector, 0);
  const { type } = vector;
  const [start, end] =
    type.kind === 'fixedSizeList' ? [row * type.size, (row + 1) * type.size] : range(vector, row, items.length);
  sink.text('[');
  for (let index = start; index < end; index++) {
    separate(sink, index > start);
    writeCell(items, index, sink, numbers);
  }
  sink.text(']');
}

function writeMap(vector: Vector, row: number, sink: ByteSink, numbers: JsonNumbers): void {
  const entries = child(vector, 0);
  const [start, end] = range(vector, row, entries.length);
  sink.text('{');
  for (let index = start; index < end; index++) {
    const key = cellJson(child(entries, 0), index, sink.memory);
    separate(sink, index > start);
    sink.text(`${key.startsWith('"') ? key : JSON.stringify(key)}:`);
    writeCell(child(entries, 1), index, sink, numbers);
  }
  sink.text('}');
}

function writeStruct(
  vector: Vector,
  row: number,
  fields: ReadonlyArray<{ name: string }>,
  sink: ByteSink,
  numbers: JsonNumbers
): void {
  sink.text('{');
  fields.forEach(({ name }, index) => {
    separate(sink, index > 0);
    sink.text(`${JSON.stringify(name)}:`);
    writeCell(child(vector, index), row, sink, numbers);
  });
  sink.text('}');
}

function separate(sink: ByteSink, isNeeded: boolean): void {
  if (isNeeded) {
    sink.text(',');
  }
}

/** The column of a union that a row's value lies in, and where. */
function memberOf(vector: Vector, row: number, type: ArrowType & { kind: 'union' }): [Vector, number] {
  const id = dataOf(vector).getInt8(row);
  const member = child(vector, type.typeIds.indexOf(id));
  const at = type.dense ? dataOf(vector, 1).getInt32(row * 4, true) : row;
  if (at < 0 || at >= member.length) {
    throw malformed('nested values lie outside of their column');
  }
  return [member, at];
}

/** The run that a row falls into: the first whose end is beyond it. */
function runOf(vector: Vector, row: number): number {
  const ends = child(vector, 0);
  const runRow = (vector.firstRow ?? 0) + row;
  const runs = Math.min(ends.length, child(vector, 1).length);
  let low = 0;
  let high = runs;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(numberJson(ends, middle, ends.type, PLAIN_NUMBERS)) > runRow) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low >= runs) {
    throw malformed('the runs of a column end before its rows');
  }
  return low;
}

/** The piece of a dictionary that a row's value lies in, and where. */
function entryOf(vector: Vector, row: number, { bits, signed }: IntType): [Vector, number] {
  const index = Number(integer(dataOf(vector), row, bits, signed));
  const found = vector.dictionary === null ? undefined : findValue(vector.dictionary, index);
  if (found === undefined) {
    throw malformed('an index points outside of its dictionary');
  }
  return [found.chunk, found.row];
}

function bytesJson(bytes: Uint8Array, numbers: JsonNumbers, memory: MemoryAccount): string {
  const sink = new ByteSink(memory, bytes.length * 2);
  const isJson = writeJsonb(bytes, sink, numbers) === undefined;
  const text = isJson ? UTF8.decode(sink.finish()) : `"${Buffer.from(bytes).toString('base64')}"`;
  sink.free();
  return text;
}

function numberJson(vector: Vector, row: number, type: ArrowType, numbers: JsonNumbers): string {
  const view = dataOf(vector);
  switch (type.kind) {
    case 'int':
      return integerJson(integer(view, row, type.bits, type.signed), numbers);
    case 'float':
      return type.bits === 64 ? numberText(floatCell(view, row, 64)) : singleText(floatCell(view, row, type.bits));
    case 'decimal':
      return decimalJson(decimalText(decimalCell(view, row, type.bits), type.scale), numbers);
    case 'timestamp':
      return `"${timestampText(view.getBigInt64(row * 8, true), type.unit)}"`;
    case 'date':
      return type.unit === 'day'
        ? `"${dateText(view.getInt32(row * 4, true))}"`
        : `"${timestampText(view.getBigInt64(row * 8, true), 'millisecond')}"`;
    case 'duration':
      return spanText(view.getBigInt64(row * 8, true), type.unit);
    case 'time':
      return spanText(BigInt(integer(view, row, type.bits, true)), type.unit);
    case 'interval':
      return `"${intervalCell(vector, row)}"`;
    default:
      return 'null';
  }
}

function spanText(value: bigint, unit: TimeUnit): string {
  return String(value * NS_PER_UNIT[unit]);
}

function integer(view: DataView, row: number, bits: number, signed: boolean): number | bigint {
  switch (bits) {
    case 8:
      return signed ? view.getInt8(row) : view.getUint8(row);
    case 16:
      return signed ? view.getInt16(row * 2, true) : view.getUint16(row * 2, true);
    case 32:
      return signed ? view.getInt32(row * 4, true) : view.getUint32(row * 4, true);
    default:
      return signed ? view.getBigInt64(row * 8, true) : view.getBigUint64(row * 8, true);
  }
}

function floatCell(view: DataView, row: number, bits: number): number {
  switch (bits) {
    case 16:
      return halfFloat(view.getUint16(row * 2, true));
    case 32:
      return view.getFloat32(row * 4, true);
    default:
      return view.getFloat64(row * 8, true);
  }
}

/** The value of IEEE 754 half-precision bits. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 31) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
