import { type IntType } from './arrow-type';
import { dictionaryIndices } from './dictionary-indices';
import { constantSizes, largest, listedSizes, type RowSizes } from './row-sizes';
import { type Dictionary, type Vector } from './vector';

/** Columns whose rows take no more than this, even if each had the largest value, are not looked through. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** The sizes of one piece of a dictionary. */
interface ChunkSizes {
  length: number;
  sizes: RowSizes;
  largest: number;
}

/** Sizes of the rows of dictionary columns. What was found out of a dictionary is kept with it: many batches share one. */
export class DictionarySizes {
  readonly #chunks = new WeakMap<Vector, ChunkSizes>();

  /** @param sizesOf Sizes of the values in one piece of a dictionary. */
  constructor(private readonly sizesOf: (chunk: Vector) => RowSizes) {}

  of(vector: Vector, index: IntType): RowSizes {
    const chunks = this.#chunksOf(vector.dictionary);
    const most = largest(chunks.length, (chunk) => chunks[chunk]?.largest ?? 0);
    if (vector.length * most <= SMALL_BYTES) {
      return constantSizes(most);
    }
    const indices = dictionaryIndices(vector.buffers[0] ?? new Uint8Array(0), vector.length, index);
    const sizeOf = valueSize(chunks);
    return listedSizes(vector.length, (row) => sizeOf(indices[row] ?? -1));
  }

  /** Bytes of all values of a dictionary, each once. */
  ofAll(dictionary: Dictionary | null): number {
    return this.#chunksOf(dictionary).reduce((sum, { length, sizes }) => sum + sizes.sum(0, length), 0);
  }

  #chunksOf(dictionary: Dictionary | null): ChunkSizes[] {
    return (dictionary?.chunks ?? []).map((chunk) => {
      const known = this.#chunks.get(chunk);
      if (known !== undefined) {
        return known;
      }
      const { length } = chunk;
      const sizes = this.sizesOf(chunk);
      const found = { length, sizes, largest: largestOf(sizes, length) };
      this.#chunks.set(chunk, found);
      return found;
    });
  }
}

function largestOf(sizes: RowSizes, length: number): number {
  return sizes.constant ?? largest(length, (row) => sizes.sum(row, row + 1));
}

/** The size of a value by its index; 0 for an index outside of the dictionary, which fails when it is read. */
function valueSize(chunks: readonly ChunkSizes[]): (index: number) => number {
  const starts = new Float64Array(chunks.length + 1);
  chunks.forEach(({ length }, chunk) => {
    starts[chunk + 1] = (starts[chunk] ?? 0) + length;
  });
  const end = starts[chunks.length] ?? 0;
  return (index) => {
    if (index < 0 || index >= end) {
      return 0;
    }
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    const at = index - (starts[low] ?? 0);
    return chunks[low]?.sizes.sum(at, at + 1) ?? 0;
  };
}
