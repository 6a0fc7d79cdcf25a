/**
 * Reads the FlatBuffers tables of Arrow's metadata, checking every access.
 *
 * The generated readers of the format trust their input: a cut message makes them throw plain RangeErrors, or read
 * neighbouring bytes. Metadata is small, so here each number is read behind a bounds check that fails as
 * `result_malformed`. Offsets of tables and vectors point forward only, so no chain of them can be a loop.
 *
 * Rules: FlatBuffers "Internals" (tables, vtables, vectors), all numbers little-endian.
 */
import { malformed } from './malformed';

const TEXT = new TextDecoder();

/** Bytes of one metadata message with checked reads. Positions are byte offsets from its start. */
export class MetadataBytes {
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that the message starts with. */
  root(): MetadataTable {
    return new MetadataTable(this, this.u32(0));
  }

  u8(at: number): number {
    this.check(at, 1);
    return this.view.getUint8(at);
  }

  i8(at: number): number {
    this.check(at, 1);
    return this.view.getInt8(at);
  }

  u16(at: number): number {
    this.check(at, 2);
    return this.view.getUint16(at, true);
  }

  i16(at: number): number {
    this.check(at, 2);
    return this.view.getInt16(at, true);
  }

  u32(at: number): number {
    this.check(at, 4);
    return this.view.getUint32(at, true);
  }

  i32(at: number): number {
    this.check(at, 4);
    return this.view.getInt32(at, true);
  }

  /** A 64-bit number that has to be a length or position: whole, and exact in JavaScript. */
  i64(at: number): number {
    this.check(at, 8);
    const value = Number(this.view.getBigInt64(at, true));
    if (!Number.isSafeInteger(value)) {
      throw malformed('a length in the metadata is out of range');
    }
    return value;
  }

  text(at: number, length: number): string {
    this.check(at, length);
    return TEXT.decode(this.bytes.subarray(at, at + length));
  }

  private check(at: number, size: number): void {
    if (!(at >= 0 && at + size <= this.bytes.length)) {
      throw malformed('the metadata of a message is cut short');
    }
  }
}

/** One table: fields by their slot, the position of their declaration in Arrow's .fbs files. */
export class MetadataTable {
  private readonly vtable: number;
  private readonly vtableSize: number;

  constructor(
    private readonly bytes: MetadataBytes,
    private readonly at: number
  ) {
    this.vtable = at - bytes.i32(at);
    this.vtableSize = bytes.u16(this.vtable);
  }

  u8(slot: number, otherwise: number): number {
    return this.scalar(slot, otherwise, (at) => this.bytes.u8(at));
  }

  bool(slot: number): boolean {
    return this.u8(slot, 0) !== 0;
  }

  i16(slot: number, otherwise: number): number {
    return this.scalar(slot, otherwise, (at) => this.bytes.i16(at));
  }

  i32(slot: number, otherwise: number): number {
    return this.scalar(slot, otherwise, (at) => this.bytes.i32(at));
  }

  i64(slot: number, otherwise: number): number {
    return this.scalar(slot, otherwise, (at) => this.bytes.i64(at));
  }

  table(slot: number): MetadataTable | undefined {
    const at = this.target(slot);
    return at === undefined ? undefined : new MetadataTable(this.bytes, at);
  }

  text(slot: number): string | undefined {
    const at = this.target(slot);
    return at === undefined ? undefined : this.bytes.text(at + 4, this.bytes.u32(at));
  }

  tables(slot: number): MetadataTable[] {
    return this.vector(slot, 4, (at) => new MetadataTable(this.bytes, at + this.bytes.u32(at)));
  }

  i32s(slot: number): number[] {
    return this.vector(slot, 4, (at) => this.bytes.i32(at));
  }

  i64s(slot: number): number[] {
    return this.vector(slot, 8, (at) => this.bytes.i64(at));
  }

  /** A vector of structs of two 64-bit numbers each: field nodes and buffers. */
  pairs(slot: number): Array<readonly [number, number]> {
    return this.vector(slot, 16, (at) => [this.bytes.i64(at), this.bytes.i64(at + 8)] as const);
  }

  private scalar(slot: number, otherwise: number, read: (at: number) => number): number {
    const at = this.position(slot);
    return at === undefined ? otherwise : read(at);
  }

  private vector<T>(slot: number, size: number, read: (at: number) => T): T[] {
    const at = this.target(slot);
    if (at === undefined) {
      return [];
    }
    const count = this.bytes.u32(at);
    if (count > 0) {
      // Fails before a hostile count makes the loop long.
      this.bytes.u8(at + 3 + count * size);
    }
    return Array.from({ length: count }, (_, index) => read(at + 4 + index * size));
  }

  private target(slot: number): number | undefined {
    const at = this.position(slot);
    return at === undefined ? undefined : at + this.bytes.u32(at);
  }

  private position(slot: number): number | undefined {
    const entry = 4 + slot * 2;
    if (entry + 2 > this.vtableSize) {
      return undefined;
    }
    const offset = this.bytes.u16(this.vtable + entry);
    return offset === 0 ? undefined : this.at + offset;
  }
}
