/**
 * Writes the schema message and the footer of an Arrow IPC file. `write-batch-header.ts` writes the headers of batches.
 *
 * Only the fields that plain columns need are written. The metadata version is V5.
 *
 * @see Arrow `Schema.fbs`, `Message.fbs` and `File.fbs`: the slot of a field is the position of its declaration.
 */
import { Builder } from 'flatbuffers';
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
const NANOSECOND = 3;

/** A FlatBuffers `Message` with the schema, without padding. */
export function schemaMessage(schema: PlainSchema): Uint8Array {
  const builder = new Builder(1024);
  const content = writeSchema(builder, schema);
  builder.startObject(5);
  builder.addFieldOffset(2, content, 0);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, SCHEMA, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

/** A FlatBuffers `Footer`, without padding. */
export function footer(schema: PlainSchema, blocks: readonly FileBlock[]): Uint8Array {
  const builder = new Builder(1024 + 24 * blocks.length);
  builder.startVector(24, blocks.length, 8);
  for (const block of blocks.toReversed()) {
    builder.prep(8, 24);
    builder.writeInt64(BigInt(block.bodyBytes));
    builder.pad(4);
    builder.writeInt32(block.metadataBytes);
    builder.writeInt64(BigInt(block.offset));
  }
  const batches = builder.endVector();
  builder.startVector(24, 0, 8);
  const dictionaries = builder.endVector();
  const schemaOffset = writeSchema(builder, schema);
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldOffset(1, schemaOffset, 0);
  builder.addFieldOffset(2, dictionaries, 0);
  builder.addFieldOffset(3, batches, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function writeSchema(builder: Builder, schema: PlainSchema): number {
  const fields = writeOffsets(
    builder,
    schema.fields.map((field) => writeField(builder, field))
  );
  const metadata = writeMetadata(builder, schema.metadata);
  builder.startObject(4);
  builder.addFieldOffset(1, fields, 0);
  builder.addFieldOffset(2, metadata, 0);
  return builder.endObject();
}

function writeField(builder: Builder, field: PlainField): number {
  const name = writeText(builder, field.name);
  const [typeCode, type] = writeType(builder, field.kind);
  const children = writeOffsets(builder, []);
  const metadata = writeMetadata(builder, field.metadata);
  builder.startObject(7);
  builder.addFieldOffset(0, name, 0);
  builder.addFieldInt8(1, field.nullable ? 1 : 0, 0);
  builder.addFieldInt8(2, typeCode, 0);
  builder.addFieldOffset(3, type, 0);
  builder.addFieldOffset(5, children, 0);
  builder.addFieldOffset(6, metadata, 0);
  return builder.endObject();
}

function writeType(builder: Builder, kind: PlainKind): [code: number, offset: number] {
  switch (kind) {
    case 'bool':
    case 'utf8':
    case 'utf8View':
    case 'json':
      builder.startObject(0);
      return [kind === 'json' ? TYPE.binary : TYPE[kind], builder.endObject()];
    case 'float32':
    case 'float64':
      builder.startObject(1);
      builder.addFieldInt16(0, kind === 'float32' ? 1 : 2, 0);
      return [TYPE.float, builder.endObject()];
    case 'timestamp':
      builder.startObject(2);
      builder.addFieldInt16(0, NANOSECOND, 0);
      return [TYPE.timestamp, builder.endObject()];
    default:
      builder.startObject(2);
      builder.addFieldInt32(0, Number(kind.replace(/\D/g, '')), 0);
      builder.addFieldInt8(1, kind.startsWith('u') ? 0 : 1, 0);
      return [TYPE.int, builder.endObject()];
  }
}

function writeMetadata(builder: Builder, entries: ReadonlyMap<string, string>): number {
  const offsets = Array.from(entries, ([key, value]) => {
    const keyOffset = writeText(builder, key);
    const valueOffset = writeText(builder, value);
    builder.startObject(2);
    builder.addFieldOffset(0, keyOffset, 0);
    builder.addFieldOffset(1, valueOffset, 0);
    return builder.endObject();
  });
  return writeOffsets(builder, offsets);
}

/** `Buffer` encodes a text several times faster than the builder does. */
function writeText(builder: Builder, text: string): number {
  return builder.createString(Buffer.from(text));
}

function writeOffsets(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) {
    builder.addOffset(offset);
  }
  return builder.endVector();
}
