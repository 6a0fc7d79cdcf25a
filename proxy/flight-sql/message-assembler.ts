/**
 * Cuts the bytes of a response into messages. Each has a prefix of five bytes: a flag (1 = compressed) and its length,
 * big-endian.
 *
 * What lies within one chunk becomes a view of it. Anything longer is copied once, into a buffer of its size: these are
 * the bytes that Grafana gets in the end, so they should be together and be handled once.
 *
 * Rules: grpc/grpc `doc/PROTOCOL-HTTP2.md`, "Length-Prefixed-Message".
 */
const PREFIX_BYTES = 5;

/** Arrow's numbers are read in place when they lie at multiples of their size, which is 8 at most. */
const ALIGNMENT = 8;

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
  /** The message that is being filled. */
  #message: Buffer | undefined;
  #filled = 0;

  /**
   * @param onMessage Takes each whole message; it refers to the chunk or to memory of its own.
   * @param alignedAt Offset in a message of what is to lie at a multiple of eight, as far as its first bytes tell.
   */
  constructor(
    private readonly onMessage: (message: Uint8Array) => void,
    private readonly alignedAt: (firstBytes: Uint8Array) => number = () => 0
  ) {}

  /** True in the middle of a message. */
  get isPartial(): boolean {
    return this.#message !== undefined || this.#prefixBytes > 0;
  }

  /** @throws {BadFraming} */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#message === undefined ? this.#begin(rest) : this.#fill(this.#message, rest);
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
      this.onMessage(rest.subarray(0, length));
      return rest.subarray(length);
    }
    const shift = (ALIGNMENT - (this.alignedAt(rest) % ALIGNMENT)) % ALIGNMENT;
    this.#message = Buffer.allocUnsafeSlow(length + shift).subarray(shift);
    this.#filled = 0;
    return rest;
  }

  #fill(message: Buffer, bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, message.length - this.#filled);
    message.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === message.length) {
      this.#message = undefined;
      this.onMessage(message);
    }
    return bytes.subarray(part.length);
  }
}
