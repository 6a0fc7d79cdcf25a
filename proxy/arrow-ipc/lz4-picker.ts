/**
 * Picks values by index straight into a compressed buffer: a value that stands there already becomes a reference to it.
 *
 * Grafana's decoder refuses dictionaries, so a column that came as one leaves with each value written out, row by row. LZ4,
 * which that decoder reads, says the same in few bytes: "sixteen bytes, as eighty bytes before". Nothing has to be searched
 * for, since the indices tell what repeats. Where rows repeat a pattern, one reference covers all of it.
 *
 * Blocks depend on nothing before them and end between two rows. They hold 64 KiB at most, so every reference reaches its
 * target, and Go's decoder writes them in place.
 *
 * @see LZ4 "Block format description" and "Frame format description"; Arrow `format/Message.fbs`, BodyCompression
 */
import { type Allocate, allocateOwn } from '../memory/allocate';

/** Less is not worth a reader's effort. */
const MIN_BYTES = 32 * 1024;

const BLOCK_BYTES = 64 * 1024;

/** Longer values would leave blocks half empty, and save nothing over writing them out. */
const MAX_VALUE_BYTES = BLOCK_BYTES / 8;

/** Times that a value has to be used on average. */
const MIN_USES = 2;

/** Magic number; version 1 with independent blocks and no checksums; blocks of 64 KiB; checksum of the two bytes before. */
const FRAME_HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const FRAME_START = 8;
const BLOCKS_START = FRAME_START + FRAME_HEADER.length;

const MIN_MATCH = 4;
/** The end of a block that no match may reach into, as the format wants it. */
const UNMATCHED_BYTES = 12;
/** Lengths from here on go on in bytes after the token. */
const LONG_LENGTH = 15;
/** Values from this size on are copied by the engine. */
const LONG_COPY = 24;

/**
 * Bytes that a match has to stand for on average: many short ones take a reader longer than the bytes that they save. The
 * first ones of a block may be shorter.
 */
const WORTHWHILE_MATCH = 24;
const CREDIT_BYTES = 2048;

/** What may be left of the rows is a half, and more of the first ones: their values come for the first time. */
const ALLOWANCE_BYTES = 4096;

const GIVEN_UP = -1;

/** What is being written, for all pickers: none is interrupted. */
let scratch = new Uint8Array(2 * BLOCK_BYTES);
const MAX_KEPT_SCRATCH = 1024 * 1024;

export class Lz4Picker {
  /** Row in which each value was seen last, plus one. */
  private readonly latest: Int32Array;
  private readonly isFit: boolean;

  /**
   * @param bytes    The values, one after the other. Left unmodified.
   * @param starts   Where each of them starts, and where the last one ends.
   * @param allocate Memory for the buffers.
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly starts: Int32Array,
    private readonly allocate: Allocate = allocateOwn
  ) {
    this.latest = new Int32Array(starts.length - 1);
    this.isFit = longest(starts) <= MAX_VALUE_BYTES;
  }

  /** Bytes that it keeps for the next batch. */
  get keptBytes(): number {
    return this.latest.byteLength;
  }

  /**
   * @param codes   Value of each row: checked before.
   * @param offsets Where each row starts in what is written, and where the last one ends.
   * @returns A compressed buffer as Arrow has it: the size of its content, 64 bits, and an LZ4 frame. Undefined where that
   *   does not pay.
   */
  pick(codes: Int32Array, offsets: Int32Array): Uint8Array | undefined {
    const size = offsets[codes.length] ?? 0;
    if (!this.isFit || size < MIN_BYTES || codes.length < this.latest.length * MIN_USES) {
      return undefined;
    }
    this.latest.fill(0);
    const end = this.blocks(codes, offsets);
    const buffer = end === GIVEN_UP ? undefined : this.copied(end);
    if (scratch.length > MAX_KEPT_SCRATCH) {
      scratch = new Uint8Array(2 * BLOCK_BYTES);
    }
    return buffer;
  }

  private copied(end: number): Uint8Array {
    const buffer = this.allocate(end);
    buffer.set(scratch.subarray(0, end));
    return buffer;
  }

