/**
 * Columns of generated tables. A function returns the value of each row; the reference implementation of Arrow encodes
 * the values.
 *
 * The types are those of Micromegas: repeated strings and property bags are dictionaries with Int32 indices for clients
 * that set `preserve_dictionary`, and plain arrays for other clients.
 */
import {
  Binary,
  type Data,
  type DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  TimestampNanosecond,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';

export const START_NS = 1_767_225_600_000_000_000n;

const EMPTY_ARRAY = Uint8Array.of(0x80, 0, 0, 0);

export type Column =
  /** Milliseconds after `START_NS`. */
  | { kind: 'time'; atMs: (row: number) => number }
  /** Nanoseconds after `START_NS`. */
  | { kind: 'time-ns'; atNs: (row: number) => number }
  | { kind: 'float'; at: (row: number) => number }
  | { kind: 'int64'; at: (row: number) => bigint }
  | { kind: 'uint32'; at: (row: number) => number }
  | { kind: 'int'; at: (row: number) => number }
  /** Strings. Never a dictionary. */
  | { kind: 'text'; at: (row: number) => string }
  /** Repeated strings. A dictionary for clients that set `preserve_dictionary`. */
  | { kind: 'word'; at: (row: number) => string }
  /** JSONB objects `{"k": "<string>"}`. */
  | { kind: 'bag'; at: (row: number) => string }
  /** Empty JSONB arrays. Never a dictionary. */
  | { kind: 'no-items' }
  /** Lists of one string. */
  | { kind: 'list'; at: (row: number) => string };

/** A column that uses the same type object for all batches, so that the id of its dictionary stays the same. */
export interface TypedColumn {
  field: Field;
  /** The values of `rows` rows from `start` on. */
  data: (start: number, rows: number) => Data;
}

export function typedColumn(name: string, column: Column, keepsDictionaries: boolean): TypedColumn {
  switch (column.kind) {
    case 'time':
      return numbers(name, new TimestampNanosecond('+00:00'), (start, rows) =>
        BigInt64Array.from({ length: rows }, (_, row) => START_NS + BigInt(column.atMs(start + row)) * 1_000_000n)
      );
    case 'time-ns':
      return numbers(name, new TimestampNanosecond('+00:00'), (start, rows) =>
        BigInt64Array.from({ length: rows }, (_, row) => START_NS + BigInt(column.atNs(start + row)))
      );
    case 'int64':
      return numbers(name, new Int64(), (start, rows) =>
        BigInt64Array.from({ length: rows }, (_, row) => column.at(start + row))
      );
    case 'uint32':
      return numbers(name, new Uint32(), (start, rows) =>
        Uint32Array.from({ length: rows }, (_, row) => column.at(start + row))
      );
    case 'float':
      return numbers(name, new Float64(), (start, rows) =>
        Float64Array.from({ length: rows }, (_, row) => column.at(start + row))
      );
    case 'int':
      return numbers(name, new Int32(), (start, rows) =>
        Int32Array.from({ length: rows }, (_, row) => column.at(start + row))
      );
    case 'text':
      return plain(name, new Utf8(), column.at);
    case 'word':
      return keepsDictionaries ? coded(name, new Utf8(), column.at, column.at) : plain(name, new Utf8(), column.at);
    case 'bag': {
      const bag = (row: number) => jsonbBag(column.at(row));
      return keepsDictionaries ? coded(name, new Binary(), bag, column.at) : plain(name, new Binary(), bag);
    }
    case 'no-items':
      return plain(name, new Binary(), () => EMPTY_ARRAY);
    case 'list':
      return plain(name, new List(new Field('item', new Utf8(), true)), (row) => [column.at(row)]);
  }
}

function numbers(
  name: string,
  type: TimestampNanosecond | Float64 | Int64 | Int32 | Uint32,
  values: (start: number, rows: number) => BigInt64Array | Float64Array | Int32Array | Uint32Array
): TypedColumn {
  return {
    field: new Field(name, type, true),
    data: (start, rows) => dataOf({ type, length: rows, nullCount: 0, data: values(start, rows) }),
  };
}

function plain<T>(name: string, type: Utf8 | Binary | List, at: (row: number) => T): TypedColumn {
  return {
    field: new Field(name, type, true),
    data: (start, rows) =>
      arrayOf(
        type,
        Array.from({ length: rows }, (_, row) => at(start + row))
      ),
  };
}

/** @param keyAt Returns a key that identifies the value of a row. */
function coded<T>(
  name: string,
  valueType: Utf8 | Binary,
  at: (row: number) => T,
  keyAt: (row: number) => string
): TypedColumn {
  const type = new Dictionary(valueType, new Int32());
  const data = (start: number, rows: number): Data => {
    const codes = new Map<string, number>();
    const values: T[] = [];
    const indices = Int32Array.from({ length: rows }, (_, row) => {
      const key = keyAt(start + row);
      const known = codes.get(key);
      if (known !== undefined) {
        return known;
      }
      codes.set(key, values.length);
      return values.push(at(start + row)) - 1;
    });
    const dictionary = vectorFromArray<DataType>(values, valueType);
    return dataOf({ type, length: rows, nullCount: 0, data: indices, dictionary });
  };
  return { field: new Field(name, type, true), data };
}

/**
 * The TypeScript types of apache-arrow require a separate call of `makeData` for each Arrow type. The implementation of
 * `makeData` accepts any type.
 */
function dataOf(properties: Record<string, unknown>): Data {
  return makeData(properties as never);
}

function arrayOf(type: Utf8 | Binary | List, values: unknown[]): Data {
  const [data] = vectorFromArray<DataType>(values, type).data;
  if (data === undefined) {
    throw new Error('The column has no rows.');
  }
  return data;
}

/** Encodes the JSONB object `{"k": "<string>"}`. @param json At most 255 bytes. */
function jsonbBag(json: string): Uint8Array {
  const value = Buffer.from(json);
  return Uint8Array.of(0x40, 0, 0, 1, 0x10, 0, 0, 1, 0x10, 0, 0, value.length, 0x6b, ...value);
}
