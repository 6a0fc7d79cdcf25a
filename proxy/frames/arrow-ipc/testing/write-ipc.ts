/** For tests: writes Arrow messages of any type, with valid or invalid offsets, lengths and counts. */
import { Builder } from 'flatbuffers';
import { type ArrowField, type ArrowType, childTypes } from '../arrow-type';
import { type IpcMessage } from '../message-header';
import { batchMessage, dictionaryMessage } from '../write-batch-header';

const VERSION_4 = 3;
const VERSION_5 = 4;
const SCHEMA = 1;

const UNITS = ['second', 'millisecond', 'microsecond', 'nanosecond'];
const INTERVALS = ['yearMonth', 'dayTime', 'monthDayNano'];

const CODES: Record<Exclude<ArrowType['kind'], 'dictionary'>, number> = {
  null: 1,
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  runEndEncoded: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
};

/** A nullable field. */
export function field(name: string, type: ArrowType): ArrowField {
  return { name, nullable: true, type };
}

/** A schema message. In the message, equal names and time zones share one string. */
export function schemaMessageOf(fields: readonly ArrowField[]): IpcMessage {
  const builder = new Builder(1024);
  const vector = offsets(
    builder,
    fields.map((one) => writeField(builder, one))
  );
  builder.startObject(4);
  builder.addFieldOffset(1, vector, 0);
  return { header: finished(builder, SCHEMA, builder.endObject(), 0), body: new Uint8Array(0) };
}

/** The parts of a record batch. The buffers are consecutive, and each is aligned to 8 bytes. */
export interface BatchParts {
  length: number;
  nodes: ReadonlyArray<readonly [length: number, nullCount: number]>;
  buffers: readonly Uint8Array[];
  variadicCounts?: readonly number[];
  /** Offset and length of each buffer in the body. Default: the correct positions. */
  places?: ReadonlyArray<readonly [number, number]>;
}

/** A copy of the message with metadata version 4. */
export function asVersion4({ header, body }: IpcMessage): IpcMessage {
  const bytes = Uint8Array.from(header);
  const view = new DataView(bytes.buffer);
  const message = view.getUint32(0, true);
  const offsetOfVersion = view.getUint16(message - view.getInt32(message, true) + 4, true);
  view.setInt16(message + offsetOfVersion, VERSION_4, true);
  return { header: bytes, body };
}

/** The message of a record batch. */
export function batchMessageOf({ length, nodes, buffers, variadicCounts, places }: BatchParts): IpcMessage {
  const { body, found } = bodyOf(buffers);
  return { header: batchMessage(length, nodes, places ?? found, body.length, variadicCounts), body };
}

/** The message of a dictionary. The default id is 0. */
export function dictionaryMessageOf(parts: BatchParts, { id = 0, isDelta = false } = {}): IpcMessage {
  const { body, found } = bodyOf(parts.buffers);
  const { length, nodes, places: buffers = found } = parts;
  return { header: dictionaryMessage({ id, isDelta, length, nodes, buffers, bodyBytes: body.length }), body };
}

