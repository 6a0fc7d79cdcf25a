/**
 * Makes a column of string views from the indices of a dictionary column: 16 bytes per row, copied from a table that is
 * built once per dictionary.
 *
 * A view contains the length of its string. A string of up to 12 bytes is in the view itself. For a longer string, the
 * view contains the position of the string in a data buffer. The data buffer of a batch is the received dictionary if
 * this dictionary is small, or if the rows use at least half of its bytes. If a batch uses few strings of a large
 * dictionary, its data buffer is a copy of these strings. So the large dictionary is not sent with each batch.
 *
 * @see Arrow columnar format, "Variable-size Binary View Layout"
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { scratchInt32, takeInt32, takeZeros } from '../../observe/memory/typed-arrays';
import { checkedIndices, repeat, takenValidity } from './take';
import { malformed, tooLarge } from './result-errors';
import { MAX_STRING_BYTES, type PlainColumn, stringOffsets, withValidity } from './plain-column';
import { asInt64, bytesOf, INLINE_BYTES } from './vector';

/**
 * A view has four 32-bit words. The first word is the length of the string. The other words contain a short string
 * itself. For a long string, they contain its first four bytes, the number of its data buffer, and its position in this
 * buffer.
 */
const WORDS = 4;
const POSITION = 3;

/** A run of equal values is copied as a whole if it has at least this number of rows. */
const RUN_ROWS = 64;

/** Distinct long strings that a batch uses, as indices of values, and the sum of their lengths in bytes. */
interface UsedStrings {
  used: Int32Array;
  usedBytes: number;
}

/** Builds views of the strings of one dictionary, from a table that has 16 bytes for each value of the dictionary. */
export class StringViews {
  readonly #values: PlainColumn;
  readonly #memory: MemoryAccount;
  /** A view for each value, and an empty view at the end for null rows. */
  readonly #table: Int32Array;
  /** The same memory as `#table`. A view is copied as two 64-bit halves. */
  readonly #halves: BigInt64Array;
  readonly #offsets: Int32Array;
  readonly #strings: Uint8Array;
  /** True if a string is longer than `INLINE_BYTES`. */
  readonly #hasLong: boolean;
  /** 1 for each long string that the current batch uses. All 0 between two batches. */
  #marks: Uint8Array | undefined;

  /**
   * @param values Values of the dictionary as `utf8`. Not modified.
   * @param memory Account of the query.
   */
  constructor(values: PlainColumn, memory: MemoryAccount) {
    this.#values = values;
    this.#memory = memory;
    this.#offsets = stringOffsets(values);
    this.#strings = values.values;
    this.#table = takeInt32(memory, (values.length + 1) * WORDS).fill(0);
    this.#halves = asInt64(bytesOf(this.#table), (values.length + 1) * 2);
    this.#hasLong = this.#fillTable();
  }

