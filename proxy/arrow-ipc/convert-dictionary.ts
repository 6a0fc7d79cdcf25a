/**
 * Dictionary columns: each value of the dictionary is converted once, then the rows pick from the results.
 *
 * A stream may send a dictionary again with every batch, or keep one for many batches, or add to it: what was converted is
 * remembered by the piece of the dictionary that it came from.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { scratchInt32 } from '../memory/typed-arrays';
import { type DictionaryType } from './arrow-type';
import { type ColumnConverter } from './column-converter';
import { dictionaryIndices } from './dictionary';
import { concatenate, gather } from './take';
import { nulls, type PlainColumn, type PlainKind } from './plain-column';
import { TextViews } from './text-views';
import { type Dictionary, type Vector } from './vector';

/** A dictionary, converted, and what picks rows of it. */
interface Converted {
  dictionary: Dictionary;
  values: PlainColumn;
  views?: TextViews;
}

export class DictionaryConverter implements ColumnConverter {
  readonly #type: DictionaryType;
  readonly #inner: ColumnConverter;
  readonly #memory: MemoryAccount;
  readonly passesThrough = false;
  readonly #chunks = new WeakMap<Vector, PlainColumn>();
  #latest: Converted | undefined;
  readonly #hasViews: boolean;

  /**
   * @param memory    Of the query.
   * @param textViews See `ConversionContext`. Values that may still turn out to be JSON become no views.
   */
  constructor(type: DictionaryType, inner: ColumnConverter, memory: MemoryAccount, textViews = false) {
    this.#type = type;
    this.#inner = inner;
    this.#memory = memory;
    this.#hasViews = textViews && inner.kind === 'utf8' && inner.isSettled !== false;
  }

  get kind(): PlainKind {
    return this.#hasViews ? 'utf8View' : this.#inner.kind;
  }

  get unit(): 'ns' | undefined {
    return this.#inner.unit;
  }

  convert(vector: Vector): PlainColumn {
    const converted = this.#converted(vector.dictionary ?? { chunks: [] });
    const indices = this.indices(vector);
    if (this.#hasViews) {
      converted.views ??= new TextViews(converted.values, this.#memory);
      return converted.views.pick(indices, vector.validity);
    }
    return gather(converted.values, indices, vector.validity, this.#memory);
  }

  /** Row of `values` for each row of the column; arbitrary where the column is null. */
  indices(vector: Vector): Int32Array {
    return dictionaryIndices(vector.buffers[0] ?? new Uint8Array(0), vector.length, this.#type.index, (length) =>
      scratchInt32(this.#memory, length)
    );
  }

  /** The converted values of a dictionary. The same object as long as the dictionary is the same. */
  values(dictionary: Dictionary): PlainColumn {
    return this.#converted(dictionary).values;
  }

  #converted(dictionary: Dictionary): Converted {
    if (this.#latest?.dictionary !== dictionary) {
      const [first, ...more] = dictionary.chunks.map((chunk) => this.#chunk(chunk));
      const values =
        first === undefined ? nulls(this.kind, 0, this.#memory) : concatenate([first, ...more], this.#memory);
      this.#latest = { dictionary, values };
    }
    return this.#latest;
  }

  #chunk(chunk: Vector): PlainColumn {
    const known = this.#chunks.get(chunk) ?? this.#inner.convert(chunk);
    this.#chunks.set(chunk, known);
    return known;
  }
}
