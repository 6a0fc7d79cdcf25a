/**
 * Picks the texts of a dictionary as views: sixteen bytes a row, copied from a table that is made once per dictionary.
 *
 * A view holds the size of its text and, up to twelve bytes, the text itself; a longer one is found by its place in a data
 * buffer. A batch lists as its data the bytes of the dictionary as they are while that adds little to the answer, else a
 * copy of the texts that its rows use, each once: a large dictionary that many batches share must not come with each.
 *
 * @see Arrow columnar format, "Variable-size Binary View Layout"
 */
import { type Allocate, allocateInt32, allocateOwn } from '../memory/allocate';
import { MAX_TEXT_BYTES, pickedValidity, repeat } from './gather';
import { malformed, tooLarge } from './malformed';
import { type PlainColumn, textOffsets, withValidity } from './plain-column';
import { bytesOf, isPresent } from './vector';

/** Words of 32 bits in a view: size; then the text itself, or its first bytes, the number of its buffer, its place. */
const WORDS = 4;
const PLACE = 3;
/** Bytes of the longest text that a view holds itself. */
const INLINE_BYTES = 12;

/** Rows from which on a run of one value is copied as a whole. */
const RUN_ROWS = 64;

export class TextViews {
  private readonly table: Int32Array;
  /** The table once more: views are copied as two halves. */
  private readonly halves: BigInt64Array;
  private readonly texts: Uint8Array;
  /** Is there a text that lies in a data buffer? */
  private readonly hasLong: boolean;
  /** Where in the copy a value was put, plus one; 0 for those not copied. All 0 between two batches. */
  private places: Int32Array | undefined;

  /**
   * @param values   The dictionary's values as `utf8`. Left unmodified.
   * @param allocate Memory for the views.
   */
  constructor(
    private readonly values: PlainColumn,
    private readonly allocate: Allocate = allocateOwn
  ) {
    const offsets = textOffsets(values);
    this.texts = values.values;
    this.table = new Int32Array(values.length * WORDS);
    this.halves = new BigInt64Array(this.table.buffer);
    const bytes = bytesOf(this.table);
    let hasLong = false;
    for (let index = 0; index < values.length; index++) {
      const start = offsets[index] ?? 0;
      const size = (offsets[index + 1] ?? 0) - start;
      const word = index * WORDS;
      const end = start + Math.min(size, INLINE_BYTES);
      this.table[word] = size;
      for (let from = start, to = word * 4 + 4; from < end; from++, to++) {
        bytes[to] = this.texts[from] ?? 0;
      }
      if (size > INLINE_BYTES) {
        hasLong = true;
        // The first four bytes stay: readers compare by them.
        this.table[word + 2] = 0;
        this.table[word + PLACE] = start;
      }
    }
    this.hasLong = hasLong;
  }

  /** Bytes of the table and what belongs to it. */
  get keptBytes(): number {
    return this.table.byteLength + (this.places?.byteLength ?? 0);
  }

