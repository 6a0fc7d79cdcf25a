/**
 * Numbers the distinct texts of a column, so that rows can be compared by number.
 *
 * Texts stay bytes: each distinct one is hashed and stored once, a row that repeats the text of the row before is found by
 * comparing. Of dictionary columns only the dictionary's values are looked at.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { zeroInt32 } from '../memory/typed-arrays';
import {
  type ArrowType,
  type ColumnConverter,
  createRawConverter,
  createTextConverter,
  DictionaryConverter,
  isPresent,
  malformed,
  type PlainColumn,
  textOffsets,
  TextTable,
  type Vector,
} from '../arrow-ipc';

const UTF8 = new TextDecoder();

/** Code of a row without a text. */
export const NULL_CODE = 0;

export class TextCodes {
  readonly #converter: ColumnConverter;
  readonly #hasEmpty: boolean;
  readonly #memory: MemoryAccount;
  readonly #texts: TextTable;
  #latest: { values: PlainColumn; codes: Int32Array } | undefined;

  private constructor(converter: ColumnConverter, hasEmpty: boolean, memory: MemoryAccount) {
    this.#converter = converter;
    this.#hasEmpty = hasEmpty;
    this.#memory = memory;
    this.#texts = new TextTable(memory);
  }

  /**
   * @param type     Type of a text or binary column, or of a dictionary of one: bytes are taken as they are.
   * @param hasEmpty False: an empty text is none, and has the code of a row without one.
   */
  static ofBytes(type: ArrowType, memory: MemoryAccount, hasEmpty = true): TextCodes {
    return new TextCodes(createRawConverter(type, memory), hasEmpty, memory);
  }

  /** Values of any type, by their text. */
  static ofAnything(type: ArrowType, memory: MemoryAccount): TextCodes {
    return new TextCodes(createTextConverter(type, memory), true, memory);
  }

  /** One code for each row: `NULL_CODE`, or the number of its text, from 1. */
  codes(vector: Vector): Int32Array {
    return this.#converter instanceof DictionaryConverter
      ? this.#dictionaryCodes(vector, this.#converter)
      : this.#columnCodes(this.#converter.convert(vector));
  }

  /** The bytes of a text, valid until the next call of `codes`; undefined for the null code. */
  bytes(code: number): Uint8Array | undefined {
    return code === NULL_CODE ? undefined : this.#texts.bytes(code - 1);
  }

  text(code: number): string | undefined {
    const bytes = this.bytes(code);
    return bytes === undefined ? undefined : UTF8.decode(bytes);
  }

  #columnCodes(column: PlainColumn): Int32Array {
    const offsets = textOffsets(column);
    const codes = zeroInt32(this.#memory, column.length);
    for (let row = 0; row < column.length; row++) {
      const start = offsets[row] ?? 0;
      const end = offsets[row + 1] ?? 0;
      if (isPresent(column.validity, row) && (this.#hasEmpty || end > start)) {
        codes[row] = 1 + this.#texts.add(column.values, start, end);
      }
    }
    return codes;
  }

  #dictionaryCodes(vector: Vector, converter: DictionaryConverter): Int32Array {
    const values = converter.values(vector.dictionary ?? { chunks: [] });
    if (this.#latest?.values !== values) {
      this.#latest = { values, codes: this.#columnCodes(values) };
    }
    const known = this.#latest.codes;
    const indices = converter.indices(vector);
    const codes = zeroInt32(this.#memory, vector.length);
    for (let row = 0; row < codes.length; row++) {
      if (vector.validity !== null && !isPresent(vector.validity, row)) {
        continue;
      }
      const code = known[indices[row] ?? -1];
      if (code === undefined) {
        throw malformed('an index points outside of its dictionary');
      }
      codes[row] = code;
    }
    return codes;
  }
}
