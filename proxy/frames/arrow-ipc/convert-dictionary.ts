/**
 * Converts dictionary columns: converts each value of the dictionary once, then takes a converted value for each row.
 *
 * A stream may send a new dictionary with every batch, use one dictionary for many batches, or extend a dictionary by
 * deltas. Converted values are cached for each piece of the dictionary.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32 } from '../../observe/memory/typed-arrays';
import { type DictionaryType } from './arrow-type';
import { type ColumnConverter } from './column-converter';
import { concatenate } from './concatenate';
import { dictionaryIndices, hasEqualValues, valueCount } from './dictionary';
import { alignedColumn, nulls, type PlainColumn, type PlainKind } from './plain-column';
import { firstRows } from './slice-rows';
import { take } from './take';
import { StringViews } from './string-views';
import { type Dictionary, type Vector } from './vector';

/** A dictionary with its converted values. */
interface Converted {
  dictionary: Dictionary;
  /** One value if all values are equal, see `hasEqualValues`. */
  values: PlainColumn;
  hasOneValue: boolean;
  views?: StringViews;
}

/** Converts one column of a result. `inner` converts the values of its dictionaries. */
export class DictionaryConverter implements ColumnConverter {
  readonly #type: DictionaryType;
  readonly #inner: ColumnConverter;
  readonly #memory: MemoryAccount;
  readonly passesThrough = false;
  readonly #chunks = new WeakMap<Vector, PlainColumn>();
  #latest: Converted | undefined;
  readonly #hasViews: boolean;

  /**
   * @param memory      Account of the query.
   * @param stringViews See `ConversionContext`. Ignored for binary values, which may turn out to be JSON.
   */
  constructor(type: DictionaryType, inner: ColumnConverter, memory: MemoryAccount, stringViews = false) {
    this.#type = type;
    this.#inner = inner;
    this.#memory = memory;
    this.#hasViews = stringViews && inner.kind === 'utf8' && inner.isSettled !== false;
  }

  get kind(): PlainKind {
    return this.#hasViews ? 'utf8View' : this.#inner.kind;
  }

  get isSettled(): boolean {
    return this.#inner.isSettled !== false;
  }

  get unit(): 'ns' | undefined {
    return this.#inner.unit;
  }

  convert(vector: Vector): PlainColumn {
    const converted = this.#converted(vector.dictionary ?? { chunks: [] });
    const indices = this.indices(vector);
    if (this.#hasViews) {
      converted.views ??= new StringViews(converted.values, this.#memory);
      return converted.views.take(indices, vector.validity);
    }
    return take(converted.values, indices, vector.validity, this.#memory);
  }

  /** Index in `values` for each row of the column. Arbitrary for null rows. */
  indices(vector: Vector): Int32Array {
    const allocate = (length: number) => scratchInt32(this.#memory, length);
    const indices = dictionaryIndices(vector.buffers[0], vector.length, this.#type.index, allocate);
    const { dictionary } = vector;
    if (dictionary === null || !this.#converted(dictionary).hasOneValue) {
      return indices;
    }
    const count = valueCount(dictionary);
    const ofOneValue = allocate(vector.length);
    for (let row = 0; row < ofOneValue.length; row++) {
      ofOneValue[row] = indices[row] >= 0 && indices[row] < count ? 0 : -1;
    }
    return ofOneValue;
  }

  /** The converted values of a dictionary. Consecutive calls with the same dictionary return the same object. */
  values(dictionary: Dictionary): PlainColumn {
    return this.#converted(dictionary).values;
  }

  #converted(dictionary: Dictionary): Converted {
    if (this.#latest?.dictionary !== dictionary) {
      const hasOneValue = hasEqualValues(dictionary);
      const nonEmpty = dictionary.chunks.filter(({ length }) => length > 0);
      const chunks = hasOneValue ? nonEmpty.slice(0, 1).map((chunk) => firstRows(chunk, 1)) : dictionary.chunks;
      const [first, ...more] = chunks.map((chunk) => this.#chunk(chunk));
      const values =
        first === undefined
          ? nulls(this.kind, 0, this.#memory)
          : concatenate(this.#inner.kind, [first, ...more], this.#memory);
      this.#latest = { dictionary, values: alignedColumn(values, this.#memory), hasOneValue };
    }
    return this.#latest;
  }

  #chunk(chunk: Vector): PlainColumn {
    const known = this.#chunks.get(chunk) ?? this.#inner.convert(chunk);
    this.#chunks.set(chunk, known);
    return known;
  }
}
