/** Reads the columns of a batch of rows by name, as JavaScript values. */
import { StringMap } from '../../../contract/string-map';
import { isInstanceId } from '../../../contract/resources/lookups';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32 } from '../../observe/memory/typed-arrays';
import {
  type ArrowSchema,
  asInt64,
  cellBytes,
  cellJson,
  type ColumnConverter,
  createRawConverter,
  createStringConverter,
  type Dictionary,
  DictionaryConverter,
  dictionaryIndices,
  hasBit,
  isPresent,
  type PlainColumn,
  stringOffsets,
  type Vector,
} from '../../frames/arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { stringBytes } from './heap-count';
import { type ResultColumns } from './result-columns';

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Estimated bytes of the objects that are built from JSON, per character. */
const TIMES_JSON = 4;
/** Length of a UUID with dashes. */
const UUID_BYTES = 36;
/** The dictionary index of a null. */
const NULL_INDEX = -1;
const BINARY: ReadonlySet<string> = new Set(['binary', 'largeBinary', 'binaryView', 'fixedSizeBinary']);

/** Reads a JSON column with `read`, and caches values of dictionaries. Use one object for all batches of a result. */
export class JsonColumn<T> {
  readonly #known = new WeakMap<Dictionary, Map<number, { value: T }>>();

  /** @param read Called once for each value of a dictionary, and for each row of a column without a dictionary. */
  constructor(
    readonly name: string,
    readonly read: (json: string) => T
  ) {}

  /** The values of a dictionary that were already read, by index. */
  known(dictionary: Dictionary): Map<number, { value: T }> {
    const known = this.#known.get(dictionary) ?? new Map<number, { value: T }>();
    this.#known.set(dictionary, known);
    return known;
  }
}

/** Converters and dictionary strings that the batches of one result share. */
export class RowColumns {
  readonly #memory: MemoryAccount;
  readonly #converters = new StringMap<ColumnConverter>();
  readonly #strings = new WeakMap<PlainColumn, (index: number) => string | undefined>();
  readonly #decoded = new StringMap<{ of: object; heapBytes: number }>();
  #heapBytes = 0;

  /**
   * @param memory Account of the result.
   * @param readable The columns that can be read. Default: all.
   */
  constructor(
    readonly schema: ArrowSchema,
    memory: MemoryAccount,
    readonly readable?: ResultColumns
  ) {
    this.#memory = memory;
  }

  get memory(): MemoryAccount {
    return this.#memory;
  }

  index(name: string): number {
    const isReadable = this.readable === undefined || Object.hasOwn(this.readable, name);
    return isReadable ? this.schema.fields.findIndex((field) => field.name === name) : -1;
  }

