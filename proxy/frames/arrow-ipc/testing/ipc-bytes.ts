/** For tests: finds messages and compressed buffers in Arrow streams, and generates repeatable random numbers. */
import { type IpcMessage, readMessageHeader } from '../message-header';
import { MetadataBytes } from '../flatbuffer-table';

/** A linear congruential generator of numbers from 0 (inclusive) to `below` (exclusive). */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Splits an IPC stream into its messages, without the end marker. */
export function splitStream(stream: Uint8Array): IpcMessage[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const messages: IpcMessage[] = [];
  let at = 0;
  while (at + 8 <= stream.length) {
    const size = view.getInt32(at + 4, true);
    if (size === 0) {
      break;
    }
    const header = stream.subarray(at + 8, at + 8 + size);
    const bodyBytes = new MetadataBytes(header).root().i64(3, 0);
    const body = stream.subarray(at + 8 + size, at + 8 + size + bodyBytes);
    messages.push({ header, body });
    at += 8 + size + bodyBytes;
  }
  return messages;
}

/** The compressed buffers of a stream, without the length in front, and their uncompressed lengths. */
export function compressedBuffers(stream: Uint8Array): Array<{ content: Uint8Array; size: number }> {
  return splitStream(stream).flatMap(({ header, body }) => {
    const message = readMessageHeader(header);
    if (message.kind === 'schema') {
      return [];
    }
    const { buffers } = message.batch;
    return Array.from({ length: buffers.length }, (_, index) => index).flatMap((index) => {
      const [offset, length] = [buffers.first(index), buffers.second(index)];
      const buffer = Buffer.from(body.subarray(offset, offset + length));
      const size = length < 8 ? -1 : Number(buffer.readBigInt64LE(0));
      return size < 0 ? [] : [{ content: new Uint8Array(buffer.subarray(8)), size }];
    });
  });
}