  /** Writes the whole buffer. @returns Its length, or `GIVEN_UP`. */
  private blocks(codes: Int32Array, offsets: Int32Array): number {
    const rows = codes.length;
    writeInt32(0, offsets[rows] ?? 0);
    writeInt32(4, 0);
    scratch.set(FRAME_HEADER, FRAME_START);
    let at = BLOCKS_START;
    for (let first = 0, end = 0; first < rows; first = end) {
      end = blockEnd(offsets, first);
      // Nothing makes a block twice as large.
      reserve(at + 2 * BLOCK_BYTES);
      const start = at + 4;
      at = this.block(codes, offsets, first, end, start);
      if (at === GIVEN_UP) {
        return GIVEN_UP;
      }
      writeInt32(start - 4, at - start);
    }
    // The end mark: a block without bytes.
    writeInt32(at, 0);
    return at + 4;
  }

  /** Writes the rows from `first` to before `end` as one block. @returns The position after it, or `GIVEN_UP`. */
  private block(codes: Int32Array, offsets: Int32Array, first: number, end: number, start: number): number {
    const { latest } = this;
    const out = scratch;
    const matchEnd = lastMatchEnd(offsets, first, end);
    let at = start;
    let credit = CREDIT_BYTES;
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
        if (open < row) {
          at = this.literals(codes, offsets, open, row, at, more);
        } else {
          out[at++] = more < LONG_LENGTH ? more : LONG_LENGTH;
        }
        credit += more + MIN_MATCH - WORTHWHILE_MATCH;
        if (credit < 0) {
          return GIVEN_UP;
        }
        const distance = position - (offsets[row - period] ?? 0);
        out[at] = distance;
        out[at + 1] = distance >> 8;
        at += 2;
        if (more >= LONG_LENGTH) {
          at = writeRest(out, at, more);
        }
        open = stop;
      }
      row++;
      // Whatever repeats has been seen last in the last period.
      for (row = Math.max(row, stop - period); row < stop; row++) {
        latest[codes[row] ?? 0] = row + 1;
      }
    }
    at = this.literals(codes, offsets, open, end, at, 0);
    return at > ((offsets[end] ?? 0) >> 1) + ALLOWANCE_BYTES ? GIVEN_UP : at;
  }

  /**
   * Writes a token and the rows from `first` to before `end` as they are.
   *
   * @param match Length of the match that follows, less the shortest one.
   * @returns The position after them.
   */
  private literals(
    codes: Int32Array,
    offsets: Int32Array,
    first: number,
    end: number,
    start: number,
    match: number
  ): number {
    const size = (offsets[end] ?? 0) - (offsets[first] ?? 0);
    scratch[start] = (Math.min(size, LONG_LENGTH) << 4) | Math.min(match, LONG_LENGTH);
    const at = size < LONG_LENGTH ? start + 1 : writeRest(scratch, start + 1, size);
    return copyValues(this.bytes, this.starts, codes, first, end, at);
  }
}

function longest(starts: Int32Array): number {
  let most = 0;
  for (let index = 1; index < starts.length; index++) {
    most = Math.max(most, (starts[index] ?? 0) - (starts[index - 1] ?? 0));
  }
  return most;
}

/** The first row that does not fit into a block which begins with `first`. */
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

function copyValues(
  bytes: Uint8Array,
  starts: Int32Array,
  codes: Int32Array,
  first: number,
  end: number,
  start: number
): number {
  let at = start;
  for (let row = first; row < end; row++) {
    const code = codes[row] ?? 0;
    const from = starts[code] ?? 0;
    const to = starts[code + 1] ?? 0;
    if (to - from < LONG_COPY) {
      for (let byte = from; byte < to; byte++) {
        scratch[at++] = bytes[byte] ?? 0;
      }
    } else {
      scratch.set(bytes.subarray(from, to), at);
      at += to - from;
    }
  }
  return at;
}

/** What a token has no room for of a length. @returns The position after it. */
function writeRest(out: Uint8Array, start: number, length: number): number {
  let at = start;
  let rest = length - LONG_LENGTH;
  while (rest >= 255) {
    out[at++] = 255;
    rest -= 255;
  }
  out[at++] = rest;
  return at;
}

function writeInt32(at: number, value: number): void {
  scratch[at] = value;
  scratch[at + 1] = value >> 8;
  scratch[at + 2] = value >> 16;
  scratch[at + 3] = value >> 24;
}

function reserve(bytes: number): void {
  if (bytes > scratch.length) {
    const grown = new Uint8Array(Math.max(bytes, scratch.length * 2));
    grown.set(scratch);
    scratch = grown;
  }
}
