/**
 * Cuts the bytes of a response into messages. Each has a prefix of five bytes: a flag (1 = compressed) and its length,
 * big-endian.
 *
 * A message is a list of views of the chunks. Only short parts are copied, into common buffers: as views they would take
 * more memory than their bytes, and a server may send as many as it likes.
 *
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message".
 */
import { ReceivedBytes } from './received-bytes';

const PREFIX_BYTES = 5;

/** Shorter parts are copied, into buffers of this size. */
const SHORT_BYTES = 2048;
const GATHERED_BYTES = 16 * 1024;

/** Frames a message that is sent. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes.writeUInt8(0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

/** Something that the framing does not allow, or that this side did not ask for. */
export class BadFraming extends Error {
  override readonly name = 'BadFraming';
}

export class MessageAssembler {
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** What is there of the message that is being received. */
  #pieces: Uint8Array[] | undefined;
  #length = 0;
  #missing = 0;
  /** What is left of the buffer for short parts, and the bytes before it that the last piece has. */
  #room = new Uint8Array(0);
  #gathered = 0;

  /** @param onMessage Takes each whole message. It refers to the chunks: they must not be used again. */
  constructor(private readonly onMessage: (message: ReceivedBytes) => void) {}

  /** True in the middle of a message. */
  get isPartial(): boolean {
    return this.#pieces !== undefined || this.#prefixBytes > 0;
  }

  /** @throws {BadFraming} */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#pieces === undefined ? this.#begin(rest) : this.#goOn(this.#pieces, rest);
    }
  }

  /** Reads the prefix, and the message too if it is there as a whole. @returns What follows. */
  #begin(bytes: Uint8Array): Uint8Array {
    const missing = PREFIX_BYTES - this.#prefixBytes;
    const part = bytes.subarray(0, missing);
    this.#prefix.set(part, this.#prefixBytes);
    this.#prefixBytes += part.length;
    if (part.length < missing) {
      return bytes.subarray(part.length);
    }
    this.#prefixBytes = 0;
    if (this.#prefix[0] !== 0) {
      throw new BadFraming('It compresses its messages, which it was not asked to.');
    }
    const length = this.#prefix.readUInt32BE(1);
    const rest = bytes.subarray(missing);
    if (rest.length >= length) {
      this.onMessage(new ReceivedBytes([rest.subarray(0, length)], length));
      return rest.subarray(length);
    }
    this.#pieces = [];
    this.#length = length;
    this.#missing = length;
    return rest;
  }

  #goOn(pieces: Uint8Array[], bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, this.#missing);
    if (part.length < SHORT_BYTES) {
      this.#gather(pieces, part);
    } else {
      pieces.push(part);
      this.#gathered = 0;
    }
    this.#missing -= part.length;
    if (this.#missing === 0) {
      this.#pieces = undefined;
      this.#gathered = 0;
      this.onMessage(new ReceivedBytes(pieces, this.#length));
    }
    return bytes.subarray(part.length);
  }

  #gather(pieces: Uint8Array[], part: Uint8Array): void {
    if (part.length > this.#room.length) {
      this.#room = new Uint8Array(GATHERED_BYTES);
      this.#gathered = 0;
    }
    this.#room.set(part);
    if (this.#gathered > 0) {
      pieces.pop();
    }
    const start = this.#room.byteOffset - this.#gathered;
    this.#gathered += part.length;
    pieces.push(new Uint8Array(this.#room.buffer, start, this.#gathered));
    this.#room = this.#room.subarray(part.length);
  }
}
