/**
 * Chooses the converter for an Arrow type. Grafana can read only some of Arrow's types: the plain kinds.
 *
 * | Arrow | plain |
 * |---|---|
 * | integers, Float32/64, Boolean, Utf8, Timestamp(ns) | unchanged |
 * | LargeUtf8, Utf8View | utf8 |
 * | Timestamp(s, ms, us), Date32, Date64 | timestamp; a time before 1677 or after 2262 becomes null |
 * | Time32, Time64, Duration | int64, nanoseconds |
 * | Float16 | float32 |
 * | Decimal | float64 |
 * | Binary of any layout | JSON if it contains JSONB, else base64 |
 * | FixedSizeBinary | hexadecimal string, as `encode(x, 'hex')` gives |
 * | List, Struct, Map, Union, run-end encoded | JSON |
 * | Interval | ISO 8601 |
 * | Null | utf8, all null |
 * | Dictionary | its values, converted; strings become utf8View if the reader supports it |
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type ArrowType } from './arrow-type';
import { cellJson, writeCell } from './cell-json';
import { cellBytes, intervalCell } from './cell-values';
import { type ColumnConverter, type ConversionContext } from './column-converter';
import { checkConversion, conversionBytes, isTextual } from './conversion-size';
import { BinaryConverter } from './convert-binary';
import { decimalToDouble, halfToSingle, scaleToNs } from './convert-numbers';
import { DictionaryConverter } from './convert-dictionary';
import { type ByteSink } from './byte-sink';
import { PLAIN_NUMBERS } from './json-values';
import { NS_PER_UNIT } from './format-value';
import { MAX_STRING_BYTES, nulls, type PlainColumn, type PlainKind, relabel } from './plain-column';
import { StringColumnBuilder } from './string-column-builder';
import { isPresent, type Vector } from './vector';

const NS_PER_DAY = 86_400_000_000_000n;

const silentContext = (memory: MemoryAccount): ConversionContext => ({
  report: () => undefined,
  numbers: PLAIN_NUMBERS,
  memory,
});

/**
 * Creates a converter for one column of one result. The converter keeps state from batch to batch.
 */
export function createConverter(type: ArrowType, context: ConversionContext): ColumnConverter {
  const { report, numbers, memory } = context;
  switch (type.kind) {
    case 'int':
      return unchanged(`${type.signed ? 'int' : 'uint'}${type.bits}`);
    case 'float':
      return type.bits === 16
        ? converter('float32', (vector) => halfToSingle(vector, memory))
        : unchanged(`float${type.bits}`);
    case 'bool':
    case 'utf8':
      return unchanged(type.kind);
    case 'null':
      return converter('utf8', (vector) => nulls('utf8', vector.length, memory));
    case 'timestamp':
      return type.unit === 'nanosecond' ? unchanged('timestamp') : toTimestamp(64, NS_PER_UNIT[type.unit], context);
    case 'date':
      return type.unit === 'day'
        ? toTimestamp(32, NS_PER_DAY, context)
        : toTimestamp(64, NS_PER_UNIT.millisecond, context);
    case 'duration':
      return toDuration(64, NS_PER_UNIT[type.unit], context);
    case 'time':
      return toDuration(type.bits, NS_PER_UNIT[type.unit], context);
    case 'decimal':
      return converter('float64', (vector) =>
        decimalToDouble(vector, type.bits, type.scale, memory, () =>
          report(
            'holds decimals with more digits than a number can show; they are rounded. Cast the column to text to see all digits.'
          )
        )
      );
    case 'binary':
    case 'largeBinary':
    case 'binaryView':
      return new BinaryConverter(context);
    case 'largeUtf8':
    case 'utf8View':
      return textual('utf8', memory, (vector, row, sink) => {
        const bytes = cellBytes(vector, row);
        sink.copy(bytes, 0, bytes.length);
      });
    case 'fixedSizeBinary':
      return textual('utf8', memory, (vector, row, sink) =>
        sink.string(Buffer.from(cellBytes(vector, row)).toString('hex'))
      );
    case 'interval':
      return textual('utf8', memory, (vector, row, sink) => sink.string(intervalCell(vector, row)));
    case 'dictionary':
      return new DictionaryConverter(
        type,
        createConverter(type.value, { ...context, stringViews: false }),
        memory,
        context.stringViews
      );
    default:
      return textual('json', memory, (vector, row, sink) => {
        const start = sink.length;
        writeCell(vector, row, sink, numbers);
        return hasNoValidity(vector) && isNullJson(sink, start);
      });
  }
}

