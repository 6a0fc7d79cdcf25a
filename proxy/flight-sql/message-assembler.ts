/**
 * Cuts the bytes of a response into messages, each after its prefix, in the memory of the query.
 *
 * A message is counted when it is announced. A large one waits until the budget has room for it; what comes meanwhile, at
 * most the window of the stream, is kept aside.
 */
import { ProxyError } from '../errors/proxy-error';
import { PREFIX_BYTES } from '../grpc';
import { type MemoryAccount } from '../memory/memory-account';

/** Arrow's buffers lie at multiples of this, and are read in place if the message does too. */
const ALIGNMENT = 8;

/** Up to here there is room in what counts from the start of a query for what a server sends ahead. */
const SMALL_BYTES = 1024 * 1024;

/** Memory for a message that announces more than this is taken as it comes: the announcement may be a lie. */
const FIRST_BYTES = 16 * 1024 * 1024;

/** All empty messages: they need no memory of their own. */
const NO_BYTES = new Uint8Array(0);

/** Something that the framing does not allow, or that this side did not ask for. */
export class BadFraming extends Error {
  override readonly name = 'BadFraming';
}

/** A message that is longer than the query may hold. */
export class TooLong extends Error {
  override readonly name = 'TooLong';

  constructor(readonly bytes: number) {
    super(`The message has ${bytes} bytes.`);
  }
}

export class MessageAssembler {
  readonly #onMessage: (message: Uint8Array) => void;
  readonly #memory: MemoryAccount;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  /** What is there of the message that is being received. */
  #message: Uint8Array | undefined;
  #length = 0;
  #filled = 0;
  /** Bytes that the message takes once there is memory, and what came meanwhile. */
  #waiting: { bytes: number; chunks: Uint8Array[] } | undefined;

  /** @param onMessage Takes each whole message. What it throws ends the call. */
  constructor(onMessage: (message: Uint8Array) => void, memory: MemoryAccount) {
    this.#onMessage = onMessage;
    this.#memory = memory;
  }

  /** True in the middle of a message. */
  get isPartial(): boolean {
    return this.#message !== undefined || this.#prefixBytes > 0;
  }

  /** True while a message waits for memory. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /**
   * @returns Undefined when all is read. Else what resolves when there is memory to go on: call `resume` then.
   * @throws {BadFraming}, {TooLong}, {ProxyError} of the memory.
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

  /** There is memory for the message that waits. @returns and throws as `push`. */
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
        throw new BadFraming('It compresses its messages, which it was not asked to.');
      }
      this.#begin(this.#prefix.readUInt32BE(1));
    }
    return end;
  }

  #begin(length: number): void {
    if (length > this.#memory.limitBytes) {
      throw new TooLong(length);
    }
    if (length === 0) {
      this.#onMessage(NO_BYTES);
      return;
    }
    this.#length = length;
    this.#filled = 0;
    this.#message = NO_BYTES;
  }

  /** Takes more memory where the message needs it. @returns What it has to wait for. */
  #nextRoom(): Promise<void> | undefined {
    const message = this.#message;
    if (message === undefined || this.#filled < message.length) {
      return undefined;
    }
    const bytes = Math.min(this.#length, message.length === 0 ? FIRST_BYTES : 2 * message.length);
    const room = bytes > SMALL_BYTES ? this.#withinLimit(() => this.#memory.reserve(bytes)) : undefined;
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

  /** The body of an Arrow message is its end, and its length a multiple of the alignment: so it also begins at one. */
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
      throw isTooLong ? new TooLong(this.#length) : reason;
    }
  }
}
