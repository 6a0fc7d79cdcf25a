/**
 * Picks values by index straight into a compressed buffer: a value that stands there already becomes a reference to it.
 *
 * Grafana's decoder refuses dictionaries, so a column that came as one leaves with each value written out, row by row. LZ4,
 * which that decoder reads, says the same in few bytes: "sixteen bytes, as eighty bytes before". Nothing has to be searched
 * for, since the indices tell what repeats. Where rows repeat a pattern, one reference covers all of it.
 *
 * Blocks depend on nothing before them and end between two rows. They hold 64 KiB at most, so every reference reaches its
 * target, and Go's decoder writes them in place. One that hardly repeats is stored as it is.
 *
 * @see LZ4 "Block format description" and "Frame format description"; Arrow `format/Message.fbs`, BodyCompression
 */
import { type MemoryAccount } from '../memory/memory-account';
import { takeInt32 } from '../memory/typed-arrays';

/** Less is not worth a reader's effort. */
const MIN_BYTES = 32 * 1024;

/** Times that a value has to be used on average. */
const MIN_USES = 2;

const BLOCK_BYTES = 64 * 1024;

/** With longer values a block holds too few rows. */
const MAX_VALUE_BYTES = BLOCK_BYTES / 8;

/** Magic number; version 1 with independent blocks and no checksums; blocks of 64 KiB; checksum of the two bytes before. */
const FRAME_HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
/** Size of the content, as Arrow puts it before the frame. */
const SIZE_BYTES = 8;
/** Before a block: its length, and whether it is stored. */
const LENGTH_BYTES = 4;
const STORED = 0x80000000;

const MIN_MATCH = 4;
/**
 * The end of a block that no match reaches into. The format wants the last match to begin so far before it, and five bytes
 * after it: this is both.
 */
const UNMATCHED_BYTES = 12;
/** Lengths from here on go on in bytes after the token. */
const LONG_LENGTH = 15;
/** Values from this size on are copied by the engine. */
const LONG_COPY = 24;

/**
 * Bytes that the matches of a block have to stand for on average: many short ones take a reader longer than the bytes that
 * they save. The first ones may be shorter.
 */
const WORTHWHILE_MATCH = 24;
const CREDIT_BYTES = 2048;
const NOT_WORTHWHILE = -1;

/** What may be left of the rows so far is a half, and a little more of the first ones: their values come for the first time. */
const ALLOWANCE_BYTES = 4096;

/**
 * The block that is being written, for all pickers: none is interrupted. Literals take one byte in 255 more than their own,
 * and a match takes less than its rows, so no block comes near twice its size.
 */
const WRITTEN_BYTES = 2 * BLOCK_BYTES;
const block = new Uint8Array(WRITTEN_BYTES);

export class Lz4Picker {
  readonly #count: number;
  readonly #starts: () => Int32Array;
  readonly #memory: MemoryAccount;
  #prepared: { starts: Int32Array; isFit: boolean; latest: Int32Array } | undefined;

  /**
   * @param count  Number of values.
   * @param starts Where each of them starts among the bytes, and where the last one ends. Asked for when it is needed.
   * @param memory Of the query, for the buffers.
   */
  constructor(count: number, starts: () => Int32Array, memory: MemoryAccount) {
    this.#count = count;
    this.#starts = starts;
    this.#memory = memory;
  }