/**
 * Creates a converter that keeps the bytes of strings and binary values. It resolves dictionaries.
 *
 * @param type A string or binary type, or a dictionary of strings or binary values.
 */
export function createRawConverter(type: ArrowType, memory: MemoryAccount): ColumnConverter {
  return createConverter(asString(type), silentContext(memory));
}

/**
 * Creates a converter that turns values of any type into strings. A string keeps its bytes; any other value becomes the
 * output of `cellJson`, which is slower, because each value becomes a JavaScript string.
 */
export function createStringConverter(type: ArrowType, memory: MemoryAccount): ColumnConverter {
  if (type.kind === 'dictionary') {
    return new DictionaryConverter(type, createStringConverter(type.value, memory), memory);
  }
  if (isTextual(type)) {
    return createRawConverter(type, memory);
  }
  return textual('utf8', memory, (vector, row, sink) => {
    const json = cellJson(vector, row, memory);
    sink.string(unquoted(json));
    return hasNoValidity(vector) && json === 'null';
  });
}

function unquoted(json: string): string {
  const value: unknown = json.startsWith('"') ? JSON.parse(json) : undefined;
  return typeof value === 'string' ? value : json;
}

function asString(type: ArrowType): ArrowType {
  switch (type.kind) {
    case 'dictionary':
      return { ...type, value: asString(type.value) };
    case 'binary':
      return { kind: 'utf8' };
    case 'largeBinary':
      return { kind: 'largeUtf8' };
    case 'binaryView':
      return { kind: 'utf8View' };
    default:
      return type;
  }
}

function converter(
  kind: PlainKind,
  convert: (vector: Vector) => PlainColumn,
  unit?: 'ns',
  passesThrough = false
): ColumnConverter {
  return { kind, unit, passesThrough, convert };
}

function unchanged(kind: PlainKind): ColumnConverter {
  return converter(kind, (vector) => relabel(vector, kind), undefined, true);
}

function toTimestamp(bits: 32 | 64, factor: bigint, { report, memory }: ConversionContext): ColumnConverter {
  return converter('timestamp', (vector) =>
    scaleToNs(vector, bits, factor, 'timestamp', memory, () =>
      report('holds times outside of the years 1677 to 2262, which Grafana cannot show; they are shown as empty.')
    )
  );
}

function toDuration(bits: 32 | 64, factor: bigint, { report, memory }: ConversionContext): ColumnConverter {
  if (factor === 1n) {
    return converter('int64', (vector) => relabel(vector, 'int64'), 'ns', true);
  }
  const convert = (vector: Vector) =>
    scaleToNs(vector, bits, factor, 'int64', memory, () =>
      report('holds durations that are too long for nanoseconds; they are shown as empty.')
    );
  return converter('int64', convert, 'ns');
}

/** @param write Writes the string of a row. Returns true if the row is null, but no validity bitmap says so. */
function textual(
  kind: 'utf8' | 'json',
  memory: MemoryAccount,
  write: (vector: Vector, row: number, sink: ByteSink) => boolean | void
): ColumnConverter {
  return converter(kind, (vector) => {
    checkConversion(conversionBytes(vector), MAX_STRING_BYTES);
    const builder = new StringColumnBuilder(memory, vector.length);
    for (let row = 0; row < vector.length; row++) {
      if (isPresent(vector.validity, row) && write(vector, row, builder.sink) !== true) {
        builder.end();
      } else {
        builder.endNull();
      }
    }
    return builder.finish(kind);
  });
}

const NULL_JSON = Buffer.from('null');

/** True when the bytes after `start` are the JSON `null`. The string "null" has quotes in JSON and does not match. */
function isNullJson(sink: ByteSink, start: number): boolean {
  return (
    sink.length - start === NULL_JSON.length && NULL_JSON.every((byte, index) => sink.written[start + index] === byte)
  );
}

/** True for types that may have null rows, but have no validity bitmap. */
function hasNoValidity(vector: Vector): boolean {
  return ['null', 'union', 'runEndEncoded'].includes(vector.type.kind);
}
