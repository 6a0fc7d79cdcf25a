/**
 * Converts the FlatBuffers table of a schema to an `ArrowSchema`.
 *
 * In a hostile schema, many fields may share one child, and then the schema may expand to any size. Therefore depth and
 * number of fields are limited. Names and time zones are limited in `flatbuffer-table.ts`.
 *
 * @see Arrow `format/Schema.fbs`: the slot of a field is the position of its declaration.
 */
import { type ArrowField, type ArrowSchema, type ArrowType, type IntType, type TimeUnit } from './arrow-type';
import { type MetadataTable } from './flatbuffer-table';
import { malformed, tooLarge } from './result-errors';

/** Limit for the fields of a schema, including nested fields. */
export const MAX_FIELDS = 16_384;
/** Limit for the levels of nested fields. */
export const MAX_SCHEMA_DEPTH = 64;

/** A union has one byte for the type id of each row; ids are not negative. */
const MAX_UNION_FIELDS = 128;

const UNITS: readonly TimeUnit[] = ['second', 'millisecond', 'microsecond', 'nanosecond'];
const INTERVALS = ['yearMonth', 'dayTime', 'monthDayNano'] as const;
const FLOAT_BITS = [16, 32, 64] as const;

/** Number of fields that may still be read. */
interface Budget {
  fields: number;
}

/**
 * Returns the schema of a message.
 *
 * @throws {ProxyError} 'result_malformed' for a schema that violates the format or has an unknown type,
 *   'result_too_large' beyond the limits for fields, nesting and names.
 */
export function parseSchema(table: MetadataTable): ArrowSchema {
  if (table.i16(0, 0) !== 0) {
    throw malformed('the data is big-endian');
  }
  return { fields: readFields(table, 1, 0, { fields: MAX_FIELDS }) };
}

/** @param slot Slot of the vector of fields. */
function readFields(table: MetadataTable, slot: number, depth: number, budget: Budget): ArrowField[] {
  const tables = table.tables(slot, budget.fields);
  if (tables.length > 0 && depth > MAX_SCHEMA_DEPTH) {
    throw tooLarge(`The types of the schema are nested deeper than ${MAX_SCHEMA_DEPTH} levels.`);
  }
  budget.fields -= tables.length;
  return tables.map((field) => readField(field, depth, budget));
}

function readField(table: MetadataTable, depth: number, budget: Budget): ArrowField {
  const name = table.string(0) ?? '';
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
      return { kind: 'float', bits: unitOf(FLOAT_BITS, table.i16(0, 0)) };
    case 4:
      return { kind: 'binary' };
    case 5:
      return { kind: 'utf8' };
    case 6:
      return { kind: 'bool' };
    case 7:
      return readDecimal(table);
    case 8:
      return { kind: 'date', unit: unitOf(['day', 'millisecond'] as const, table.i16(0, 1)) };
    case 9:
      return readTime(table);
    case 10:
      return { kind: 'timestamp', unit: unitOf(UNITS, table.i16(0, 0)), timezone: table.string(1) };
    case 11:
      return { kind: 'interval', unit: unitOf(INTERVALS, table.i16(0, 0)) };
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
      return { kind: 'duration', unit: unitOf(UNITS, table.i16(0, 1)) };
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
      // The layout is unknown, so the buffers of the next columns cannot be found either.
      throw malformed(`column "${name}" has an Arrow type that this version does not support, number ${code}`);
  }
}

function readInt(table: MetadataTable | undefined): IntType {
  // Without an index type, the format's default is int32.
  return table === undefined
    ? { kind: 'int', bits: 32, signed: true }
    : { kind: 'int', bits: oneOf([8, 16, 32, 64] as const, table.i32(0, 0)), signed: table.bool(1) };
}

function readTime(table: MetadataTable): ArrowType {
  const unit = unitOf(UNITS, table.i16(0, 1));
  const bits = oneOf([32, 64] as const, table.i32(1, 32));
  if ((bits === 32) !== (unit === 'second' || unit === 'millisecond')) {
    throw malformed(`a time of day in ${unit}s cannot have ${bits} bits`);
  }
  return { kind: 'time', unit, bits };
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
    throw malformed('the number of type ids of a union differs from its fields');
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
    throw malformed('run ends are not signed integers of 16, 32 or 64 bits');
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

function unitOf<T>(values: readonly T[], index: number): T {
  const value: T | undefined = values[index];
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
