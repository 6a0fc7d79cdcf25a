/**
 * Writes the schema message and the footer of an Arrow IPC file. `write-batch-header.ts` writes the headers of batches.
 *
 * Only the fields that plain columns need are written. The metadata version is V5. Message and footer have the same
 * schema, so the tables of the schema are written once. Offsets in FlatBuffers are relative, so the same bytes are
 * appended to message and footer. The general FlatBuffers builder is several times slower: with that builder, a tenth
 * of the CPU time of a small query was spent here.
 *
 * @see Arrow `Schema.fbs`, `Message.fbs` and `File.fbs`, which declare the fields in the order of the arguments of
 *   `vtable`; FlatBuffers "Internals"
 */
import { FlatBufferBytes, vtable } from './flatbuffer-bytes';
import { type PlainKind } from './plain-column';

/** A column of a file. */
export interface PlainField {
  name: string;
  kind: PlainKind;
  nullable: boolean;
  /** Keys of grafana-plugin-sdk-go, such as `labels` and `config`, whose values are JSON. */
  metadata: ReadonlyMap<string, string>;
}

/** The columns of a file, and the metadata of its frame. */
export interface PlainSchema {
  fields: readonly PlainField[];
  metadata: ReadonlyMap<string, string>;
}

/** Position of a message in the file. Offset and sizes are in bytes, and multiples of 8. */
export interface FileBlock {
  offset: number;
  metadataBytes: number;
  bodyBytes: number;
}

const VERSION_5 = 4;
const SCHEMA = 1;
const TYPE = { int: 2, float: 3, binary: 4, utf8: 5, bool: 6, timestamp: 10, utf8View: 24 };
/** Precisions of floating-point numbers. */
const SINGLE = 1;
const DOUBLE = 2;
/** The unit of timestamps. */
const NANOSECOND = 3;

const FIRST_BYTES = 1024;
const BLOCK_BYTES = 24;

/** The vtables that the tables of a schema share. */
const VTABLES = {
  schema: vtable(12, 0, 4, 8),
  field: vtable(22, 4, 20, 21, 8, 0, 12, 16),
  keyValue: vtable(12, 4, 8),
  empty: vtable(4),
  int: vtable(9, 4, 8),
  /** Precision of floating-point numbers, unit of timestamps. */
  short: vtable(6, 4),
};

type Table = keyof typeof VTABLES;

/** The parts that are the same in all schemas, messages and footers. */
const [SCHEMA_HEAD, VTABLE_AT] = schemaHead();
const MESSAGE_TABLE = 16;
const MESSAGE_HEAD = tableHead(32, MESSAGE_TABLE, vtable(12, 8, 10, 4));
const FOOTER_TABLE = 16;
const FOOTER_DICTIONARIES = 36;
const FOOTER_BLOCKS = 44;
const FOOTER_HEAD = tableHead(48, FOOTER_TABLE, vtable(18, 16, 4, 8, 12));

function schemaHead(): [bytes: Buffer, positions: Record<Table, number>] {
  const positions = { schema: 0, field: 0, keyValue: 0, empty: 0, int: 0, short: 0 };
  const names = Object.keys(VTABLES) as Table[];
  const length = names.reduce((sum, name) => sum + VTABLES[name][0], 0);
  const head = new FlatBufferBytes((length + 3) & ~3);
  let end = 0;
  for (const name of names) {
    positions[name] = end;
    head.vtable(end, VTABLES[name]);
    end += VTABLES[name][0];
  }
  return [head.bytes, positions];
}

/**
 * The first bytes of a message or footer: the position of its table, the vtable, and then the table. In the table, only
 * the distance to the vtable is set.
 */
function tableHead(length: number, table: number, slots: readonly number[]): Buffer {
  const head = new FlatBufferBytes(length);
  head.reference(0, table);
  head.vtable(4, slots);
  head.table(table, 4);
  return head.bytes;
}

/** The tables of a schema. The first one is the schema, after the vtables. */
class SchemaBytes {
  #out = new FlatBufferBytes(FIRST_BYTES);
  #end = 0;

  constructor(schema: PlainSchema) {
    this.#end = SCHEMA_HEAD.copy(this.#out.bytes);
    const table = this.#table('schema');
    this.#refer(table + 4);
    this.#vector(schema.fields, (field) => this.#field(field));
    this.#refer(table + 8);
    this.#metadata(schema.metadata);
    this.#reserve(-this.#end & 7);
  }

  /**
   * The bytes of all tables. Their length is a multiple of 8. The position to which they are copied must be a multiple
   * of 8, too.
   */
  get bytes(): Uint8Array {
    return this.#out.bytes.subarray(0, this.#end);
  }

