/**
 * Turns the schema table of a message into plain values.
 *
 * Limits on depth and number of fields keep a hostile schema, in which many fields share one child, from growing without
 * end while it is read. Names and time zones have a limit in `flatbuffer-table.ts`.
 *
 * @see Arrow `format/Schema.fbs`: slots are the positions of the fields declared there.
 */
import { type ArrowField, type ArrowSchema, type ArrowType, type IntType, type TimeUnit } from './arrow-type';
import { type MetadataTable } from './flatbuffer-table';
import { malformed, tooLarge } from './result-errors';

/** Fields of a schema with those of nested types. */
export const MAX_FIELDS = 16_384;
export const MAX_DEPTH = 64;

/** A union says by a byte which of its fields a row has. */
const MAX_UNION_FIELDS = 128;

const UNITS: readonly TimeUnit[] = ['second', 'millisecond', 'microsecond', 'nanosecond'];
const INTERVALS = ['yearMonth', 'dayTime', 'monthDayNano'] as const;
const FLOAT_BITS = [16, 32, 64] as const;

/** Fields that may still be read. */
interface Budget {
  fields: number;
}

/**
 * @throws {ProxyError} 'result_malformed' for a schema that breaks the format or has a type of a later Arrow,
 *   'result_too_large' beyond the limits of fields, nesting and names.
 */
export function readSchema(table: MetadataTable): ArrowSchema {
  if (table.i16(0, 0) !== 0) {
    throw malformed('the data is big-endian');
  }
  return { fields: readFields(table, 1, 0, { fields: MAX_FIELDS }) };
}

/** @param slot Of the vector with the fields. */
function readFields(table: MetadataTable, slot: number, depth: number, budget: Budget): ArrowField[] {
  const tables = table.tables(slot, budget.fields);
  if (tables.length > 0 && depth > MAX_DEPTH) {
    throw tooLarge(`Its types are nested deeper than ${MAX_DEPTH} levels.`);
  }
  budget.fields -= tables.length;
  return tables.map((field) => readField(field, depth, budget));
}

function readField(table: MetadataTable, depth: number, budget: Budget): ArrowField {
  const name = table.text(0) ?? '';
  const children = readFields(table, 5, depth + 1, budget);
  const value = readType(table, children, name);
  const dictionary = table.table(4);
  const type: ArrowType =
    dictionary === undefined
      ? value
      : { kind: 'dictionary', id: dictionary.i64(0, 0), index: readInt(dictionary.table(1)), value };
  return { name, nullable: table.bool(1), type };
}

function readType(field: MetadataTable, children: ArrowField[], name: string): ArrowType {
  const code = field.u8(2, 0);
  const table = field.table(3);
  if (table === undefined) {
    throw malformed(`column "${name}" has no type`);
  }
  switch (code) {
    case 1:
      return { kind: 'null' };
    case 2:
      return readInt(table);
    case 3:
      return { kind: 'float', bits: pick(FLOAT_BITS, table.i16(0, 0)) };
    case 4:
      return { kind: 'binary' };
    case 5:
      return { kind: 'utf8' };
    case 6:
      return { kind: 'bool' };
    case 7:
      return readDecimal(table);
    case 8:
      return { kind: 'date', unit: pick(['day', 'millisecond'] as const, table.i16(0, 1)) };
    case 9:
      return { kind: 'time', unit: pick(UNITS, table.i16(0, 1)), bits: oneOf([32, 64] as const, table.i32(1, 32)) };
    case 10:
      return { kind: 'timestamp', unit: pick(UNITS, table.i16(0, 0)), timezone: table.text(1) };
    case 11:
      return { kind: 'interval', unit: pick(INTERVALS, table.i16(0, 0)) };
    case 12:
      return { kind: 'list', item: only(children) };
    case 13:
      return { kind: 'struct', fields: children };
    case 14:
      return readUnion(table, children);
    case 15:
      return { kind: 'fixedSizeBinary', widthBytes: size(table.i32(0, 0)) };
    case 16:
      return { kind: 'fixedSizeList', item: only(children), size: size(table.i32(0, 0)) };
    case 17:
      return { kind: 'map', item: mapEntries(children) };
    case 18:
      return { kind: 'duration', unit: pick(UNITS, table.i16(0, 1)) };
    case 19:
      return { kind: 'largeBinary' };
    case 20:
      return { kind: 'largeUtf8' };
    case 21:
      return { kind: 'largeList', item: only(children) };
    case 22:
      return { kind: 'runEndEncoded', runEnds: runEnds(children), values: required(children[1]) };
    case 23:
      return { kind: 'binaryView' };
    case 24:
      return { kind: 'utf8View' };
    case 25:
      return { kind: 'listView', item: only(children) };
    case 26:
      return { kind: 'largeListView', item: only(children) };
    default:
      // Without its layout the buffers of the columns after it cannot be told apart: the answer is unreadable.
      throw malformed(`column "${name}" has an Arrow type that this version does not know, number ${code}`);
  }
}

function readInt(table: MetadataTable | undefined): IntType {
  // A dictionary without an index type has int32 indices.
  return table === undefined
    ? { kind: 'int', bits: 32, signed: true }
    : { kind: 'int', bits: oneOf([8, 16, 32, 64] as const, table.i32(0, 0)), signed: table.bool(1) };
}

function readDecimal(table: MetadataTable): ArrowType {
  const scale = table.i32(1, 0);
  if (Math.abs(scale) > 1000) {
    throw malformed('a decimal scale is out of range');
  }
  const bits = oneOf([32, 64, 128, 256] as const, table.i32(2, 128));
  return { kind: 'decimal', bits, precision: table.i32(0, 0), scale };
}

function readUnion(table: MetadataTable, fields: ArrowField[]): ArrowType {
  if (fields.length > MAX_UNION_FIELDS) {
    throw malformed('a union has too many fields');
  }
  const given = table.i32s(1, MAX_UNION_FIELDS);
  const typeIds = given.length === 0 ? fields.map((_, index) => index) : given;
  if (typeIds.length !== fields.length) {
    throw malformed('a union has another number of type ids than of fields');
  }
  return { kind: 'union', dense: table.i16(0, 0) === 1, typeIds, fields };
}

function mapEntries(children: ArrowField[]): ArrowField {
  const entries = only(children);
  if (entries.type.kind !== 'struct' || entries.type.fields.length !== 2) {
    throw malformed('a map has no keys and values');
  }
  return entries;
}

function runEnds(children: ArrowField[]): ArrowField {
  const field = required(children[0]);
  if (field.type.kind !== 'int' || field.type.bits === 8 || !field.type.signed) {
    throw malformed('run ends are no signed integers of 16, 32 or 64 bits');
  }
  return field;
}

function only(children: ArrowField[]): ArrowField {
  if (children.length !== 1) {
    throw malformed('a nested type has the wrong number of children');
  }
  return required(children[0]);
}

function required(field: ArrowField | undefined): ArrowField {
  if (field === undefined) {
    throw malformed('a nested type has the wrong number of children');
  }
  return field;
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) {
    throw malformed('a type has an unknown unit');
  }
  return value;
}

function oneOf<T extends number>(values: readonly T[], value: number): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) {
    throw malformed(`a type has an unknown width of ${value} bits`);
  }
  return found;
}

function size(value: number): number {
  if (value < 0) {
    throw malformed('a type has a negative size');
  }
  return value;
}