  /** The converter of a column, either to plain values of its type or to strings. */
  converter(name: string, as: 'raw' | 'text'): ColumnConverter {
    const key = `${as} ${name}`;
    const { type } = this.schema.fields[this.index(name)];
    const found =
      this.#converters.get(key) ??
      (as === 'raw' ? createRawConverter(type, this.#memory) : createStringConverter(type, this.#memory));
    this.#converters.set(key, found);
    return found;
  }

  /**
   * Returns a function that reads a value of a dictionary by index. A value is decoded when it is first read.
   *
   * @param maxBytes Of longer strings, only this number of bytes is read.
   */
  dictionaryStrings(name: string, values: PlainColumn, maxBytes: number): (index: number) => string | undefined {
    const known = this.#strings.get(values);
    if (known !== undefined) {
      return known;
    }
    const strings: Array<string | undefined> = [];
    const decode = stringReader(values, maxBytes);
    const read = (index: number) => {
      const decoded = strings[index];
      if (decoded !== undefined) {
        return decoded;
      }
      const string = decode(index);
      strings[index] = string;
      this.count(name, values, stringBytes(string));
      return string;
    };
    this.#strings.set(values, read);
    return read;
  }

  /**
   * Counts the bytes of objects that are built from a dictionary. When the column gets a new dictionary, the objects of
   * the old dictionary no longer count.
   */
  count(name: string, dictionary: object, heapBytes: number): void {
    const last = this.#decoded.get(name);
    const before = last?.of === dictionary ? last.heapBytes : 0;
    this.#decoded.set(name, { of: dictionary, heapBytes: before + heapBytes });
    this.#heapBytes += before + heapBytes - (last?.heapBytes ?? 0);
    this.#memory.note(0, this.#heapBytes);
  }
}

/**
 * A batch of rows. It is valid until the next batch is read. The methods that read a column return an array, or a
 * function that takes a row from 0 to `length - 1`.
 */
export class RowBatch {
  readonly #columns: RowColumns;
  readonly #vectors: readonly Vector[];

  constructor(
    columns: RowColumns,
    vectors: readonly Vector[],
    readonly length: number
  ) {
    this.#columns = columns;
    this.#vectors = vectors;
  }

  /**
   * The strings of a column of any type. Numbers become digits, timestamps become RFC 3339, and bytes of a fixed size
   * become hexadecimal digits. Undefined for null.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column.
   */
  strings(name: string): (row: number) => string | undefined {
    return this.#strings(name, Infinity);
  }

  /** @param maxBytes Of longer strings, only this number of bytes is read. */
  #strings(name: string, maxBytes: number): (row: number) => string | undefined {
    const vector = this.#vector(name);
    const converter = this.#columns.converter(name, 'text');
    if (!(converter instanceof DictionaryConverter)) {
      return stringReader(converter.convert(vector), maxBytes);
    }
    const values = converter.values(vector.dictionary ?? { chunks: [] });
    const stringAt = this.#columns.dictionaryStrings(name, values, maxBytes);
    const indices = converter.indices(vector);
    return (row) => {
      if (!isPresent(vector.validity, row)) {
        return undefined;
      }
      const index = indices[row];
      if (index < 0 || index >= values.length) {
        throw malformed('an index is outside of its dictionary');
      }
      return stringAt(index);
    };
  }

  /**
   * The ids of processes, streams or blocks.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column. The returned function throws this error for an id
   *   that is not a UUID.
   */
  ids(name: string): (row: number) => string {
    const strings = this.#strings(name, UUID_BYTES + 1);
    let last: string | undefined;
    return (row) => {
      const id = strings(row);
      if (id === undefined || (id !== last && !isInstanceId(id))) {
        throw malformed(`the column ${name} has an id that is not a UUID`);
      }
      last = id;
      return id;
    };
  }

  /** Numbers of any width. NaN for null. 64-bit integers are rounded beyond 2^53. */
  numbers(name: string): Float64Array {
    const vector = this.#vector(name);
    const column = this.#columns.converter(name, 'raw').convert(vector);
    const read = numberReader(column);
    if (read === undefined) {
      throw malformed(`the column ${name} has no numbers`);
    }
    const numbers = new Float64Array(this.length);
    for (let row = 0; row < numbers.length; row++) {
      numbers[row] = isPresent(column.validity, row) ? read(row) : Number.NaN;
    }
    return numbers;
  }

  /**
   * The numbers of a column of counts.
   *
   * @throws {ProxyError} 'result_malformed' for a value that is null, negative or no integer.
   */
  counts(name: string): Float64Array {
    const counts = this.numbers(name);
    if (!counts.every((count) => Number.isInteger(count) && count >= 0)) {
      throw malformed(`the column ${name} has a value that is not a count`);
    }
    return counts;
  }

  /** 64-bit integers, or times in nanoseconds since 1970. Zero for null. The array is valid as long as the batch. */
  int64(name: string): BigInt64Array {
    const vector = this.#vector(name);
    const column = this.#columns.converter(name, 'raw').convert(vector);
    if (column.kind !== 'int64' && column.kind !== 'timestamp' && column.kind !== 'uint64') {
      throw malformed(`the column ${name} has no 64-bit integers`);
    }
    const { validity } = column;
    const values = asInt64(column.values, this.length);
    // Arrow does not define the values of null rows.
    return validity === null ? values : values.map((value, row) => (isPresent(validity, row) ? value : 0n));
  }

  /**
   * The results of `column.read` for a column of JSONB, lists or structs. `read` gets the JSON of a row, with all
   * digits of integers. The JSON of null is `null`.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column.
   */
  json<T>(column: JsonColumn<T>): (row: number) => T {
    const { name, read } = column;
    const vector = this.#vector(name);
    const { memory } = this.#columns;
    const { type, dictionary } = vector;
    if (type.kind !== 'dictionary' || dictionary === null) {
      return (row) => read(cellJson(vector, row, memory));
    }
    const indices = dictionaryIndices(vector.buffers[0], vector.length, type.index, (length) =>
      scratchInt32(memory, length)
    );
    const known = column.known(dictionary);
    return (row) => {
      const index = isPresent(vector.validity, row) ? indices[row] : NULL_INDEX;
      const found = known.get(index);
      if (found !== undefined) {
        return found.value;
      }
      const json = cellJson(vector, row, memory);
      const value = read(json);
      known.set(index, { value });
      this.#columns.count(`json ${name}`, dictionary, json.length * TIMES_JSON);
      return value;
    };
  }

  /** The bytes of a binary column as views. Empty for null. */
  bytes(name: string): (row: number) => Uint8Array {
    const vector = this.#vector(name);
    if (!BINARY.has(vector.type.kind)) {
      throw malformed(`the column ${name} is not binary`);
    }
    return (row) => (isPresent(vector.validity, row) ? cellBytes(vector, row) : new Uint8Array());
  }

  #vector(name: string): Vector {
    const vector: Vector | undefined = this.#vectors[this.#columns.index(name)];
    if (vector === undefined) {
      throw malformed(`the result has no column ${name}`);
    }
    return vector;
  }
}

function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail });
}

/**
 * Reads the rows of a string column. The offsets of the column are checked only once.
 *
 * @param maxBytes Of longer strings, only this number of bytes is read.
 */
function stringReader(column: PlainColumn, maxBytes: number): (row: number) => string | undefined {
  const offsets = stringOffsets(column);
  const { validity, values } = column;
  return (row) => {
    const [start, end] = [offsets[row], offsets[row + 1]];
    return isPresent(validity, row) ? UTF8.decode(values.subarray(start, Math.min(end, start + maxBytes))) : undefined;
  };
}

/** Reads rows of a numeric column. Undefined for other columns. */
function numberReader({ kind, values }: PlainColumn): ((row: number) => number) | undefined {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  switch (kind) {
    case 'int8':
      return (row) => view.getInt8(row);
    case 'uint8':
      return (row) => view.getUint8(row);
    case 'int16':
      return (row) => view.getInt16(row * 2, true);
    case 'uint16':
      return (row) => view.getUint16(row * 2, true);
    case 'int32':
      return (row) => view.getInt32(row * 4, true);
    case 'uint32':
      return (row) => view.getUint32(row * 4, true);
    case 'int64':
    case 'timestamp':
      return (row) => Number(view.getBigInt64(row * 8, true));
    case 'uint64':
      return (row) => Number(view.getBigUint64(row * 8, true));
    case 'float32':
      return (row) => view.getFloat32(row * 4, true);
    case 'float64':
      return (row) => view.getFloat64(row * 8, true);
    case 'bool':
      return (row) => (hasBit(values, row) ? 1 : 0);
    default:
      return undefined;
  }
}