  /**
   * @param bytes   The values. Left unmodified.
   * @param codes   Value of each row: checked before.
   * @param offsets Where each row starts in what is written, and where the last one ends.
   * @returns A compressed buffer as Arrow has it: the size of its content, 64 bits, and an LZ4 frame. Undefined where that
   *   does not pay.
   */
  pick(bytes: Uint8Array, codes: Int32Array, offsets: Int32Array): Uint8Array | undefined {
    const size = offsets[codes.length] ?? 0;
    if (size < MIN_BYTES || codes.length < this.#count * MIN_USES) {
      return undefined;
    }
    const { starts, isFit, latest } = (this.#prepared ??= prepare(this.#starts(), this.#memory));
    if (!isFit) {
      return undefined;
    }
    latest.fill(0);
    const blocks = writeBlocks({ bytes, starts, codes, offsets, latest }, this.#memory);
    return blocks === undefined ? undefined : this.#frame(size, blocks);
  }

  #frame(size: number, blocks: readonly Uint8Array[]): Uint8Array {
    const blocksBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    const buffer = this.#memory.take(SIZE_BYTES + FRAME_HEADER.length + blocksBytes + LENGTH_BYTES);
    writeInt32(buffer, 0, size);
    writeInt32(buffer, 4, 0);
    buffer.set(FRAME_HEADER, SIZE_BYTES);
    let at = SIZE_BYTES + FRAME_HEADER.length;
    for (const written of blocks) {
      buffer.set(written, at);
      at += written.length;
    }
    // The end mark: a block without bytes.
    writeInt32(buffer, at, 0);
    return buffer;
  }
}

function prepare(starts: Int32Array, memory: MemoryAccount) {
  let longest = 0;
  for (let index = 1; index < starts.length; index++) {
    longest = Math.max(longest, (starts[index] ?? 0) - (starts[index - 1] ?? 0));
  }
  return { starts, isFit: longest <= MAX_VALUE_BYTES, latest: takeInt32(memory, starts.length - 1) };
}

/** Rows that are being written, and the row in which each value was seen last, plus one. */
interface Rows {
  bytes: Uint8Array;
  starts: Int32Array;
  codes: Int32Array;
  offsets: Int32Array;
  latest: Int32Array;
}

/** All blocks, each after its length; undefined as soon as too little is saved. */
function writeBlocks(rows: Rows, memory: MemoryAccount): Uint8Array[] | undefined {
  const { codes, offsets } = rows;
  const blocks: Uint8Array[] = [];
  let written = 0;
  for (let first = 0, end = 0; first < codes.length; first = end) {
    end = blockEnd(offsets, first);
    const size = (offsets[end] ?? 0) - (offsets[first] ?? 0);
    const position = writeMatches(rows, first, end);
    const isStored = position === NOT_WORTHWHILE || position - LENGTH_BYTES >= size;
    written += isStored ? LENGTH_BYTES + size : position;
    if (written > ((offsets[end] ?? 0) >> 1) + ALLOWANCE_BYTES) {
      return undefined;
    }
    if (isStored) {
      copyValues(rows, first, end, LENGTH_BYTES);
      writeInt32(block, 0, size | STORED);
      blocks.push(copyOf(LENGTH_BYTES + size, memory));
    } else {
      writeInt32(block, 0, position - LENGTH_BYTES);
      blocks.push(copyOf(position, memory));
    }
  }
  return blocks;
}

/** The first bytes of `block`, for as long as the batch is converted. */
function copyOf(bytes: number, memory: MemoryAccount): Uint8Array {
  const copy = memory.scratch(bytes);
  copy.set(block.subarray(0, bytes));
  return copy;
}

/**
 * Writes the rows from `first` to before `end` into `block`, behind the place of its length.
 *
 * @returns The position after them, or `NOT_WORTHWHILE`.
 */
function writeMatches(rows: Rows, first: number, end: number): number {
  const { codes, offsets, latest } = rows;
  const matchEnd = lastMatchEnd(offsets, first, end);
  let credit = CREDIT_BYTES;
  let at = LENGTH_BYTES;
  /** The first row that is not written yet. */
  let open = first;
  let row = first;
  while (row < matchEnd) {
    const code = codes[row] ?? 0;
    const known = (latest[code] ?? 0) - 1;
    latest[code] = row + 1;
    if (known < first) {
      row++;
      continue;
    }
    const period = row - known;
    let stop = row + 1;
    while (stop < matchEnd && codes[stop] === codes[stop - period]) {
      stop++;
    }
    const position = offsets[row] ?? 0;
    const more = (offsets[stop] ?? 0) - position - MIN_MATCH;
    if (more >= 0) {
      credit += more + MIN_MATCH - WORTHWHILE_MATCH;
      if (credit < 0) {
        return NOT_WORTHWHILE;
      }
      if (open < row) {
        at = writeLiterals(rows, open, row, at, more);
      } else {
        block[at++] = more < LONG_LENGTH ? more : LONG_LENGTH;
      }
      const distance = position - (offsets[row - period] ?? 0);
      block[at] = distance;
      block[at + 1] = distance >> 8;
      at += 2;
      if (more >= LONG_LENGTH) {
        at = writeRest(at, more);
      }
      open = stop;
    }
    row++;
    // Whatever repeats has been seen last in the last period.
    for (row = Math.max(row, stop - period); row < stop; row++) {
      latest[codes[row] ?? 0] = row + 1;
    }
  }
  return writeLiterals(rows, open, end, at, 0);
}

/**
 * Writes a token and the rows from `first` to before `end` as they are.
 *
 * @param match Length of the match that follows, less the shortest one.
 * @returns The position after them.
 */
function writeLiterals(rows: Rows, first: number, end: number, start: number, match: number): number {
  const { offsets } = rows;
  const size = (offsets[end] ?? 0) - (offsets[first] ?? 0);
  block[start] = (Math.min(size, LONG_LENGTH) << 4) | Math.min(match, LONG_LENGTH);
  return copyValues(rows, first, end, size < LONG_LENGTH ? start + 1 : writeRest(start + 1, size));
}

/** The first row that does not fit into a block which begins with `first`. No value is longer than a block. */
function blockEnd(offsets: Int32Array, first: number): number {
  const limit = (offsets[first] ?? 0) + BLOCK_BYTES;
  let low = first + 1;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= limit) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/** The row that matches have to end before. */
function lastMatchEnd(offsets: Int32Array, first: number, end: number): number {
  const limit = (offsets[end] ?? 0) - UNMATCHED_BYTES;
  let row = end;
  while (row > first && (offsets[row] ?? 0) > limit) {
    row--;
  }
  return row;
}

/** Copies the values of rows to `block`. @returns The position after them. */
function copyValues({ bytes, starts, codes }: Rows, first: number, end: number, start: number): number {
  let at = start;
  for (let row = first; row < end; row++) {
    const code = codes[row] ?? 0;
    const from = starts[code] ?? 0;
    const to = starts[code + 1] ?? 0;
    if (to - from < LONG_COPY) {
      for (let byte = from; byte < to; byte++) {
        block[at++] = bytes[byte] ?? 0;
      }
    } else {
      block.set(bytes.subarray(from, to), at);
      at += to - from;
    }
  }
  return at;
}

/** What a token has no room for of a length. @returns The position after it. */
function writeRest(start: number, length: number): number {
  let at = start;
  let rest = length - LONG_LENGTH;
  while (rest >= 255) {
    block[at++] = 255;
    rest -= 255;
  }
  block[at++] = rest;
  return at;
}

function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >> 8;
  target[at + 2] = value >> 16;
  target[at + 3] = value >> 24;
}
