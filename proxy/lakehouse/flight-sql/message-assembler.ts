/**
 * Splits the bytes of a response into length-prefixed gRPC messages. Their memory is taken from the account of the
 * query.
 *
 * A large message waits until the budget has room for it. Bytes that arrive during the wait, at most the flow control
 * window, are copied and buffered.
 */
import { ProxyError } from '../../base/errors/proxy-error';
import { PREFIX_BYTES } from '../../base/grpc';
import { type ReceivingMemory } from '../../observe/memory/memory-account';

/**
 * Arrow aligns the buffers in a message to this many bytes. If the message itself is aligned, its buffers are read
 * without a copy.
 */
const ALIGNMENT = 8;

/**
 * Messages up to this length never wait for memory, because each query reserves memory for the bytes that the server
 * may send ahead.
 */
export const SMALL_MESSAGE_BYTES = 1024 * 1024;

/**
 * A message that is longer than this gets its memory in steps as its bytes arrive, because the announced length may be
 * wrong.
 */
const FIRST_BYTES = 16 * 1024 * 1024;

/** Shared by all empty messages. */
const NO_BYTES = new Uint8Array(0);

/** The server violates gRPC framing, or uses a feature that was not requested. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
}

/** A message that is longer than the limit of the query's memory. */
export class MessageTooLongError extends Error {
  override readonly name = 'MessageTooLongError';

  constructor(readonly bytes: number) {
    super(`The message has ${bytes} bytes.`);
  }
}

/** Takes the chunks of one response in order. It must not be used after an error. */
export class MessageAssembler {
  readonly #onMessage: (message: Uint8Array) => void;
  readonly #memory: ReceivingMemory;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** The memory that is already allocated for the current message. */
  #message: Uint8Array | undefined;
  #length = 0;
  #filled = 0;
  /** The number of bytes of memory that the message waits for, and the chunks that arrived during the wait. */
  #waiting: { bytes: number; chunks: Uint8Array[] } | undefined;

  /**
   * @param onMessage Called with each message. `push` and `resume` rethrow its errors.
   * @param memory Owns the bytes of the messages. They are valid until the account closes.
   */
  constructor(onMessage: (message: Uint8Array) => void, memory: ReceivingMemory) {
    this.#onMessage = onMessage;
    this.#memory = memory;
  }

  /** True while a message is incomplete. */
  get isPartial(): boolean {
    return this.#message !== undefined || this.#prefixBytes > 0;
  }

  /** True while a message waits for memory. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * Takes the next chunk. While a message waits for memory, the chunk is only copied.
   *
   * @returns A promise if this chunk begins a wait for memory; else undefined. The promise resolves when the memory is
   *   available. Then call `resume`.
   * @throws {FramingError}
   * @throws {MessageTooLongError}
   * @throws {ProxyError} of the memory account.
   */
  push(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#waiting !== undefined) {
      this.#keep(chunk);
      return undefined;
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#message === undefined) {
        at = this.#readPrefix(chunk, at);
      } else {
        at = this.#fill(this.#message, chunk, at);
      }
      const room = this.#nextRoom();
      if (room !== undefined) {
        this.#keep(chunk.subarray(at));
        return room;
      }
    }
    return undefined;
  }

  #keep(chunk: Uint8Array): void {
    this.#waiting?.chunks.push(Buffer.from(chunk));
  }

  /** Continues with the message that waited for memory. Returns and throws as `push` does. */
  resume(): Promise<void> | undefined {
    const { bytes, chunks } = this.#waiting ?? { bytes: 0, chunks: [] };
    this.#waiting = undefined;
    this.#extend(bytes);
    let room: Promise<void> | undefined;
    for (const chunk of chunks) {
      room = this.push(chunk) ?? room;
    }
    return room;
  }

  #readPrefix(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + PREFIX_BYTES - this.#prefixBytes);
    this.#prefix.set(chunk.subarray(at, end), this.#prefixBytes);
    this.#prefixBytes += end - at;
    if (this.#prefixBytes === PREFIX_BYTES) {
      this.#prefixBytes = 0;
      if (this.#prefix[0] !== 0) {
        throw new FramingError('The server compresses messages, which was not requested.');
      }
      this.#begin(this.#prefix.readUInt32BE(1));
    }
    return end;
  }

  #begin(length: number): void {
    if (length > this.#memory.limitBytes) {
      throw new MessageTooLongError(length);
    }
    if (length === 0) {
      this.#onMessage(NO_BYTES);
      return;
    }
    this.#length = length;
    this.#filled = 0;
    this.#message = NO_BYTES;
  }

  /** Takes more memory if the message needs it. @returns A promise if the message must wait for memory. */
  #nextRoom(): Promise<void> | undefined {
    const message = this.#message;
    if (message === undefined || this.#filled < message.length) {
      return undefined;
    }
    const bytes = Math.min(this.#length, message.length === 0 ? FIRST_BYTES : 2 * message.length);
    const room = bytes > SMALL_MESSAGE_BYTES ? this.#withinLimit(() => this.#memory.reserveMessage(bytes)) : undefined;
    if (room === undefined) {
      this.#extend(bytes);
    } else {
      this.#waiting = { bytes, chunks: [] };
    }
    return room;
  }

  #fill(message: Uint8Array, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + message.length - this.#filled);
    message.set(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled === this.#length) {
      this.#finish(message);
    }
    return end;
  }

  #finish(message: Uint8Array): void {
    this.#message = undefined;
    this.#onMessage(message);
  }

  /**
   * Takes a buffer of `bytes` for the message, and aligns its end. The Arrow body is the last part of the message and
   * its length is a multiple of 8, so the start of the body is aligned too.
   */
  #extend(bytes: number): void {
    const before = this.#message ?? NO_BYTES;
    const padding = (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
    const extended = this.#withinLimit(() => this.#memory.take(padding + bytes)).subarray(padding);
    if (before.length > 0) {
      extended.set(before);
      this.#memory.free(before);
    }
    this.#message = extended;
  }

  #withinLimit<T>(step: () => T): T {
    try {
      return step();
    } catch (reason) {
      const isTooLong =
        reason instanceof RangeError || (reason instanceof ProxyError && reason.code === 'result_too_large');
      throw isTooLong ? new MessageTooLongError(this.#length) : reason;
    }
  }
}
