/**
 * Decodes the header blocks of one direction of a connection.
 *
 * Each block changes the table that the next one refers to. So every block must be decoded, in order and to its end,
 * and the decoder cannot be used after an error. Names are returned as received: the caller checks whether HTTP allows
 * them (RFC 9113, section 8.2).
 *
 * Rules: RFC 7541, sections 3, 4 and 6.
 */
import { BlockReader } from './block-reader.ts';
import { fieldBytes, HpackError, type HeaderField } from './header-field.ts';
import { DynamicTable, STATIC_FIELDS } from './tables.ts';

/**
 * The first bits of a field identify its representation. The bits below them hold an index, or the new size of the
 * table.
 */
const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const SIZE_UPDATE = 0x20;
/**
 * A literal field without indexing, or never indexed. The difference matters only to proxies that encode the field
 * again.
 */
const WITHOUT_INDEXING = 0x10;

/** Initial table size of every encoder (RFC 9113, section 6.5.2), independent of the size that this side announced. */
const INITIAL_TABLE_BYTES = 4096;

/** One per connection and direction, because it keeps the header table. */
export class HpackDecoder {
  readonly #table = new DynamicTable(INITIAL_TABLE_BYTES);
  readonly #maxTableBytes: number;
  readonly #maxListBytes: number;

  /**
   * @param options `maxTableBytes` is the SETTINGS_HEADER_TABLE_SIZE that this side announced. `maxListBytes` limits
   *   the decoded list: name, value and 32 bytes for each field (RFC 9113, section 6.5.2).
   */
  constructor(options: { maxTableBytes: number; maxListBytes: number }) {
    this.#maxTableBytes = options.maxTableBytes;
    this.#maxListBytes = options.maxListBytes;
  }

  /**
   * @param block One complete header block. The decoder keeps no reference to it.
   * @returns The fields; undefined if they exceed `maxListBytes`. The decoder can be used again in both cases.
   * @throws {HpackError} for a malformed block. The decoder must not be used after this error.
   */
  decode(block: Uint8Array): HeaderField[] | undefined {
    const bytes = Buffer.isBuffer(block) ? block : Buffer.from(block.buffer, block.byteOffset, block.length);
    const reader = new BlockReader(bytes);
    this.#readSizeUpdates(reader);
    const fields: HeaderField[] = [];
    let leftBytes = this.#maxListBytes;
    for (let first = reader.peek(); first !== undefined; first = reader.peek()) {
      const field = this.#readField(reader, first);
      leftBytes -= fieldBytes(field);
      if (leftBytes >= 0) {
        fields.push(field);
      }
    }
    return leftBytes < 0 ? undefined : fields;
  }

  #readSizeUpdates(reader: BlockReader): void {
    for (let first = reader.peek(); first !== undefined && isSizeUpdate(first); first = reader.peek()) {
      const size = reader.integer(SIZE_UPDATE - 1);
      if (size > this.#maxTableBytes) {
        throw new HpackError('The new table size exceeds the announced limit.');
      }
      this.#table.resize(size);
    }
  }

  #readField(reader: BlockReader, first: number): HeaderField {
    if (first >= INDEXED) {
      return this.#fieldAt(reader.integer(INDEXED - 1));
    }
    if (first >= WITH_INDEXING) {
      const field = this.#readLiteral(reader, WITH_INDEXING - 1);
      this.#table.add(field);
      return field;
    }
    if (isSizeUpdate(first)) {
      throw new HpackError('The table size changes after a field.');
    }
    return this.#readLiteral(reader, WITHOUT_INDEXING - 1);
  }

  #readLiteral(reader: BlockReader, mask: number): HeaderField {
    const nameIndex = reader.integer(mask);
    const name = nameIndex === 0 ? reader.string() : this.#fieldAt(nameIndex)[0];
    return [name, reader.string()];
  }

  /** Both tables share one range of indexes: first the static fields, then the dynamic ones, newest first. */
  #fieldAt(index: number): HeaderField {
    const field =
      index <= STATIC_FIELDS.length ? STATIC_FIELDS[index - 1] : this.#table.get(index - STATIC_FIELDS.length);
    if (field === undefined) {
      throw new HpackError('An index is beyond the table.');
    }
    return field;
  }
}

function isSizeUpdate(first: number): boolean {
  return first >= SIZE_UPDATE && first < WITH_INDEXING;
}