  /**
   * @param indices  Value of each row. Arbitrary where `validity` says null.
   * @param validity Which of the rows are present; null when all are.
   * @throws {ProxyError} 'result_malformed' for an index that the dictionary does not have, 'result_too_large'
   */
  pick(indices: Int32Array, validity: Uint8Array | null): PlainColumn {
    const length = indices.length;
    const views = allocateInt32(length * WORDS, this.allocate);
    const textBytes = this.fill(views, indices, validity);
    if (textBytes > MAX_TEXT_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
    const data = this.hasLong ? [this.data(indices, views)] : [];
    const valid = withValidity(pickedValidity(this.values, indices, validity), length);
    return { kind: 'utf8View', length, ...valid, offsets: null, values: bytesOf(views), data, textBytes };
  }

  /**
   * Writes the view of each row. Results that are sorted by process begin with long runs of one value, or are one: these are
   * copied as a whole.
   *
   * @returns Bytes of all rows' texts.
   */
  private fill(views: Int32Array, indices: Int32Array, validity: Uint8Array | null): number {
    let textBytes = 0;
    let row = 0;
    for (let end = this.runEnd(indices, validity, 0); end > row; end = this.runEnd(indices, validity, end)) {
      const at = (indices[row] ?? 0) * WORDS;
      views.set(this.table.subarray(at, at + WORDS), row * WORDS);
      repeat(views, row * WORDS, WORDS, (end - row) * WORDS);
      textBytes += (end - row) * (this.table[at] ?? 0);
      row = end;
    }
    return textBytes + this.fillRows(views, indices, validity, row);
  }

  /** Where the run of one value ends that begins at `start`; `start` itself for a short one. */
  private runEnd(indices: Int32Array, validity: Uint8Array | null, start: number): number {
    const index = indices[start] ?? -1;
    if (validity !== null || index >>> 0 >= this.values.length) {
      return start;
    }
    let end = start + 1;
    while (end < indices.length && indices[end] === index) {
      end++;
    }
    return end - start < RUN_ROWS ? start : end;
  }

  /** Row by row, from `first` on. Nothing stands behind the loop, see `gather.ts`. @returns Bytes of these rows' texts. */
  private fillRows(views: Int32Array, indices: Int32Array, validity: Uint8Array | null, first: number): number {
    const { table, halves } = this;
    const { length: size } = this.values;
    const to = new BigInt64Array(views.buffer, views.byteOffset, indices.length * 2);
    let textBytes = 0;
    for (let row = first; row < indices.length; row++) {
      const index = indices[row] ?? 0;
      const isNull = validity !== null && !isPresent(validity, row);
      if (isNull || index >>> 0 >= size) {
        if (!isNull) {
          throw malformed('an index points outside of its dictionary');
        }
        to[row * 2] = 0n;
        to[row * 2 + 1] = 0n;
        continue;
      }
      textBytes += table[index * WORDS] ?? 0;
      to[row * 2] = halves[index * 2] ?? 0n;
      to[row * 2 + 1] = halves[index * 2 + 1] ?? 0n;
    }
    return textBytes;
  }

  /** The bytes that the long ones among the views point into. */
  private data(indices: Int32Array, views: Int32Array): Uint8Array {
    if (this.texts.length <= views.byteLength) {
      return this.texts;
    }
    const { used, usedBytes, places } = this.place(indices, views);
    const isMostlyUsed = this.texts.length <= usedBytes * 2;
    if (!isMostlyUsed) {
      for (let row = 0, word = 0; row < indices.length; row++, word += WORDS) {
        if ((views[word] ?? 0) > INLINE_BYTES) {
          views[word + PLACE] = (places[indices[row] ?? 0] ?? 0) - 1;
        }
      }
    }
    const data = isMostlyUsed ? this.texts : this.copy(used, usedBytes);
    for (const index of used) {
      places[index] = 0;
    }
    return data;
  }

  /** Gives each long text that the rows use a place in a copy. */
  private place(indices: Int32Array, views: Int32Array): { used: Int32Array; usedBytes: number; places: Int32Array } {
    const places = (this.places ??= new Int32Array(this.values.length));
    const used = new Int32Array(Math.min(indices.length, this.values.length));
    let count = 0;
    let usedBytes = 0;
    for (let row = 0, word = 0; row < indices.length; row++, word += WORDS) {
      const index = indices[row] ?? 0;
      const size = views[word] ?? 0;
      if (size > INLINE_BYTES && places[index] === 0) {
        places[index] = usedBytes + 1;
        used[count++] = index;
        usedBytes += size;
      }
    }
    return { used: used.subarray(0, count), usedBytes, places };
  }

  private copy(used: Int32Array, usedBytes: number): Uint8Array {
    const copy = new Uint8Array(usedBytes);
    let at = 0;
    for (const index of used) {
      const start = this.table[index * WORDS + PLACE] ?? 0;
      const end = start + (this.table[index * WORDS] ?? 0);
      copy.set(this.texts.subarray(start, end), at);
      at += end - start;
    }
    return copy;
  }
}
