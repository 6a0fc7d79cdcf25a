/**
 * Picks the texts of a dictionary as views: sixteen bytes a row, copied from a table that is made once per dictionary.
 *
 * A view holds the size of its text and, up to twelve bytes, the text itself; a longer one is found by its place in a data
 * buffer. A batch lists as its data the bytes of the dictionary as they are, where they are few or most of them are used,
 * else a copy of the texts that its rows use, each once: a large dictionary that many batches share must not come with each.
 *
 * @see Arrow columnar format, "Variable-size Binary View Layout"
 */
import { type MemoryAccount } from '../memory/memory-account';
import { scratchInt32, takeInt32, takeZeros } from '../memory/typed-arrays';
import { MAX_TEXT_BYTES, pickedCodes, pickedValidity, repeat } from './take';
import { malformed, tooLarge } from './result-errors';
import { type PlainColumn, textOffsets, withValidity } from './plain-column';
import { asInt64, bytesOf } from './vector';

/** Words of 32 bits in a view: size; then the text itself, or its first bytes, the number of its buffer, its place. */
const WORDS = 4;
const PLACE = 3;
/** Bytes of the longest text that a view holds itself. */
const INLINE_BYTES = 12;

/** Rows from which on a run of one value is copied as a whole. */
const RUN_ROWS = 64;

/** Values of a dictionary, each once, and the bytes of their texts. */
interface UsedTexts {
  used: Int32Array;
  usedBytes: number;
}

export class TextViews {
  readonly #values: PlainColumn;
  readonly #memory: MemoryAccount;
  /** A view for each value, and an empty one for rows that have none. */
  readonly #table: Int32Array;
  /** The table once more: views are copied as two halves. */
  readonly #halves: BigInt64Array;
  readonly #offsets: Int32Array;
  readonly #texts: Uint8Array;
  /** Is there a text that lies in a data buffer? */
  readonly #hasLong: boolean;
  /** 1 for the values that were found to be in use. All 0 between two batches. */
  #marks: Uint8Array | undefined;

  /**
   * @param values The dictionary's values as `utf8`. Left unmodified.
   * @param memory Of the query, for the table and the views.
   */
  constructor(values: PlainColumn, memory: MemoryAccount) {
    this.#values = values;
    this.#memory = memory;
    this.#offsets = textOffsets(values);
    this.#texts = values.values;
    this.#table = takeInt32(memory, (values.length + 1) * WORDS).fill(0);
    this.#halves = asInt64(bytesOf(this.#table), (values.length + 1) * 2);
    this.#hasLong = this.#fillTable();
  }

