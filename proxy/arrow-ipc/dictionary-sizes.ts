import { type IntType } from './arrow-type';
import { dictionaryIndices } from './dictionary-indices';
import { findValue } from './dictionary';
import { constantSizes, largest, listedSizes, type RowSizes } from './row-sizes';
import { type Dictionary, type Vector } from './vector';

/** Columns whose rows take no more than this, even if each had the largest value, are not looked through. */
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
  /** Bytes of all values, each once. */
  bytes: number;
}

/** Sizes of the rows of dictionary columns. What was found out of a dictionary is kept with it: many batches share one. */
export class DictionarySizes {
  readonly #sizesOf: (chunk: Vector) => RowSizes;
  readonly #chunks = new WeakMap<Vector, ChunkSizes>();
  readonly #all = new WeakMap<Dictionary, AllSizes>();

  /** @param sizesOf Sizes of the values in one piece of a dictionary. */
  constructor(sizesOf: (chunk: Vector) => RowSizes) {
    this.#sizesOf = sizesOf;
  }

  of(vector: Vector, index: IntType): RowSizes {
    const { chunks, largest: most } = this.#allSizes(vector.dictionary ?? NO_VALUES);
    if (vector.length * most <= SMALL_BYTES) {
      return constantSizes(most);
    }
    const indices = dictionaryIndices(
      vector.buffers[0] ?? new Uint8Array(0),
      vector.length,
      index,
      (length) => new Int32Array(length)
    );
    const dictionary = vector.dictionary ?? NO_VALUES;
    return listedSizes(vector.length, (row) => {
      // An index outside of the dictionary fails when it is read.
      const found = findValue(dictionary, indices[row] ?? -1);
      return found === undefined ? 0 : (chunks[found.piece]?.sizes.sum(found.row, found.row + 1) ?? 0);
    });
  }

  /** Bytes of all values of a dictionary, each once. */
  ofAll(dictionary: Dictionary | null): number {
    return this.#allSizes(dictionary ?? NO_VALUES).bytes;
  }

  #allSizes(dictionary: Dictionary): AllSizes {
    const known = this.#all.get(dictionary);
    if (known !== undefined) {
      return known;
    }
    const chunks = dictionary.chunks.map((chunk) => this.#chunkSizes(chunk));
    const found = {
      chunks,
      largest: largest(chunks.length, (chunk) => chunks[chunk]?.largest ?? 0),
      bytes: chunks.reduce((sum, { length, sizes }) => sum + sizes.sum(0, length), 0),
    };
    this.#all.set(dictionary, found);
    return found;
  }

  #chunkSizes(chunk: Vector): ChunkSizes {
    const known = this.#chunks.get(chunk);
    if (known !== undefined) {
      return known;
    }
    const { length } = chunk;
    const sizes = this.#sizesOf(chunk);
    const found = { length, sizes, largest: largestOf(sizes, length) };
    this.#chunks.set(chunk, found);
    return found;
  }
}

function largestOf(sizes: RowSizes, length: number): number {
  return sizes.constant ?? largest(length, (row) => sizes.sum(row, row + 1));
}
