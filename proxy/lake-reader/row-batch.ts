/** The columns of a batch of rows by name, as JavaScript values. Columns are converted when they are first asked for. */
import { type MemoryAccount } from '../memory/memory-account';
import {
  type ArrowSchema,
  asInt64,
  cellBytes,
  cellJson,
  type ColumnConverter,
  createRawConverter,
  createTextConverter,
  DictionaryConverter,
  isPresent,
  type PlainColumn,
  textOffsets,
  type Vector,
} from '../arrow-ipc';
import { ProxyError } from '../errors/proxy-error';

const UTF8 = new TextDecoder();
const BINARY: ReadonlySet<string> = new Set(['binary', 'largeBinary', 'binaryView', 'fixedSizeBinary']);

/** Converters and texts of dictionaries, which the batches of one result share. */
export class RowColumns {
  readonly #memory: MemoryAccount;
  readonly #converters = new Map<string, ColumnConverter>();
  readonly #texts = new WeakMap<PlainColumn, (index: number) => string | undefined>();

  /** @param memory Account of the result. */
  constructor(
    readonly schema: ArrowSchema,
    memory: MemoryAccount
  ) {
    this.#memory = memory;
  }

  get memory(): MemoryAccount {
    return this.#memory;
  }

  index(name: string): number {
    return this.schema.fields.findIndex((field) => field.name === name);
  }

  /** The converter of a column for plain values of its type, or for texts. */
  converter(name: string, as: 'raw' | 'text'): ColumnConverter {
    const key = `${as} ${name}`;
    const { type } = this.schema.fields[this.index(name)];
    const found =
      this.#converters.get(key) ??
      (as === 'raw' ? createRawConverter(type, this.#memory) : createTextConverter(type, this.#memory));
    this.#converters.set(key, found);
    return found;
  }

  /** Reads the texts of a dictionary, which are decoded on first use. */
  dictionaryTexts(values: PlainColumn): (index: number) => string | undefined {
    const known = this.#texts.get(values);
    if (known !== undefined) {
      return known;
    }
    const texts: Array<string | undefined> = [];
    const textAt = textReader(values);
    const read = (index: number) => (texts[index] ??= textAt(index));
    this.#texts.set(values, read);
    return read;
  }
}

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

  /** True if the result has the column. */
  has(name: string): boolean {
    return this.#columns.index(name) >= 0;
  }

  /**
   * The texts of a column of any type: numbers and times as digits and RFC 3339, bytes of a fixed size as hexadecimal digits.
   * Undefined for null.
   *
   * @throws {ProxyError} 'result_malformed' for a missing column.
   */
  texts(name: string): (row: number) => string | undefined {
    const vector = this.#vector(name);
    const converter = this.#columns.converter(name, 'text');
    if (!(converter instanceof DictionaryConverter)) {
      return textReader(converter.convert(vector));
    }
    const values = converter.values(vector.dictionary ?? { chunks: [] });
    const textAt = this.#columns.dictionaryTexts(values);
    const indices = converter.indices(vector);
    return (row) => {
      if (!isPresent(vector.validity, row)) {
        return undefined;
      }
      const index = indices[row];
      if (index < 0 || index >= values.length) {
        throw malformed('an index is outside of its dictionary');
      }
      return textAt(index);
    };
  }

  /** Numbers of any width. NaN for null. 64-bit integers are rounded beyond 2^53. */
  numbers(name: string): Float64Array {
    const column = this.#columns.converter(name, 'raw').convert(this.#vector(name));
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

  /** 64-bit integers, or times in nanoseconds since 1970. Zero for null. A view that is valid as long as the batch. */
  int64(name: string): BigInt64Array {
    const column = this.#columns.converter(name, 'raw').convert(this.#vector(name));
    if (column.kind !== 'int64' && column.kind !== 'timestamp' && column.kind !== 'uint64') {
      throw malformed(`the column ${name} has no 64-bit integers`);
    }
    return asInt64(column.values, this.length);
  }

  /** The text of the JSON value of a row: JSONB, lists and structs. Integers have all digits. `null` for null. */
  jsonTexts(name: string): (row: number) => string {
    const vector = this.#vector(name);
    return (row) => cellJson(vector, row, this.#columns.memory);
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
      throw malformed(`the answer has no column ${name}`);
    }
    return vector;
  }
}

function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail });
}

/** Reads the rows of a text column, whose offsets are checked once. */
function textReader(column: PlainColumn): (row: number) => string | undefined {
  const offsets = textOffsets(column);
  return (row) =>
    isPresent(column.validity, row) ? UTF8.decode(column.values.subarray(offsets[row], offsets[row + 1])) : undefined;
}

/** Reads a row of a numeric column. Undefined for other columns. */
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
      return (row) => (isPresent(values, row) ? 1 : 0);
    default:
      return undefined;
  }
}
