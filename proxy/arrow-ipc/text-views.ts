/**
 * Picks the texts of a dictionary as views: sixteen bytes a row, copied from a table that is made once per dictionary.
 *
 * A view holds the size of its text and, up to twelve bytes, the text itself; a longer one is found by its place in a data
 * buffer. A batch lists as its data the bytes of the dictionary as they are while that adds little to the answer, else a
 * copy of the texts that its rows use, each once: a large dictionary that many batches share must not come with each.
 *
 * Many views are written compressed, as `lz4-picker.ts` does it.
 *
 * @see Arrow columnar format, "Variable-size Binary View Layout"
 */
import { type Allocate, allocateInt32, allocateOwn } from '../memory/allocate';
import { MAX_TEXT_BYTES, pickedCodes, pickedValidity, repeat } from './gather';
import { Lz4Picker } from './lz4-picker';
import { malformed, tooLarge } from './malformed';
import { type PlainColumn, textOffsets, withValidity } from './plain-column';
import { bytesOf } from './vector';

const VIEW_BYTES = 16;
/** Words of 32 bits in a view: size; then the text itself, or its first bytes, the number of its buffer, its place. */
const WORDS = 4;
const PLACE = 3;
/** Bytes of the longest text that a view holds itself. */
const INLINE_BYTES = 12;

/** Rows from which on a run of one value is copied as a whole. */
const RUN_ROWS = 64;

/** As many multiples of sixteen as were needed so far. */
let viewStarts = new Int32Array(0);

export class TextViews {
  /** A view for each value, and an empty one for rows that have none. */
  private readonly table: Int32Array;
  /** The table once more: views are copied as two halves. */
  private readonly halves: BigInt64Array;
  private readonly texts: Uint8Array;
  /** Is there a text that lies in a data buffer? */
  private readonly hasLong: boolean;
  /** Where in the copy a value was put, plus one; 0 for those not copied. All 0 between two batches. */
  private places: Int32Array | undefined;
  private picker: Lz4Picker | undefined;

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
    this.table = new Int32Array((values.length + 1) * WORDS);
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
    return this.table.byteLength + (this.places?.byteLength ?? 0) + (this.picker?.keptBytes ?? 0);
  }

  /**
   * @param indices  Value of each row. Arbitrary where `validity` says null.
   * @param validity Which of the rows are present; null when all are.
   * @throws {ProxyError} 'result_malformed' for an index that the dictionary does not have, 'result_too_large'
   */
  pick(indices: Int32Array, validity: Uint8Array | null): PlainColumn {
    const { length } = indices;
    const codes = validity === null ? indices : pickedCodes(indices, validity, this.values.length);
    const textBytes = this.textBytes(codes, validity === null ? this.values.length : this.values.length + 1);
    const valid = withValidity(pickedValidity(this.values, codes, validity), length);
    const column = { kind: 'utf8View' as const, length, ...valid, offsets: null, textBytes };
    const compressed = this.compressed(codes);
    if (compressed !== undefined) {
      const data = this.hasLong ? [this.texts] : [];
      return { ...column, values: compressed, compressedFrom: length * VIEW_BYTES, data };
    }
    const views = allocateInt32(length * WORDS, this.allocate);
    this.fill(views, codes);
    return { ...column, values: bytesOf(views), data: this.hasLong ? [this.data(codes, views)] : [] };
  }

  /**
   * Bytes of all rows' texts; no sum in between leaves the range of int32.
   *
   * @param entries Entries of the table that rows may have.
   */
  private textBytes(codes: Int32Array, entries: number): number {
    const { table } = this;
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

  /** The views, where the bytes of the dictionary are what they point into. */
  private compressed(codes: Int32Array): Uint8Array | undefined {
    if (this.hasLong && !this.isSmallBeside(codes.length)) {
      return undefined;
    }
    this.picker ??= new Lz4Picker(bytesOf(this.table), viewOffsets(this.values.length + 1), this.allocate);
    return this.picker.pick(codes, viewOffsets(codes.length));
  }

  /**
   * Writes the view of each row. Results that are sorted by process begin with long runs of one value, or are one: these are
   * copied as a whole.
   */
  private fill(views: Int32Array, codes: Int32Array): void {
    let row = 0;
    for (let end = runEnd(codes, 0); end > row; end = runEnd(codes, end)) {
      const at = (codes[row] ?? 0) * WORDS;
      views.set(this.table.subarray(at, at + WORDS), row * WORDS);
      repeat(views, row * WORDS, WORDS, (end - row) * WORDS);
      row = end;
    }
    this.fillRows(views, codes, row);
  }

  /** Row by row, from `first` on. Nothing stands behind the loop, see `gather.ts`. */
  private fillRows(views: Int32Array, codes: Int32Array, first: number): void {
    const { halves } = this;
    const to = new BigInt64Array(views.buffer, views.byteOffset, codes.length * 2);
    for (let row = first; row < codes.length; row++) {
      const from = (codes[row] ?? 0) * 2;
      to[row * 2] = halves[from] ?? 0n;
      to[row * 2 + 1] = halves[from + 1] ?? 0n;
    }
  }

  /** True when the whole dictionary adds little to the views of so many rows. */
  private isSmallBeside(rows: number): boolean {
    return this.texts.length <= rows * VIEW_BYTES;
  }

  /** The bytes that the long ones among the views point into. */
  private data(codes: Int32Array, views: Int32Array): Uint8Array {
    if (this.isSmallBeside(codes.length)) {
      return this.texts;
    }
    const { used, usedBytes, places } = this.place(codes, views);
    const isMostlyUsed = this.texts.length <= usedBytes * 2;
    if (!isMostlyUsed) {
      for (let row = 0, word = 0; row < codes.length; row++, word += WORDS) {
        if ((views[word] ?? 0) > INLINE_BYTES) {
          views[word + PLACE] = (places[codes[row] ?? 0] ?? 0) - 1;
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
  private place(codes: Int32Array, views: Int32Array): { used: Int32Array; usedBytes: number; places: Int32Array } {
    const places = (this.places ??= new Int32Array(this.values.length));
    const used = new Int32Array(Math.min(codes.length, this.values.length));
    let count = 0;
    let usedBytes = 0;
    for (let row = 0, word = 0; row < codes.length; row++, word += WORDS) {
      const index = codes[row] ?? 0;
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

/** Where the run of one value ends that begins at `start`; `start` itself for a short one. */
function runEnd(codes: Int32Array, start: number): number {
  const code = codes[start];
  let end = start;
  while (end < codes.length && codes[end] === code) {
    end++;
  }
  return end - start < RUN_ROWS ? start : end;
}

/** Where each view starts, and where the last one ends. */
function viewOffsets(count: number): Int32Array {
  if (viewStarts.length <= count) {
    viewStarts = Int32Array.from({ length: count + 1 }, (_, view) => view * VIEW_BYTES);
  }
  return viewStarts.subarray(0, count + 1);
}