  #field(field: PlainField): void {
    const table = this.#table('field');
    this.#refer(table + 4);
    this.#string(field.name);
    this.#refer(table + 8);
    const type = this.#type(field.kind);
    this.#refer(table + 12);
    this.#vector([], () => undefined);
    this.#refer(table + 16);
    this.#metadata(field.metadata);
    this.#out.u8(table + 20, field.nullable ? 1 : 0);
    this.#out.u8(table + 21, type);
  }

  /** @returns The code of the type. */
  #type(kind: PlainKind): number {
    switch (kind) {
      case 'bool':
      case 'utf8':
      case 'utf8View':
      case 'json':
        this.#table('empty');
        return kind === 'json' ? TYPE.binary : TYPE[kind];
      case 'float32':
      case 'float64':
        this.#short(kind === 'float32' ? SINGLE : DOUBLE);
        return TYPE.float;
      case 'timestamp':
        this.#short(NANOSECOND);
        return TYPE.timestamp;
      default: {
        const table = this.#table('int');
        this.#out.u8(table + 4, Number(kind.replace(/\D/g, '')));
        this.#out.u8(table + 8, kind.startsWith('u') ? 0 : 1);
        return TYPE.int;
      }
    }
  }

  #short(value: number): void {
    // `#table` may replace `#out`. So `#table` is called before `#out` is read.
    const table = this.#table('short');
    this.#out.u8(table + 4, value);
  }

  #metadata(entries: ReadonlyMap<string, string>): void {
    this.#vector([...entries], ([key, value]) => {
      const table = this.#table('keyValue');
      this.#refer(table + 4);
      this.#string(key);
      this.#refer(table + 8);
      this.#string(value);
    });
  }

  /** A table of zeros. @returns Its position. */
  #table(name: Table): number {
    const table = this.#reserve((VTABLES[name][1] + 3) & ~3);
    this.#out.table(table, VTABLE_AT[name]);
    return table;
  }

  /** A vector of offsets. @param write Writes the table of an item at the end. */
  #vector<T>(items: readonly T[], write: (item: T) => void): void {
    const vector = this.#reserve(4 + 4 * items.length);
    this.#out.u32(vector, items.length);
    items.forEach((item, index) => {
      this.#refer(vector + 4 + 4 * index);
      write(item);
    });
  }

  /** The length in bytes of UTF-8, the bytes, and a zero. */
  #string(value: string): void {
    const length = Buffer.byteLength(value);
    const at = this.#reserve((length + 8) & ~3);
    this.#out.u32(at, length);
    this.#out.bytes.write(value, at + 4);
  }

  /** Writes the distance to the end, where the next table, vector or string begins. */
  #refer(at: number): void {
    this.#out.reference(at, this.#end);
  }

  /** Adds zeros. @returns The position of the first one. */
  #reserve(length: number): number {
    const at = this.#end;
    this.#end += length;
    if (this.#end > this.#out.bytes.length) {
      const larger = new FlatBufferBytes(Math.max(this.#end, 2 * this.#out.bytes.length));
      this.#out.bytes.copy(larger.bytes, 0, 0, at);
      this.#out = larger;
    }
    return at;
  }
}

/** The tables of a schema, for `schemaMessage` and `footer`. */
export function schemaTables(schema: PlainSchema): Uint8Array {
  return new SchemaBytes(schema).bytes;
}

/** A FlatBuffers `Message` with the schema. @param schema Returned by `schemaTables`. */
export function schemaMessage(schema: Uint8Array): Uint8Array {
  const message = new FlatBufferBytes(MESSAGE_HEAD.length + schema.length);
  message.bytes.set(MESSAGE_HEAD);
  message.bytes.set(schema, MESSAGE_HEAD.length);
  message.reference(MESSAGE_TABLE + 4, MESSAGE_HEAD.length + SCHEMA_HEAD.length);
  message.u16(MESSAGE_TABLE + 8, VERSION_5);
  message.u8(MESSAGE_TABLE + 10, SCHEMA);
  return message.bytes;
}

/** A FlatBuffers `Footer`. @param schema Returned by `schemaTables`. */
export function footer(schema: Uint8Array, blocks: readonly FileBlock[]): Uint8Array {
  const tablesAt = FOOTER_HEAD.length + BLOCK_BYTES * blocks.length;
  const written = new FlatBufferBytes(tablesAt + schema.length);
  written.bytes.set(FOOTER_HEAD);
  written.reference(FOOTER_TABLE + 4, tablesAt + SCHEMA_HEAD.length);
  written.reference(FOOTER_TABLE + 8, FOOTER_DICTIONARIES);
  written.reference(FOOTER_TABLE + 12, FOOTER_BLOCKS);
  written.u16(FOOTER_TABLE + 16, VERSION_5);
  written.u32(FOOTER_BLOCKS, blocks.length);
  blocks.forEach(({ offset, metadataBytes, bodyBytes }, index) => {
    const at = FOOTER_HEAD.length + index * BLOCK_BYTES;
    written.u64(at, offset);
    written.u32(at + 8, metadataBytes);
    written.u64(at + 16, bodyBytes);
  });
  written.bytes.set(schema, tablesAt);
  return written.bytes;
}