/** The bytes of a `Message`. */
function finished(builder: Builder, type: number, content: number, bodyBytes: number): Uint8Array {
  builder.startObject(5);
  builder.addFieldInt64(3, BigInt(bodyBytes), 0n);
  builder.addFieldOffset(2, content, 0);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, type, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function bodyOf(buffers: readonly Uint8Array[]): { body: Uint8Array; found: Array<[number, number]> } {
  let size = 0;
  const found = buffers.map(({ length }): [number, number] => {
    const at = size;
    size += (length + 7) & ~7;
    return [at, length];
  });
  const body = new Uint8Array(size);
  buffers.forEach((bytes, index) => body.set(bytes, found[index]?.[0]));
  return { body, found };
}

/** The bytes of int32 numbers. */
export function int32s(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

function offsets(builder: Builder, positions: readonly number[]): number {
  builder.startVector(4, positions.length, 4);
  for (const position of positions.toReversed()) {
    builder.addOffset(position);
  }
  return builder.endVector();
}

function childFields(type: ArrowType): ArrowField[] {
  switch (type.kind) {
    case 'struct':
    case 'union':
      return type.fields;
    case 'runEndEncoded':
      return [type.runEnds, type.values];
    default:
      return 'item' in type ? [type.item] : childTypes(type).map((child) => field('', child));
  }
}

function writeField(builder: Builder, { name, nullable, type }: ArrowField): number {
  const plain = type.kind === 'dictionary' ? type.value : type;
  const children = offsets(
    builder,
    childFields(plain).map((child) => writeField(builder, child))
  );
  const nameOffset = builder.createSharedString(name);
  const dictionary = type.kind === 'dictionary' ? writeDictionary(builder, type) : 0;
  const typeOffset = writeType(builder, plain);
  builder.startObject(7);
  builder.addFieldOffset(0, nameOffset, 0);
  builder.addFieldInt8(1, nullable ? 1 : 0, 0);
  builder.addFieldInt8(2, plain.kind === 'dictionary' ? 0 : CODES[plain.kind], 0);
  builder.addFieldOffset(3, typeOffset, 0);
  builder.addFieldOffset(4, dictionary, 0);
  builder.addFieldOffset(5, children, 0);
  return builder.endObject();
}

function writeDictionary(builder: Builder, type: ArrowType & { kind: 'dictionary' }): number {
  const index = writeType(builder, type.index);
  builder.startObject(4);
  builder.addFieldInt64(0, BigInt(type.id), 0n);
  builder.addFieldOffset(1, index, 0);
  return builder.endObject();
}

function writeType(builder: Builder, type: ArrowType): number {
  const timezone =
    type.kind === 'timestamp' && type.timezone !== undefined ? builder.createSharedString(type.timezone) : 0;
  const ids = type.kind === 'union' ? writeTypeIds(builder, type.typeIds) : 0;
  builder.startObject(3);
  switch (type.kind) {
    case 'int':
      builder.addFieldInt32(0, type.bits, 0);
      builder.addFieldInt8(1, type.signed ? 1 : 0, 0);
      break;
    case 'float':
      builder.addFieldInt16(0, { 16: 0, 32: 1, 64: 2 }[type.bits], 0);
      break;
    case 'decimal':
      builder.addFieldInt32(0, type.precision, 0);
      builder.addFieldInt32(1, type.scale, 0);
      builder.addFieldInt32(2, type.bits, 128);
      break;
    case 'date':
      builder.addFieldInt16(0, type.unit === 'day' ? 0 : 1, 1);
      break;
    case 'time':
      builder.addFieldInt16(0, UNITS.indexOf(type.unit), 1);
      builder.addFieldInt32(1, type.bits, 32);
      break;
    case 'timestamp':
      builder.addFieldInt16(0, UNITS.indexOf(type.unit), 0);
      builder.addFieldOffset(1, timezone, 0);
      break;
    case 'duration':
      builder.addFieldInt16(0, UNITS.indexOf(type.unit), 1);
      break;
    case 'interval':
      builder.addFieldInt16(0, INTERVALS.indexOf(type.unit), 0);
      break;
    case 'union':
      builder.addFieldInt16(0, type.dense ? 1 : 0, 0);
      builder.addFieldOffset(1, ids, 0);
      break;
    case 'fixedSizeBinary':
      builder.addFieldInt32(0, type.widthBytes, 0);
      break;
    case 'fixedSizeList':
      builder.addFieldInt32(0, type.size, 0);
      break;
    default:
  }
  return builder.endObject();
}

function writeTypeIds(builder: Builder, typeIds: readonly number[]): number {
  builder.startVector(4, typeIds.length, 4);
  for (const id of typeIds.toReversed()) {
    builder.addInt32(id);
  }
  return builder.endVector();
}
