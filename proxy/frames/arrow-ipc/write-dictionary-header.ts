/**
 * Writes the FlatBuffers `Message` of a dictionary.
 *
 * @see Arrow `format/Message.fbs`. The slot of a field is the position of its declaration.
 */
import { Builder } from 'flatbuffers';

const VERSION_5 = 4;
const DICTIONARY = 2;

type Pair = readonly [number, number];

export interface DictionaryHeader {
  id: number;
  /** Default: the values replace those of the dictionary. */
  isDelta?: boolean;
  /** Number of values. */
  length: number;
  /** Length and null count of each column. */
  nodes: readonly Pair[];
  /** Offset and length of each buffer in the body. */
  buffers: readonly Pair[];
  bodyBytes: number;
}

/** Returns the message of a dictionary, without its body. */
export function dictionaryMessage(header: DictionaryHeader): Uint8Array {
  const builder = new Builder(1024);
  const buffers = pairs(builder, header.buffers);
  const nodes = pairs(builder, header.nodes);
  builder.startObject(5);
  builder.addFieldInt64(0, BigInt(header.length), 0n);
  builder.addFieldOffset(1, nodes, 0);
  builder.addFieldOffset(2, buffers, 0);
  const data = builder.endObject();
  builder.startObject(3);
  builder.addFieldInt64(0, BigInt(header.id), 0n);
  builder.addFieldOffset(1, data, 0);
  builder.addFieldInt8(2, header.isDelta === true ? 1 : 0, 0);
  const content = builder.endObject();
  builder.startObject(5);
  builder.addFieldInt64(3, BigInt(header.bodyBytes), 0n);
  builder.addFieldOffset(2, content, 0);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, DICTIONARY, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function pairs(builder: Builder, list: readonly Pair[]): number {
  builder.startVector(16, list.length, 8);
  for (const [first, second] of list.toReversed()) {
    builder.prep(8, 16);
    builder.writeInt64(BigInt(second));
    builder.writeInt64(BigInt(first));
  }
  return builder.endVector();
}
