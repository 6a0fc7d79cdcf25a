/**
 * Assigns numbers to the distinct strings of a column, so that rows are compared by number.
 *
 * Strings stay bytes, and each distinct string is stored once. For dictionary columns only the values of the dictionary
 * are hashed.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { zeroInt32 } from '../../observe/memory/typed-arrays';
import {
  type ArrowType,
  type ColumnConverter,
  createRawConverter,
  createStringConverter,
  DictionaryConverter,
  isPresent,
  malformed,
  type PlainColumn,
  stringOffsets,
  StringTable,
  type Vector,
} from '../arrow-ipc';

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Code of a null row. */
export const NULL_CODE = 0;

/** Assigns numbers to the strings of one column of a result. A string has the same code in all batches. */
export class StringCodes {
  readonly #converter: ColumnConverter;
  readonly #hasEmpty: boolean;
  readonly #memory: MemoryAccount;
  readonly #strings: StringTable;
  #latest: { values: PlainColumn; codes: Int32Array } | undefined;

  private constructor(converter: ColumnConverter, hasEmpty: boolean, memory: MemoryAccount) {
    this.#converter = converter;
    this.#hasEmpty = hasEmpty;
    this.#memory = memory;
    this.#strings = new StringTable(memory);
  }

  /**
   * Assigns numbers to strings or binary values by their bytes.
   *
   * @param type     A string or binary type, or a dictionary of strings or binary values.
   * @param hasEmpty False to give empty strings the code of null rows.
   */
  static ofBytes(type: ArrowType, memory: MemoryAccount, hasEmpty = true): StringCodes {
    return new StringCodes(createRawConverter(type, memory), hasEmpty, memory);
  }

  /** Assigns numbers to values of any type by their strings. */
  static ofAnything(type: ArrowType, memory: MemoryAccount): StringCodes {
    return new StringCodes(createStringConverter(type, memory), true, memory);
  }

  /** The code of each row: `NULL_CODE`, or the number of its string, from 1 on. */
  codes(vector: Vector): Int32Array {
    return this.#converter instanceof DictionaryConverter
      ? this.#dictionaryCodes(vector, this.#converter)
      : this.#columnCodes(this.#converter.convert(vector));
  }

  /** The bytes of a string. Undefined for `NULL_CODE`. The view is valid until the next call of `codes`. */
  bytes(code: number): Uint8Array | undefined {
    return code === NULL_CODE ? undefined : this.#strings.bytes(code - 1);
  }

  string(code: number): string | undefined {
    const bytes = this.bytes(code);
    return bytes === undefined ? undefined : UTF8.decode(bytes);
  }

  #columnCodes(column: PlainColumn): Int32Array {
    const offsets = stringOffsets(column);
    const codes = zeroInt32(this.#memory, column.length);
    for (let row = 0; row < column.length; row++) {
      const start = offsets[row];
      const end = offsets[row + 1];
      if (isPresent(column.validity, row) && (this.#hasEmpty || end > start)) {
        codes[row] = 1 + this.#strings.add(column.values, start, end);
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
      const index = indices[row];
      if (index < 0 || index >= known.length) {
        throw malformed('an index is outside of its dictionary');
      }
      codes[row] = known[index];
    }
    return codes;
  }
}
