/**
 * Reads the FlatBuffers tables of Arrow's metadata with a bounds check for each access.
 *
 * The generated readers of FlatBuffers trust their input: for a truncated message they throw RangeErrors or read
 * unrelated bytes. Here a failed check throws `result_malformed`. Offsets of tables and vectors point forward only, so
 * references cannot be cyclic.
 *
 * Each length that the message announces is checked before memory is allocated for it. Vectors of numbers are read on
 * access. For vectors of tables the caller passes a limit. Strings share one limit, because any number of fields may
 * refer to the same string.
 *
 * @see FlatBuffers "Internals" (tables, vtables, vectors). All numbers are little-endian.
 */
import { malformed, tooLarge } from './result-errors';

const UTF8 = new TextDecoder();

/** Limit for the metadata of one message, in bytes. A schema of 10,000 fields takes about 2 MiB. */
export const MAX_METADATA_BYTES = 16 * 1024 * 1024;

/** Limit for all names and time zones of one message, in bytes. A string is counted each time that it is read. */
export const MAX_METADATA_STRING_BYTES = 4 * 1024 * 1024;

/** Longer strings are truncated, not rejected: the name of an expression without an alias is its whole SQL. */
export const MAX_NAME_BYTES = 4096;

/** Checked reads of the metadata of one message. Positions are byte offsets from the start of the metadata. */
export class MetadataBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #stringBytes = 0;

  /** @throws {ProxyError} 'result_too_large' */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    if (bytes.length > MAX_METADATA_BYTES) {
      throw tooLarge('The metadata of a message has more than 16 MiB.');
    }
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The root table of the message. */
  root(): MetadataTable {
    return new MetadataTable(this, this.u32(0));
  }

  u8(at: number): number {
    this.check(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.#view.getUint16(at, true);
  }

  i16(at: number): number {
    this.check(at, 2);
    return this.#view.getInt16(at, true);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.#view.getUint32(at, true);
  }

  i32(at: number): number {
    this.check(at, 4);
    return this.#view.getInt32(at, true);
  }

  /** A 64-bit length or position. @throws {ProxyError} 'result_malformed' if the number is not a safe integer. */
  i64(at: number): number {
    this.check(at, 8);
    const value = this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) {
      throw malformed('a length in the metadata is out of range');
    }
    return value;
  }

  /**
   * A string, truncated after `MAX_NAME_BYTES`.
   *
   * @throws {ProxyError} 'result_too_large' when the strings of the message exceed `MAX_METADATA_STRING_BYTES`.
   */
  string(at: number, length: number): string {
    this.check(at, length);
    const kept = Math.min(length, MAX_NAME_BYTES);
    this.#stringBytes += kept;
    if (this.#stringBytes > MAX_METADATA_STRING_BYTES) {
      throw tooLarge('The names of the columns have more than 4 MiB.');
    }
    const decoded = UTF8.decode(this.#bytes.subarray(at, at + kept));
    return kept === length ? decoded : `${decoded}…`;
  }

  /** @throws {ProxyError} 'result_malformed' if the message does not contain all of these bytes. */
  check(at: number, size: number): void {
    if (!(at >= 0 && at + size <= this.#bytes.length)) {
      throw malformed('the metadata of a message is truncated');
    }
  }
}

/** A vector of 64-bit numbers, read on access. */
export interface NumberVector {
  readonly length: number;
  at(index: number): number;
}

/** A vector of structs of two 64-bit numbers each, such as field nodes and buffers, read on access. */
export interface PairVector {
  readonly length: number;
  first(index: number): number;
  second(index: number): number;
}

const PAIR_BYTES = 16;
const LONG_BYTES = 8;

/** One table. The slot of a field is the position of its declaration in Arrow's .fbs files. */
export class MetadataTable {
  readonly #bytes: MetadataBytes;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;

  constructor(bytes: MetadataBytes, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#vtable = at - bytes.i32(at);
    this.#vtableSize = bytes.u16(this.#vtable);
    bytes.check(this.#vtable, Math.max(4, this.#vtableSize));
  }

  u8(slot: number, defaultValue: number): number {
    const at = this.#position(slot);
    return at === undefined ? defaultValue : this.#bytes.u8(at);
  }

  bool(slot: number): boolean {
    return this.u8(slot, 0) !== 0;
  }

  i16(slot: number, defaultValue: number): number {
    const at = this.#position(slot);
    return at === undefined ? defaultValue : this.#bytes.i16(at);
  }

  i32(slot: number, defaultValue: number): number {
    const at = this.#position(slot);
    return at === undefined ? defaultValue : this.#bytes.i32(at);
  }

  i64(slot: number, defaultValue: number): number {
    const at = this.#position(slot);
    return at === undefined ? defaultValue : this.#bytes.i64(at);
  }

  table(slot: number): MetadataTable | undefined {
    const at = this.#target(slot);
    return at === undefined ? undefined : new MetadataTable(this.#bytes, at);
  }

  string(slot: number): string | undefined {
    const at = this.#target(slot);
    return at === undefined ? undefined : this.#bytes.string(at + 4, this.#bytes.u32(at));
  }

  /** @throws {ProxyError} 'result_too_large' for more than `limit` tables, before a table is read. */
  tables(slot: number, limit: number): MetadataTable[] {
    const { start, length } = this.#vector(slot, 4);
    if (length > limit) {
      throw tooLarge('The schema has too many fields.');
    }
    return Array.from({ length }, (_, index) => {
      const at = start + index * 4;
      return new MetadataTable(this.#bytes, at + this.#bytes.u32(at));
    });
  }

  /** @throws {ProxyError} 'result_malformed' for more than `limit` numbers, before a number is read. */
  i32s(slot: number, limit: number): number[] {
    const { start, length } = this.#vector(slot, 4);
    if (length > limit) {
      throw malformed('a list of numbers in the metadata is too long');
    }
    return Array.from({ length }, (_, index) => this.#bytes.i32(start + index * 4));
  }

  i64s(slot: number): NumberVector {
    const { start, length } = this.#vector(slot, LONG_BYTES);
    return { length, at: (index) => this.#bytes.i64(start + index * LONG_BYTES) };
  }

  pairs(slot: number): PairVector {
    const { start, length } = this.#vector(slot, PAIR_BYTES);
    return {
      length,
      first: (index) => this.#bytes.i64(start + index * PAIR_BYTES),
      second: (index) => this.#bytes.i64(start + index * PAIR_BYTES + LONG_BYTES),
    };
  }

  /** Start and number of the elements of a vector. All elements are within the message. */
  #vector(slot: number, elementBytes: number): { start: number; length: number } {
    const at = this.#target(slot);
    if (at === undefined) {
      return { start: 0, length: 0 };
    }
    const length = this.#bytes.u32(at);
    this.#bytes.check(at + 4, length * elementBytes);
    return { start: at + 4, length };
  }

  #target(slot: number): number | undefined {
    const at = this.#position(slot);
    return at === undefined ? undefined : at + this.#bytes.u32(at);
  }

  /**
   * Position of a field. Undefined if the table does not have the field. The size of the table in the vtable is not
   * checked, because the Go builder lets tables of different sizes share a vtable.
   */
  #position(slot: number): number | undefined {
    const entry = 4 + slot * 2;
    if (entry + 2 > this.#vtableSize) {
      return undefined;
    }
    const offset = this.#bytes.u16(this.#vtable + entry);
    return offset === 0 ? undefined : this.#at + offset;
  }
}
