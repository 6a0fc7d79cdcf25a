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

/** Writes little-endian numbers. */
class HeaderBytes {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** @param value A safe integer, not negative. */
  u64(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }

  /** Writes a vector of pairs. @returns The position after it. */
  pairs(at: number, pairs: readonly Pair[]): number {
    this.u32(at, pairs.length);
    let to = at + 4;
    for (const [first, second] of pairs) {
      this.u64(to, first);
      this.u64(to + 8, second);
      to += PAIR_BYTES;
    }
    return to;
  }
}

/** The part that is the same in all headers. */
const HEAD = head();

function head(): Uint8Array {
  const header = new HeaderBytes(NODES);
  header.u32(0, MESSAGE);
  // Sizes of vtable and table, then the positions of version, type, content and body length.
  [12, 20, 16, 18, 4, 8].forEach((value, index) => header.u16(MESSAGE_VTABLE + index * 2, value));
  header.u32(MESSAGE, MESSAGE - MESSAGE_VTABLE);
  header.u32(MESSAGE + 4, BATCH - (MESSAGE + 4));
  header.u16(MESSAGE + 16, VERSION_5);
  header.u16(MESSAGE + 18, RECORD_BATCH);
  // Sizes of vtable and table, then the positions of length, nodes, buffers, compression and variadic counts. 0:
  // missing.
  [14, 28, 4, 12, 16, 0, 0].forEach((value, index) => header.u16(BATCH_VTABLE + index * 2, value));
  header.u32(BATCH, BATCH - BATCH_VTABLE);
  header.u32(BATCH + 12, NODES - (BATCH + 12));
  return header.bytes;
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
  const header = new HeaderBytes(hasCounts ? variadicAt + 4 + LONG_BYTES * variadicCounts.length : variadicAt - 4);
  header.bytes.set(HEAD);
  header.u64(MESSAGE + 8, bodyBytes);
  header.u64(BATCH + 4, length);
  header.u32(BATCH + 16, buffersAt - (BATCH + 16));
  header.pairs(NODES, nodes);
  header.pairs(buffersAt, buffers);
  if (hasCounts) {
    header.u16(BATCH_VTABLE + 12, 24);
    header.u32(BATCH + 24, variadicAt - (BATCH + 24));
    header.u32(variadicAt, variadicCounts.length);
    variadicCounts.forEach((count, index) => header.u64(variadicAt + 4 + index * LONG_BYTES, count));
  }
  return header.bytes;
}
