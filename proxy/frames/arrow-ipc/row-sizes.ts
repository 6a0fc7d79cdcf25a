/**
 * Sizes of the rows of a column in bytes, as sums over ranges of rows.
 *
 * Rows of lists and dictionaries refer to rows of other columns, and several rows may refer to the same row. So a small
 * column may expand to any size. `sum` returns the size of a range of rows without visiting these rows. So the time to
 * compute the size of an expanded column depends on the number of its rows, not on the expanded size.
 */
import { oncePer } from './once-per';
import { type ArrowType, type IntType } from './arrow-type';
import { malformed } from './result-errors';
import { asInt32, type Dictionary, type Vector } from './vector';
import { dictionaryIndices, findValue } from './dictionary';

/** Far more than the size of a real column. Sums up to this limit are exact in a double. */
const MAX_SUM = 2 ** 50;

/**
 * Columns with more rows keep no sums, because the sums would take more than 32 MiB. Instead, each row is counted with
 * the size of the largest row.
 */
const MAX_KEPT_SUMS = 2 ** 22;

/** Sizes of the rows of one column. `sum` does not visit the rows. */
export interface RowSizes {
  /**
   * Bytes of the rows from `from` (inclusive) to `to` (exclusive). Both must be within the column. Infinity for a
   * column that expands to more than 2^50 bytes.
   */
  sum(from: number, to: number): number;
  /** Set if all rows have the same size. */
  readonly constant?: number;
}

/** Sizes of rows that all have the same size, such as rows of numbers. */
export function constantSizes(bytes: number): RowSizes {
  return { constant: bytes, sum: (from, to) => (to > from ? (to - from) * bytes : 0) };
}

/** Sizes that are computed row by row. */
export function listedSizes(rows: number, sizeOf: (row: number) => number): RowSizes {
  if (rows > MAX_KEPT_SUMS) {
    return constantSizes(largest(rows, sizeOf));
  }
  const sums = new Float64Array(rows + 1);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    sum += sizeOf(row);
    sums[row + 1] = sum;
  }
  if (sum > MAX_SUM) {
    return constantSizes(Infinity);
  }
  return { sum: (from, to) => (to > from ? sums[to] - sums[from] : 0) };
}

/** The largest size. 0 if there are no rows. */
export function largest(rows: number, sizeOf: (row: number) => number): number {
  let maximum = 0;
  for (let row = 0; row < rows; row++) {
    maximum = Math.max(maximum, sizeOf(row));
  }
  return maximum;
}

/** Adds a number of bytes to each row. */
export function withOverhead(sizes: RowSizes, bytes: number): RowSizes {
  return sizes.constant === undefined
    ? { sum: (from, to) => sizes.sum(from, to) + Math.max(0, to - from) * bytes }
    : constantSizes(sizes.constant + bytes);
}

/** Sizes of rows that have a value in each of several columns, plus `bytes` per row. Takes no memory per row. */
export function addedSizes(columns: readonly RowSizes[], bytes: number): RowSizes {
  const constant = columns.reduce((sum, sizes) => sum + (sizes.constant ?? 0), bytes);
  const varying = columns.filter((sizes) => sizes.constant === undefined);
  return varying.length === 0
    ? constantSizes(constant)
    : {
        sum: (from, to) =>
          to > from ? varying.reduce((sum, sizes) => sum + sizes.sum(from, to), (to - from) * constant) : 0,
      };
}

/**
 * Sizes of rows that refer to a range of rows in another column.
 *
 * @param offsets Ascending, and within the other column.
 * @param items   Sizes of the rows of the other column.
 */
export function rangedSizes(offsets: ArrayLike<number>, items: RowSizes): RowSizes {
  return { sum: (from, to) => (to > from ? items.sum(offsets[from], offsets[to]) : 0) };
}

/** Sizes of the rows of a string or binary column: `factor` bytes per received byte. */
export function stringSizes(vector: Vector, factor: number): RowSizes {
  return rangedSizes(ascendingOffsets(vector, vector.buffers[1].length), constantSizes(factor));
}

/** Sizes of the rows of a view column: `factor` bytes per received byte, plus `more`. */
export function viewSizes(vector: Vector, factor: number, more: number): RowSizes {
  const words = asInt32(vector.buffers[0], vector.length * 4);
  return listedSizes(vector.length, (row) => Math.max(0, words[row * 4]) * factor + more);
}

