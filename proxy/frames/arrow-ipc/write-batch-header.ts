/**
 * Writes the FlatBuffers `Message` of a record batch. A large result has one such message per batch. The general
 * FlatBuffers builder is ten times slower than this code, which writes the fields at fixed positions. The length of the
 * message is a multiple of 8, as the format requires.
 *
 * | Position | Content                                                      |
 * | -------- | ------------------------------------------------------------ |
 * | 0        | offset of the message table                                  |
 * | 4, 16    | `Message`: vtable, table                                     |
 * | 36, 52   | `RecordBatch`: vtable, table                                 |
 * | 84       | nodes, then buffers, then variadic counts if there are any   |
 *
 * @see Arrow `format/Message.fbs`; FlatBuffers "Internals". The slot of a field is the position of its declaration.
 */
import { FlatBufferBytes, vtable } from './flatbuffer-bytes';

const VERSION_5 = 4;
const RECORD_BATCH = 3;

const MESSAGE_VTABLE = 4;
const MESSAGE = 16;
const BATCH_VTABLE = 36;
const BATCH = 52;
/** Position of the length of the vector of nodes. Its elements begin at a multiple of 8. */
const NODES = 84;

const PAIR_BYTES = 16;
const LONG_BYTES = 8;

type Pair = readonly [number, number];

/** The part that is the same in all headers. */
const HEAD = head();

function head(): Uint8Array {
  const header = new FlatBufferBytes(NODES);
  header.reference(0, MESSAGE);
  // The slots are version, type, content and body length.
  header.vtable(MESSAGE_VTABLE, vtable(20, 16, 18, 4, 8));
  header.table(MESSAGE, MESSAGE_VTABLE);
  header.reference(MESSAGE + 4, BATCH);
  header.u16(MESSAGE + 16, VERSION_5);
  header.u16(MESSAGE + 18, RECORD_BATCH);
  // The slots are length, nodes, buffers, compression and variadic counts.
  header.vtable(BATCH_VTABLE, vtable(28, 4, 12, 16, 0, 0));
  header.table(BATCH, BATCH_VTABLE);
  header.reference(BATCH + 12, NODES);
  return header.bytes;
}

/** Writes a vector of pairs. */
function writePairs(header: FlatBufferBytes, at: number, pairs: readonly Pair[]): void {
  header.u32(at, pairs.length);
  let to = at + 4;
  for (const [first, second] of pairs) {
    header.u64(to, first);
    header.u64(to + LONG_BYTES, second);
    to += PAIR_BYTES;
  }
}

/**
 * Returns the message of a record batch, without its body.
 *
 * @param length         Number of rows.
 * @param nodes          Length and null count of each column.
 * @param buffers        Offset and length of each buffer in the body.
 * @param variadicCounts Number of data buffers of each column of views.
 */
export function batchMessage(
  length: number,
  nodes: readonly Pair[],
  buffers: readonly Pair[],
  bodyBytes: number,
  variadicCounts: readonly number[] = []
): Uint8Array {
  const buffersAt = NODES + 4 + PAIR_BYTES * nodes.length + 4;
  const variadicAt = buffersAt + 4 + PAIR_BYTES * buffers.length + 4;
  const hasCounts = variadicCounts.length > 0;
  const header = new FlatBufferBytes(hasCounts ? variadicAt + 4 + LONG_BYTES * variadicCounts.length : variadicAt - 4);
  header.bytes.set(HEAD);
  header.u64(MESSAGE + 8, bodyBytes);
  header.u64(BATCH + 4, length);
  header.reference(BATCH + 16, buffersAt);
  writePairs(header, NODES, nodes);
  writePairs(header, buffersAt, buffers);
  if (hasCounts) {
    header.u16(BATCH_VTABLE + 12, 24);
    header.reference(BATCH + 24, variadicAt);
    header.u32(variadicAt, variadicCounts.length);
    variadicCounts.forEach((count, index) => header.u64(variadicAt + 4 + index * LONG_BYTES, count));
  }
  return header.bytes;
}
