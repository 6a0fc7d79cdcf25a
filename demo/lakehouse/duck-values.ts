/** Converts DuckDB's types and values to Micromegas's Arrow types and the plain values of their arrays. */
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  IntervalMonthDayNano,
  List,
  Map_,
  Null,
  Struct,
  TimeMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from 'apache-arrow';
import { type Plain } from './arrow-values';
import { encodeJsonString } from './jsonb';

/** True for DuckDB's JSON type, which is sent as JSONB bytes. */
export function isJson(type: DuckDBType): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON';
}

/** The Arrow types of scalar values. Values of scalar types that are not listed are sent as strings. */
const SCALARS: ReadonlyMap<DuckDBTypeId, () => DataType> = new Map<DuckDBTypeId, () => DataType>([
  [DuckDBTypeId.BOOLEAN, () => new Bool()],
  [DuckDBTypeId.TINYINT, () => new Int8()],
  [DuckDBTypeId.SMALLINT, () => new Int16()],
  [DuckDBTypeId.INTEGER, () => new Int32()],
  [DuckDBTypeId.BIGINT, () => new Int64()],
  // DuckDB's type for a sum of integers. In DataFusion, this sum is an Int64.
  [DuckDBTypeId.HUGEINT, () => new Int64()],
  [DuckDBTypeId.UTINYINT, () => new Uint8()],
  [DuckDBTypeId.USMALLINT, () => new Uint16()],
  [DuckDBTypeId.UINTEGER, () => new Uint32()],
  [DuckDBTypeId.UBIGINT, () => new Uint64()],
  [DuckDBTypeId.FLOAT, () => new Float32()],
  [DuckDBTypeId.DOUBLE, () => new Float64()],
  [DuckDBTypeId.DATE, () => new DateDay()],
  [DuckDBTypeId.TIME, () => new TimeMicrosecond()],
  [DuckDBTypeId.TIMESTAMP_TZ, () => new TimestampNanosecond('+00:00')],
  [DuckDBTypeId.TIMESTAMP, () => new TimestampNanosecond()],
  [DuckDBTypeId.TIMESTAMP_NS, () => new TimestampNanosecond()],
  [DuckDBTypeId.TIMESTAMP_MS, () => new TimestampMillisecond()],
  [DuckDBTypeId.TIMESTAMP_S, () => new TimestampSecond()],
  [DuckDBTypeId.INTERVAL, () => new IntervalMonthDayNano()],
  [DuckDBTypeId.BLOB, () => new Binary()],
  [DuckDBTypeId.SQLNULL, () => new Null()],
]);

/** The Arrow type in which values of a DuckDB type are sent. */
export function arrowTypeOf(type: DuckDBType): DataType {
  if (isJson(type)) {
    return new Binary();
  }
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return new Decimal(type.scale, type.width, 128);
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return new List(new Field('item', arrowTypeOf(type.valueType), true));
    case DuckDBTypeId.STRUCT:
      return new Struct(
        type.entryNames.map((name, index) => new Field(name, arrowTypeOf(type.entryTypes[index]!), true))
      );
    case DuckDBTypeId.MAP:
      return new Map_(
        new Field(
          'entries',
          new Struct<{ key: DataType; value: DataType }>([
            new Field('key', arrowTypeOf(type.keyType), false),
            new Field('value', arrowTypeOf(type.valueType), true),
          ]),
          false
        )
      );
    default:
      return SCALARS.get(type.typeId)?.() ?? new Utf8();
  }
}

/**
 * The value as `encodeArray` expects it for the Arrow type of `type`.
 *
 * @throws {RangeError} if a sum does not fit into 64 bits.
 */
export function plainValue(type: DuckDBType, value: DuckDBValue): Plain {
  if (value === null) {
    return null;
  }
  if (isJson(type)) {
    return encodeJsonString(String(value));
  }
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return itemsOf(value).map((item) => plainValue(type.valueType, item));
    case DuckDBTypeId.STRUCT:
      return structValue(type.entryNames, type.entryTypes, value);
    case DuckDBTypeId.MAP:
      return value instanceof DuckDBMapValue
        ? value.entries.map((entry) => [plainValue(type.keyType, entry.key), plainValue(type.valueType, entry.value)])
        : [];
    case DuckDBTypeId.HUGEINT:
      return int64(value as bigint);
    default:
      return scalar(type, value);
  }
}

function itemsOf(value: DuckDBValue): readonly DuckDBValue[] {
  return value instanceof DuckDBListValue || value instanceof DuckDBArrayValue ? value.items : [];
}

function structValue(names: readonly string[], types: readonly DuckDBType[], value: DuckDBValue): Plain {
  const entries = value instanceof DuckDBStructValue ? value.entries : {};
  return Object.fromEntries(names.map((name, index) => [name, plainValue(types[index]!, entries[name] ?? null)]));
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) {
    throw new RangeError('Overflow happened on: sum');
  }
  return value;
}

function scalar(type: DuckDBType, value: DuckDBValue): Plain {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'bigint') {
    return SCALARS.has(type.typeId) ? value : String(value);
  }
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) {
    return value.micros * 1000n;
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return value.nanos;
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) {
    return value.millis;
  }
  if (value instanceof DuckDBTimestampSecondsValue) {
    return value.seconds;
  }
  if (value instanceof DuckDBDateValue) {
    return value.days;
  }
  if (value instanceof DuckDBTimeValue) {
    return value.micros;
  }
  if (value instanceof DuckDBDecimalValue) {
    return value.value;
  }
  if (value instanceof DuckDBBlobValue) {
    return value.bytes;
  }
  if (value instanceof DuckDBIntervalValue) {
    return [value.months, value.days, value.micros * 1000n];
  }
  return String(value);
}