  /**
   * @param indices  Index of the value of each row. Ignored where `validity` says null.
   * @param validity Bitmap of the present rows; null if all are present.
   * @throws {ProxyError} 'result_malformed' for an index outside of the dictionary, 'result_too_large'
   */
  take(indices: Int32Array, validity: Uint8Array | null): PlainColumn {
    const { length } = indices;
    const codes = validity === null ? indices : checkedIndices(indices, validity, this.#values.length, this.#memory);
    const stringBytes = this.#stringBytes(codes, validity === null ? this.#values.length : this.#values.length + 1);
    const valid = withValidity(takenValidity(this.#values, codes, validity, this.#memory), length);
    const column = { kind: 'utf8View' as const, length, ...valid, offsets: null, stringBytes };
    if (!this.#hasLong) {
      return { ...column, values: this.#views(codes), data: [] };
    }
    const copied = this.#stringsToCopy(codes);
    if (copied === undefined) {
      return { ...column, values: this.#views(codes), data: [this.#strings] };
    }
    const data = this.#copy(copied);
    try {
      return { ...column, values: this.#views(codes), data: [data] };
    } finally {
      this.#pointToDictionary(copied);
    }
  }

  /** @returns True if there is a string longer than `INLINE_BYTES`. */
  #fillTable(): boolean {
    const table = this.#table;
    const offsets = this.#offsets;
    const strings = this.#strings;
    const bytes = bytesOf(table);
    let hasLong = false;
    for (let index = 0; index < this.#values.length; index++) {
      const start = offsets[index];
      const size = offsets[index + 1] - start;
      const word = index * WORDS;
      const end = start + Math.min(size, INLINE_BYTES);
      table[word] = size;
      for (let from = start, to = word * 4 + 4; from < end; from++, to++) {
        bytes[to] = strings[from];
      }
      if (size > INLINE_BYTES) {
        hasLong = true;
        // The first four bytes of the string stay: readers use them for comparisons.
        table[word + 2] = 0;
        table[word + POSITION] = start;
      }
    }
    return hasLong;
  }

  /**
   * Checks the codes and sums the lengths of the rows' strings. The sum is checked after each addition, and a received
   * string is far shorter than 1 GiB, so int32 can hold each sum.
   *
   * @param entries Number of entries of the table that rows may use.
   */
  #stringBytes(codes: Int32Array, entries: number): number {
    const table = this.#table;
    let bytes = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row];
      if (code >>> 0 >= entries) {
        throw malformed('an index is outside of its dictionary');
      }
      bytes = (bytes + table[code * WORDS]) | 0;
      if (bytes > MAX_STRING_BYTES) {
        throw tooLarge('A column holds more than 1 GiB of text.');
      }
    }
    return bytes;
  }

  /** Copies the view of each row from the table. */
  #views(codes: Int32Array): Uint8Array {
    const views = takeInt32(this.#memory, codes.length * WORDS);
    this.#fill(views, codes);
    return bytesOf(views);
  }

  /**
   * Writes the view of each row. If the batch begins with long runs of equal values, as in results that are sorted by
   * process, each run is written at once. All other rows are written one by one.
   */
  #fill(views: Int32Array, codes: Int32Array): void {
    let row = 0;
    for (let end = runEnd(codes, 0); end > row; end = runEnd(codes, end)) {
      const at = codes[row] * WORDS;
      views.set(this.#table.subarray(at, at + WORDS), row * WORDS);
      repeat(views, row * WORDS, WORDS, (end - row) * WORDS);
      row = end;
    }
    this.#fillRows(views, codes, row);
  }

  /**
   * Writes the views from `first` on, row by row. Code after the loop would make V8 deoptimize the function, see
   * `takeOffsets` in `take.ts`.
   */
  #fillRows(views: Int32Array, codes: Int32Array, first: number): void {
    const halves = this.#halves;
    const to = new BigInt64Array(views.buffer, views.byteOffset, codes.length * 2);
    for (let row = first; row < codes.length; row++) {
      const from = codes[row] * 2;
      to[row * 2] = halves[from];
      to[row * 2 + 1] = halves[from + 1];
    }
  }

  /** The long strings that the rows use. Undefined if the batch refers to the whole dictionary. */
  #stringsToCopy(codes: Int32Array): UsedStrings | undefined {
    // The dictionary has at most one byte per row, so the dictionary is small compared with the views, which have 16
    // bytes per row.
    if (this.#strings.length <= codes.length) {
      return undefined;
    }
    const strings = this.#longStringsOf(codes);
    return this.#strings.length <= strings.usedBytes * 2 ? undefined : strings;
  }

  #longStringsOf(codes: Int32Array): UsedStrings {
    const table = this.#table;
    const marks = (this.#marks ??= takeZeros(this.#memory, this.#values.length + 1));
    const used = scratchInt32(this.#memory, Math.min(codes.length, this.#values.length));
    let count = 0;
    let usedBytes = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row];
      if (marks[code] === 0) {
        const size = table[code * WORDS];
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

  /** Copies the strings. Afterwards, their views in the table refer to the copy. */
  #copy({ used, usedBytes }: UsedStrings): Uint8Array {
    const table = this.#table;
    const offsets = this.#offsets;
    const copy = this.#memory.take(usedBytes);
    let at = 0;
    for (const code of used) {
      copy.set(this.#strings.subarray(offsets[code], offsets[code + 1]), at);
      table[code * WORDS + POSITION] = at;
      at += table[code * WORDS];
    }
    return copy;
  }

  /** Undoes the change of the table by `#copy`. */
  #pointToDictionary({ used }: UsedStrings): void {
    for (const code of used) {
      this.#table[code * WORDS + POSITION] = this.#offsets[code];
    }
  }
}

/** End of the run of equal values that begins at `start`. Returns `start` for a run shorter than `RUN_ROWS`. */
function runEnd(codes: Int32Array, start: number): number {
  const code = codes[start];
  let end = start;
  while (end < codes.length && codes[end] === code) {
    end++;
  }
  return end - start < RUN_ROWS ? start : end;
}
