/**
 * Turns the header blocks of one direction of one connection into fields, in the order in which they came.
 *
 * Every block changes the table that the next one refers to. So each block is decoded to its end, even if nobody wants
 * its fields any more, and after an error there is no going on. Names are given out as they came: whether HTTP allows
 * them (RFC 9113 8.2) is for the caller to say.
 *
 * Rules: RFC 7541 3, 4 and 6.
 */
import { BlockReader } from './block-reader.ts';
import { DynamicTable } from './dynamic-table.ts';
import { fieldBytes, type HeaderField } from './header-field.ts';
import { HpackError } from './hpack-error.ts';
import { STATIC_FIELDS } from './static-table.ts';

export { HpackError } from './hpack-error.ts';

/** The first bits of a field tell its kind; the bits below belong to its index, or to the new size of the table. */
const INDEXED = 0x80;
const REMEMBERED = 0x40;
const SIZE_UPDATE = 0x20;
/** Not remembered, with or without the wish that nobody ever does: the two differ for those who encode again. */
const NOT_REMEMBERED = 0x10;

/** What every encoder starts with (RFC 9113 6.5.2); until it says otherwise, it may fill as much. */
const INITIAL_TABLE_BYTES = 4096;

export class HpackDecoder {
  readonly #table = new DynamicTable(INITIAL_TABLE_BYTES);
  readonly #maxTableBytes: number;
  readonly #maxListBytes: number;

  /**
   * @param options `maxTableBytes` is what this side announced as SETTINGS_HEADER_TABLE_SIZE. `maxListBytes` bounds the
   *   decoded list, counted as in RFC 9113 6.5.2: name, value and 32 for each field.
   */
  constructor(options: { maxTableBytes: number; maxListBytes: number }) {
    this.#maxTableBytes = options.maxTableBytes;
    this.#maxListBytes = options.maxListBytes;
  }

  /**
   * @param block One whole header block. Nothing of it is kept.
   * @returns The fields; undefined if they are more than `maxListBytes`, which leaves the decoder in order.
   * @throws {HpackError} if the block is malformed; the decoder must not be used again
   */
  decode(block: Uint8Array): HeaderField[] | undefined {
    const bytes = Buffer.isBuffer(block) ? block : Buffer.from(block.buffer, block.byteOffset, block.length);
    const reader = new BlockReader(bytes);
    this.#readSizeUpdates(reader);
    const fields: HeaderField[] = [];
    let room = this.#maxListBytes;
    for (let first = reader.peek(); first !== undefined; first = reader.peek()) {
      const field = this.#readField(reader, first);
      room -= fieldBytes(field);
      if (room >= 0) {
        fields.push(field);
      }
    }
    return room < 0 ? undefined : fields;
  }

  #readSizeUpdates(reader: BlockReader): void {
    for (let first = reader.peek(); first !== undefined && isSizeUpdate(first); first = reader.peek()) {
      const size = reader.integer(SIZE_UPDATE - 1);
      if (size > this.#maxTableBytes) {
        throw new HpackError('the table is made larger than was allowed');
      }
      this.#table.resize(size);
    }
  }

  #readField(reader: BlockReader, first: number): HeaderField {
    if (first >= INDEXED) {
      return this.#fieldOf(reader.integer(INDEXED - 1));
    }
    if (first >= REMEMBERED) {
      const field = this.#readLiteral(reader, REMEMBERED - 1);
      this.#table.add(field);
      return field;
    }
    if (isSizeUpdate(first)) {
      throw new HpackError('the table changes its size after a field');
    }
    return this.#readLiteral(reader, NOT_REMEMBERED - 1);
  }

  #readLiteral(reader: BlockReader, mask: number): HeaderField {
    const nameIndex = reader.integer(mask);
    const name = nameIndex === 0 ? reader.string() : this.#fieldOf(nameIndex)[0];
    return [name, reader.string()];
  }

  /** The tables share one row of indexes: first the static fields, then what was remembered, newest first. */
  #fieldOf(index: number): HeaderField {
    const field =
      index <= STATIC_FIELDS.length ? STATIC_FIELDS[index - 1] : this.#table.get(index - STATIC_FIELDS.length);
    if (field === undefined) {
      throw new HpackError('there is no field of that index');
    }
    return field;
  }
}

function isSizeUpdate(first: number): boolean {
  return first >= SIZE_UPDATE && first < REMEMBERED;
}
