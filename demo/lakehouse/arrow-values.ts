/** Builds Arrow arrays from plain values, buffer by buffer (Arrow columnar format). */
import {
  type Data,
  DataType,
  type Dictionary,
  type FixedSizeBinary,
  type Int32,
  type List,
  makeData,
  type Map_,
  type Struct,
  type Type,
  vectorFromArray,
  makeVector,
} from 'apache-arrow';

/**
 * A value of a column: a string, number, bigint, boolean or bytes, according to the type of the column. A list is an
 * array, a map is an array of pairs, and a struct is a record. Times are bigints in the unit of the type, and decimals
 * are bigints without the decimal point.
 */
export type Plain = null | string | number | bigint | boolean | Uint8Array | Plain[] | { [name: string]: Plain };

/** The Arrow data of a column. @param values One value per row. */
export function encodeArray(type: DataType, values: readonly Plain[]): Data {
  if (DataType.isDictionary(type)) {
    return encodeDictionary(type, values);
  }
  if (DataType.isUtf8(type)) {
    return encodeVariable(type, values, (value) => Buffer.from(String(value)));
  }
  if (DataType.isBinary(type)) {
    return encodeVariable(type, values, (value) => value as Uint8Array);
  }
  if (DataType.isFixedSizeBinary(type)) {
    return encodeFixedBytes(type, values);
  }
  if (DataType.isList(type)) {
    return encodeList(type, values);
  }
  if (DataType.isMap(type)) {
    return encodeMap(type, values);
  }
  if (DataType.isStruct(type)) {
    return encodeStruct(type, values);
  }
  if (DataType.isNull(type)) {
    return makeData({ type, length: values.length });
  }
  return encodeFixed(type, values);
}

interface Validity {
  length: number;
  nullCount: number;
  nullBitmap: Uint8Array | undefined;
}

function validity(values: readonly Plain[]): Validity {
  const bitmap = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  values.forEach((value, row) => {
    if (value === null) {
      nullCount += 1;
    } else {
      bitmap[row >> 3]! |= 1 << (row & 7);
    }
  });
  return { length: values.length, nullCount, nullBitmap: nullCount === 0 ? undefined : bitmap };
}

function encodeVariable(type: DataType, values: readonly Plain[], bytesOf: (value: Plain) => Uint8Array): Data {
  const pieces = values.map((value) => (value === null ? new Uint8Array(0) : bytesOf(value)));
  const valueOffsets = offsets(pieces.map((piece) => piece.length));
  return makeData({ type, ...validity(values), valueOffsets, data: Buffer.concat(pieces) } as Parameters<
    typeof makeData
  >[0]);
}

function offsets(lengths: readonly number[]): Int32Array {
  const result = new Int32Array(lengths.length + 1);
  lengths.forEach((length, index) => (result[index + 1] = result[index]! + length));
  return result;
}

function encodeFixedBytes(type: FixedSizeBinary, values: readonly Plain[]): Data {
  const data = new Uint8Array(values.length * type.byteWidth);
  values.forEach((value, row) => {
    if (value instanceof Uint8Array) {
      data.set(value.subarray(0, type.byteWidth), row * type.byteWidth);
    }
  });
  return makeData({ type, ...validity(values), data });
}

function encodeDictionary(type: Dictionary, values: readonly Plain[]): Data {
  const known = new Map<string, number>();
  const distinct: Plain[] = [];
  const indices = Int32Array.from(values, (value) => {
    if (value === null) {
      return 0;
    }
    const key = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
    const index = known.get(key) ?? distinct.push(value) - 1;
    known.set(key, index);
    return index;
  });
  const dictionary = makeVector(encodeArray(type.dictionary, distinct));
  return makeData({ type: type as Dictionary<DataType, Int32>, ...validity(values), data: indices, dictionary });
}

function encodeList(type: List, values: readonly Plain[]): Data {
  const lists = values.map((value) => (Array.isArray(value) ? value : []));
  const child = encodeArray(type.children[0]!.type, lists.flat() as Plain[]);
  return makeData({ type, ...validity(values), valueOffsets: offsets(lists.map(({ length }) => length)), child });
}

function encodeMap(type: Map_, values: readonly Plain[]): Data {
  const maps = values.map((value) => (Array.isArray(value) ? (value as Plain[][]) : []));
  const pairs = maps.flat();
  const entries = type.children[0]!.type as Struct;
  const [key, value] = entries.children;
  const children = [
    encodeArray(
      key!.type,
      pairs.map((pair) => pair[0] ?? null)
    ),
    encodeArray(
      value!.type,
      pairs.map((pair) => pair[1] ?? null)
    ),
  ];
  const child = makeData({ type: entries, length: pairs.length, nullCount: 0, children });
  return makeData({
    type,
    ...validity(values),
    valueOffsets: offsets(maps.map(({ length }) => length)),
    child,
  } as Parameters<typeof makeData>[0]);
}

function encodeStruct(type: Struct, values: readonly Plain[]): Data {
  const children = type.children.map((field) =>
    encodeArray(
      field.type,
      values.map((value) => (value as { [name: string]: Plain } | null)?.[field.name] ?? null)
    )
  );
  return makeData({ type, ...validity(values), children });
}

/**
 * The data of a type of fixed width, such as a number or a time. If `fixedBuffer` does not know the type,
 * `apache-arrow` builds the array.
 */
function encodeFixed(type: DataType, values: readonly Plain[]): Data {
  const typed = fixedBuffer(type, values);
  if (typed !== undefined) {
    return makeData({ type, ...validity(values), data: typed } as Parameters<typeof makeData>[0]);
  }
  if (values.length === 0) {
    return makeData({ type, length: 0 } as Parameters<typeof makeData>[0]);
  }
  return vectorFromArray(values, type as DataType<Type>).data[0]!;
}

function fixedBuffer(type: DataType, values: readonly Plain[]): ArrayBufferView | undefined {
  if (DataType.isBool(type)) {
    const bits = new Uint8Array((values.length + 7) >> 3);
    values.forEach((value, row) => (bits[row >> 3]! |= value === true ? 1 << (row & 7) : 0));
    return bits;
  }
  if (DataType.isDecimal(type)) {
    return words128(values.map((value) => BigInt(value as bigint)));
  }
  if (DataType.isInterval(type)) {
    return intervalWords(values);
  }
  if (typeof type.ArrayType !== 'function') {
    return undefined;
  }
  const array = new (type.ArrayType as new (length: number) => { [index: number]: number | bigint } & ArrayBufferView)(
    values.length
  );
  const zero = array instanceof BigInt64Array || array instanceof BigUint64Array ? 0n : 0;
  values.forEach((value, row) => (array[row] = (value ?? zero) as number));
  return array;
}

function words128(values: readonly bigint[]): Uint32Array {
  const bytes = new BigInt64Array(values.length * 2);
  values.forEach((value, row) => {
    bytes[row * 2] = BigInt.asIntN(64, value);
    bytes[row * 2 + 1] = BigInt.asIntN(64, value >> 64n);
  });
  return new Uint32Array(bytes.buffer);
}

/** Months and days as 32-bit, nanoseconds as 64-bit integers. */
function intervalWords(values: readonly Plain[]): Int32Array {
  const words = new Int32Array(values.length * 4);
  const view = new DataView(words.buffer);
  values.forEach((value, row) => {
    const [months = 0, days = 0, nanoseconds = 0n] = (value ?? []) as [number?, number?, bigint?];
    view.setInt32(row * 16, months, true);
    view.setInt32(row * 16 + 4, days, true);
    view.setBigInt64(row * 16 + 8, nanoseconds, true);
  });
  return words;
}
