/** Cuts the bytes of a response into messages, each after its prefix. */
import { PREFIX_BYTES } from '../grpc/message-prefix';
import { type Allocate, allocateOwn } from '../memory/allocate';
import { type Receiving } from './flight-sql-client';

/** Arrow's buffers lie at multiples of this, and are read in place if the message does too. */
const ALIGNMENT = 8;

/** Longest message unless the caller says otherwise. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/** Memory for a message that announces more than this is made as it comes: the announcement may be a lie. */
const FIRST_BYTES = 16 * 1024 * 1024;

/** All empty messages: they need no memory of their own. */
const NO_BYTES = new Uint8Array(0);

/** Something that the framing does not allow, or that this side did not ask for. */
export class BadFraming extends Error {
  override readonly name = 'BadFraming';
}

/** A message that is longer than the call takes, or than there is memory for. */
export class TooLong extends Error {
  override readonly name = 'TooLong';

  constructor(readonly bytes: number) {
    super(`The message has ${bytes} bytes.`);
  }
}

export class MessageAssembler {
  readonly #allocate: Allocate;
  readonly #maxBytes: number;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** What is there of the message that is being received. */
  #message: Uint8Array | undefined;
  #length = 0;
  #filled = 0;

  /** @param onMessage Takes each whole message. What it throws ends the call. */
  constructor(
    private readonly onMessage: (message: Uint8Array) => void,
    { allocate = allocateOwn, maxMessageBytes = MAX_MESSAGE_BYTES }: Receiving = {}
  ) {
    this.#allocate = allocate;
    this.#maxBytes = maxMessageBytes;
  }

  /** True in the middle of a message. */
  get isPartial(): boolean {
    return this.#message !== undefined || this.#prefixBytes > 0;
  }

  /** @throws {BadFraming}, {TooLong} */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#message === undefined ? this.#readPrefix(chunk, at) : this.#fill(this.#message, chunk, at);
    }
  }

  #readPrefix(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + PREFIX_BYTES - this.#prefixBytes);
    this.#prefix.set(chunk.subarray(at, end), this.#prefixBytes);
    this.#prefixBytes += end - at;
    if (this.#prefixBytes === PREFIX_BYTES) {
      this.#prefixBytes = 0;
      if (this.#prefix[0] !== 0) {
        throw new BadFraming('It compresses its messages, which it was not asked to.');
      }
      this.#begin(this.#prefix.readUInt32BE(1));
    }
    return end;
  }

  #begin(length: number): void {
    if (length > this.#maxBytes) {
      throw new TooLong(length);
    }
    if (length === 0) {
      this.onMessage(NO_BYTES);
      return;
    }
    this.#length = length;
    this.#filled = 0;
    this.#message = this.#alignedAtEnd(Math.min(length, FIRST_BYTES));
  }

  #fill(message: Uint8Array, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + message.length - this.#filled);
    message.set(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled === this.#length) {
      this.#finish(message);
    } else if (this.#filled === message.length) {
      this.#message = this.#alignedAtEnd(Math.min(this.#length, 2 * message.length));
      this.#message.set(message);
    }
    return end;
  }

  #finish(message: Uint8Array): void {
    this.#message = undefined;
    this.onMessage(message);
  }

  /** The body of an Arrow message is its end, and its length a multiple of the alignment: so it also begins at one. */
  #alignedAtEnd(length: number): Uint8Array {
    const padding = (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
    // What is outgrown is not to be kept until the answer has gone out.
    const allocate = this.#length <= FIRST_BYTES ? this.#allocate : allocateOwn;
    try {
      return allocate(padding + length).subarray(padding);
    } catch (reason) {
      throw reason instanceof RangeError ? new TooLong(this.#length) : reason;
    }
  }
}
