/**
 * Arrow types and schemas as plain objects, and functions for the width, the children and the name of a type. Types
 * have the names that DataFusion gives them.
 *
 * @see Arrow `format/Schema.fbs`
 */

export type TimeUnit = 'second' | 'millisecond' | 'microsecond' | 'nanosecond';

/** An integer type. Also the type of the indices of a dictionary. */
export interface IntType {
  kind: 'int';
  bits: 8 | 16 | 32 | 64;
  signed: boolean;
}

/** A column of indices into the values of a dictionary. Dictionary messages contain the values. */
export interface DictionaryType {
  kind: 'dictionary';
  /** Unique in the stream of one Flight endpoint. Several columns may share a dictionary. */
  id: number;
  index: IntType;
  value: ArrowType;
}

export type ArrowType =
  | { kind: 'null' | 'bool' }
  | { kind: 'utf8' | 'largeUtf8' | 'utf8View' | 'binary' | 'largeBinary' | 'binaryView' }
  | IntType
  | { kind: 'float'; bits: 16 | 32 | 64 }
  | { kind: 'fixedSizeBinary'; widthBytes: number }
  | { kind: 'decimal'; bits: 32 | 64 | 128 | 256; precision: number; scale: number }
  | { kind: 'date'; unit: 'day' | 'millisecond' }
  | { kind: 'time'; bits: 32 | 64; unit: TimeUnit }
  | { kind: 'timestamp'; unit: TimeUnit; timezone: string | undefined }
  | { kind: 'duration'; unit: TimeUnit }
  | { kind: 'interval'; unit: 'yearMonth' | 'dayTime' | 'monthDayNano' }
  | { kind: 'list' | 'largeList' | 'listView' | 'largeListView' | 'map'; item: ArrowField }
  | { kind: 'fixedSizeList'; item: ArrowField; size: number }
  | { kind: 'struct'; fields: ArrowField[] }
  | { kind: 'union'; dense: boolean; typeIds: number[]; fields: ArrowField[] }
  | { kind: 'runEndEncoded'; runEnds: ArrowField; values: ArrowField }
  | DictionaryType;

/** A column, or a child of a nested column, without custom metadata. */
export interface ArrowField {
  name: string;
  /**
   * Declared by the server, and not trusted: a column that is declared as not nullable may still have a validity
   * bitmap.
   */
  nullable: boolean;
  type: ArrowType;
}

/** The columns of a result, in order. Names may be empty, and may occur twice. */
export interface ArrowSchema {
  fields: ArrowField[];
}

/** Bytes per value of fixed-width types. Undefined for all other types, and for booleans, which are bits. */
export function widthOf(type: ArrowType): number | undefined {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'decimal':
    case 'time':
      return type.bits / 8;
    case 'timestamp':
    case 'duration':
      return 8;
    case 'date':
      return type.unit === 'day' ? 4 : 8;
    case 'interval':
      return { yearMonth: 4, dayTime: 8, monthDayNano: 16 }[type.unit];
    case 'fixedSizeBinary':
      return type.widthBytes;
    default:
      return undefined;
  }
}

const SIMPLE_NAMES: Partial<Record<ArrowType['kind'], string>> = {
  null: 'Null',
  bool: 'Boolean',
  utf8: 'Utf8',
  largeUtf8: 'LargeUtf8',
  utf8View: 'Utf8View',
  binary: 'Binary',
  largeBinary: 'LargeBinary',
  binaryView: 'BinaryView',
  list: 'List',
  largeList: 'LargeList',
  listView: 'ListView',
  largeListView: 'LargeListView',
  map: 'Map',
};

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function formatFields(fields: readonly ArrowField[]): string {
  return fields.map((field) => `${field.name}: ${formatType(field.type)}`).join(', ');
}

/** The name of the type, for example `Timestamp(Nanosecond, "+00:00")` or `Dictionary(Int32, Utf8)`. */
export function formatType(type: ArrowType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? 'Int' : 'UInt'}${type.bits}`;
    case 'float':
      return `Float${type.bits}`;
    case 'fixedSizeBinary':
      return `FixedSizeBinary(${type.widthBytes})`;
    case 'decimal':
      return `Decimal${type.bits}(${type.precision}, ${type.scale})`;
    case 'date':
      return type.unit === 'day' ? 'Date32' : 'Date64';
    case 'time':
      return `Time${type.bits}(${capital(type.unit)})`;
    case 'timestamp':
      return `Timestamp(${capital(type.unit)}, ${type.timezone === undefined ? 'None' : `"${type.timezone}"`})`;
    case 'duration':
      return `Duration(${capital(type.unit)})`;
    case 'interval':
      return `Interval(${capital(type.unit)})`;
    case 'list':
    case 'largeList':
    case 'listView':
    case 'largeListView':
    case 'map':
      return `${SIMPLE_NAMES[type.kind]}(${formatType(type.item.type)})`;
    case 'fixedSizeList':
      return `FixedSizeList(${type.size} x ${formatType(type.item.type)})`;
    case 'struct':
      return `Struct(${formatFields(type.fields)})`;
    case 'union':
      return `Union(${type.dense ? 'Dense' : 'Sparse'}, ${formatFields(type.fields)})`;
    case 'runEndEncoded':
      return `RunEndEncoded(${formatType(type.runEnds.type)}, ${formatType(type.values.type)})`;
    case 'dictionary':
      return `Dictionary(${formatType(type.index)}, ${formatType(type.value)})`;
    default:
      return SIMPLE_NAMES[type.kind] ?? type.kind;
  }
}

/** Types of the children of a nested type. Empty for all other types. */
export function childTypes(type: ArrowType): ArrowType[] {
  switch (type.kind) {
    case 'list':
    case 'largeList':
    case 'listView':
    case 'largeListView':
    case 'map':
    case 'fixedSizeList':
      return [type.item.type];
    case 'struct':
    case 'union':
      return type.fields.map((field) => field.type);
    case 'runEndEncoded':
      return [type.runEnds.type, type.values.type];
    default:
      return [];
  }
}