  /**
   * @param indices  Value of each row. Arbitrary where `validity` says null.
   * @param validity Which of the rows are present; null when all are.
   * @throws {ProxyError} 'result_malformed' for an index that the dictionary does not have, 'result_too_large'
   */
  pick(indices: Int32Array, validity: Uint8Array | null): PlainColumn {
    const { length } = indices;
    const codes = validity === null ? indices : pickedCodes(indices, validity, this.#values.length, this.#memory);
    const textBytes = this.#textBytes(codes, validity === null ? this.#values.length : this.#values.length + 1);
    const valid = withValidity(pickedValidity(this.#values, codes, validity, this.#memory), length);
    const column = { kind: 'utf8View' as const, length, ...valid, offsets: null, textBytes };
    if (!this.#hasLong) {
      return { ...column, values: this.#views(codes), data: [] };
    }
    const copied = this.#textsToCopy(codes);
    if (copied === undefined) {
      return { ...column, values: this.#views(codes), data: [this.#texts] };
    }
    const data = this.#copy(copied);
    try {
      return { ...column, values: this.#views(codes), data: [data] };
    } finally {
      this.#placeInDictionary(copied);
    }
  }

  /** @returns Whether there is a long text. */
  #fillTable(): boolean {
    const table = this.#table;
    const offsets = this.#offsets;
    const texts = this.#texts;
    const bytes = bytesOf(table);
    let hasLong = false;
    for (let index = 0; index < this.#values.length; index++) {
      const start = offsets[index] ?? 0;
      const size = (offsets[index + 1] ?? 0) - start;
      const word = index * WORDS;
      const end = start + Math.min(size, INLINE_BYTES);
      table[word] = size;
      for (let from = start, to = word * 4 + 4; from < end; from++, to++) {
        bytes[to] = texts[from] ?? 0;
      }
      if (size > INLINE_BYTES) {
        hasLong = true;
        // The first four bytes stay: readers compare by them.
        table[word + 2] = 0;
        table[word + PLACE] = start;
      }
    }
    return hasLong;
  }

  /**
   * Bytes of all rows' texts; no sum in between leaves the range of int32.
   *
   * @param entries Entries of the table that rows may have.
   */
  #textBytes(codes: Int32Array, entries: number): number {
    const table = this.#table;
    let bytes = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] ?? 0;
      if (code >>> 0 >= entries) {
        throw malformed('an index points outside of its dictionary');
      }
      bytes = (bytes + (table[code * WORDS] ?? 0)) | 0;
      if (bytes > MAX_TEXT_BYTES) {
        throw tooLarge('A column holds more than 1 GiB of text.');
      }
    }
    return bytes;
  }

  /** The views of all rows as the table has them now. */
  #views(codes: Int32Array): Uint8Array {
    const views = takeInt32(this.#memory, codes.length * WORDS);
    this.#fill(views, codes);
    return bytesOf(views);
  }

  /**
   * Writes the view of each row. Results that are sorted by process begin with long runs of one value, or are one: these are
   * copied as a whole.
   */
  #fill(views: Int32Array, codes: Int32Array): void {
    let row = 0;
    for (let end = runEnd(codes, 0); end > row; end = runEnd(codes, end)) {
      const at = (codes[row] ?? 0) * WORDS;
      views.set(this.#table.subarray(at, at + WORDS), row * WORDS);
      repeat(views, row * WORDS, WORDS, (end - row) * WORDS);
      row = end;
    }
    this.#fillRows(views, codes, row);
  }

  /** Row by row, from `first` on. Nothing stands behind the loop, see `take.ts`. */
  #fillRows(views: Int32Array, codes: Int32Array, first: number): void {
    const halves = this.#halves;
    const to = new BigInt64Array(views.buffer, views.byteOffset, codes.length * 2);
    for (let row = first; row < codes.length; row++) {
      const from = (codes[row] ?? 0) * 2;
      to[row * 2] = halves[from] ?? 0n;
      to[row * 2 + 1] = halves[from + 1] ?? 0n;
    }
  }

  /** The long texts that the rows use, or undefined where the whole dictionary may come with them. */
  #textsToCopy(codes: Int32Array): UsedTexts | undefined {
    // At most a byte for each row, whose view takes sixteen.
    if (this.#texts.length <= codes.length) {
      return undefined;
    }
    const texts = this.#longTextsOf(codes);
    return this.#texts.length <= texts.usedBytes * 2 ? undefined : texts;
  }

  #longTextsOf(codes: Int32Array): UsedTexts {
    const table = this.#table;
    const marks = (this.#marks ??= takeZeros(this.#memory, this.#values.length + 1));
    const used = scratchInt32(this.#memory, Math.min(codes.length, this.#values.length));
    let count = 0;
    let usedBytes = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] ?? 0;
      if (marks[code] === 0) {
        const size = table[code * WORDS] ?? 0;
        if (size > INLINE_BYTES) {
          marks[code] = 1;
          used[count++] = code;
          usedBytes += size;
        }
      }
    }
    const found = used.subarray(0, count);
    for (const code of found) {
      marks[code] = 0;
    }
    return { used: found, usedBytes };
  }

  /** Copies texts, each once, and has the table point there. */
  #copy({ used, usedBytes }: UsedTexts): Uint8Array {
    const table = this.#table;
    const offsets = this.#offsets;
    const copy = this.#memory.take(usedBytes);
    let at = 0;
    for (const code of used) {
      copy.set(this.#texts.subarray(offsets[code], offsets[code + 1]), at);
      table[code * WORDS + PLACE] = at;
      at += table[code * WORDS] ?? 0;
    }
    return copy;
  }

  /** Has the table point into the dictionary again. */
  #placeInDictionary({ used }: UsedTexts): void {
    for (const code of used) {
      this.#table[code * WORDS + PLACE] = this.#offsets[code] ?? 0;
    }
  }
}

/** Where the run of one value ends that begins at `start`; `start` itself for a short one. */
function runEnd(codes: Int32Array, start: number): number {
  const code = codes[start];
  let end = start;
  while (end < codes.length && codes[end] === code) {
    end++;
  }
  return end - start < RUN_ROWS ? start : end;
}