const WIDE_OFFSETS: ReadonlySet<ArrowType['kind']> = new Set(['largeUtf8', 'largeBinary', 'largeList']);

/**
 * The `length + 1` offsets of a string, binary, list or map column.
 *
 * @param end Length of the column or buffer that the offsets refer to.
 * @throws {ProxyError} 'result_malformed' if an offset exceeds `end` or the offsets do not ascend. The offsets of null
 *   rows are checked, too.
 */
export function ascendingOffsets(vector: Vector, end: number): Int32Array | Float64Array {
  const { length, buffers, type } = vector;
  const [bytes] = buffers;
  if (length === 0) {
    return new Int32Array(1);
  }
  const offsets = WIDE_OFFSETS.has(type.kind) ? wideNumbers(bytes, length + 1) : asInt32(bytes, length + 1);
  let before = 0;
  for (let row = 0; row <= length; row++) {
    const offset = offsets[row];
    if (offset < before) {
      throw malformed('the offsets of a column do not ascend');
    }
    before = offset;
  }
  if (before > end) {
    throw malformed('nested values are outside of their column');
  }
  return offsets;
}

/**
 * 64-bit integers as doubles, exact up to 2^53. Larger integers are rounded, but remain larger than every length.
 */
export function wideNumbers(bytes: Uint8Array, count: number): Float64Array {
  const halves = asInt32(bytes, count * 2);
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    numbers[index] = halves[index * 2 + 1] * 2 ** 32 + (halves[index * 2] >>> 0);
  }
  return numbers;
}

/**
 * If the number of rows × the size of the largest value of the dictionary is at most this number of bytes, each row
 * counts with that size.
 */
const SMALL_BYTES = 4 * 1024 * 1024;

const NO_VALUES: Dictionary = { chunks: [] };

/** The sizes of one piece of a dictionary. */
interface ChunkSizes {
  length: number;
  sizes: RowSizes;
  largest: number;
}

/** The sizes of all pieces of a dictionary. */
interface AllSizes {
  chunks: readonly ChunkSizes[];
  largest: number;
  /** Bytes of all values, each counted once. */
  bytes: number;
}

/** Sizes of the rows of dictionary columns. Caches the sizes of each dictionary, which many batches may share. */
export class DictionarySizes {
  readonly #allSizes: (dictionary: Dictionary) => AllSizes;

  /** @param sizesOf Sizes of the values in one piece of a dictionary. */
  constructor(sizesOf: (chunk: Vector) => RowSizes) {
    const chunkSizes = oncePer((chunk: Vector): ChunkSizes => {
      const { length } = chunk;
      const sizes = sizesOf(chunk);
      return { length, sizes, largest: largestOf(sizes, length) };
    });
    this.#allSizes = oncePer((dictionary) => {
      const chunks = dictionary.chunks.map(chunkSizes);
      return {
        chunks,
        largest: largest(chunks.length, (chunk) => chunks[chunk].largest),
        bytes: chunks.reduce((sum, { length, sizes }) => sum + sizes.sum(0, length), 0),
      };
    });
  }

  /** Sizes of the rows of a dictionary column, see also `SMALL_BYTES`. @param index Type of the indices. */
  of(vector: Vector, index: IntType): RowSizes {
    const { chunks, largest: maxBytes } = this.#allSizes(vector.dictionary ?? NO_VALUES);
    if (vector.length * maxBytes <= SMALL_BYTES) {
      return constantSizes(maxBytes);
    }
    const indices = dictionaryIndices(vector.buffers[0], vector.length, index, (length) => new Int32Array(length));
    const dictionary = vector.dictionary ?? NO_VALUES;
    return listedSizes(vector.length, (row) => {
      // An index outside of the dictionary fails when the row is read.
      const found = findValue(dictionary, indices[row]);
      return found === undefined ? 0 : chunks[found.piece].sizes.sum(found.row, found.row + 1);
    });
  }

  /** Bytes of all values of a dictionary, each counted once. */
  ofAll(dictionary: Dictionary | null): number {
    return this.#allSizes(dictionary ?? NO_VALUES).bytes;
  }
}

function largestOf(sizes: RowSizes, length: number): number {
  return sizes.constant ?? largest(length, (row) => sizes.sum(row, row + 1));
}
