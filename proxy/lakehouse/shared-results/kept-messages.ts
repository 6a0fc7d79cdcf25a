/**
 * The messages of a shared result, which are kept up to a limit.
 *
 * Each caller gets copies in its own memory, because frames refer to the bytes until they are sent. So the kept buffers
 * can be reused, which costs less than new buffers.
 */
import { type MemoryAccount, type ReceivingMemory } from '../../observe/memory/memory-account';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { SMALL_MESSAGE_BYTES } from '../flight-sql/message-assembler';

/** Largest result that is kept, in bytes. */
export const MAX_KEPT_RESULT_BYTES = 8 * 1024 * 1024;

/** Arrow reads a body without a copy if it is aligned to this many bytes. */
const ALIGNMENT = 8;

/** The source of the memory of kept messages. */
export interface MessageShelf {
  /** Takes memory. @returns Undefined if there is none. */
  take(bytes: number): Uint8Array | undefined;
  /** @param isInUse True: views of the memory may still be read. */
  free(taken: Uint8Array, isInUse: boolean): void;
}

/** The messages of one result. */
export class KeptMessages {
  readonly #shelf: MessageShelf;
  /** Called when the result has outgrown its memory. */
  readonly #onOutgrown: () => void;
  readonly #messages: FlightMessage[] = [];
  readonly #kept = new Map<ArrayBufferLike, Uint8Array>();
  #keptBytes = 0;
  #isFull = false;
  #isTooLarge = false;

  constructor(shelf: MessageShelf, onOutgrown: () => void) {
    this.#shelf = shelf;
    this.#onOutgrown = onOutgrown;
  }

  /** True once the result has outgrown its memory. From then on, the memory of the first caller is used. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** True if the result is larger than `MAX_KEPT_RESULT_BYTES`. Then it is not kept, even if memory is free. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  get length(): number {
    return this.#messages.length;
  }

  add(message: FlightMessage): void {
    this.#messages.push(message);
  }

  /**
   * A copy of a message in the memory of a caller.
   *
   * @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`.
   */
  copy(position: number, memory: MemoryAccount): Promise<FlightMessage> {
    return copyOf(this.#messages[position], memory);
  }

  /**
   * A message for the first caller: a copy of a kept message, or a message that did not fit and so is already in the
   * memory of this caller.
   *
   * @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`.
   */
  read(position: number, memory: MemoryAccount): FlightMessage | Promise<FlightMessage> {
    const message = this.#messages[position];
    const { header, body } = message;
    const isKept = this.#kept.has(header.buffer) || this.#kept.has(body.buffer);
    return isKept ? copyOf(message, memory) : message;
  }

  /** Memory for received messages: memory of the shelf while the messages fit, then memory of the first caller. */
  receiving(memory: MemoryAccount): ReceivingMemory {
    return {
      take: (bytes) => this.#keep(bytes) ?? memory.take(bytes),
      // The client frees only buffers of messages over 16 MiB, which are never kept.
      free: (taken) => memory.free(taken),
      reserveMessage: (bytes) => (this.#fits(bytes) ? undefined : memory.reserveMessage(bytes)),
      noteUnread: (moreBytes) => (this.#isFull ? memory.noteUnread(moreBytes) : undefined),
      limitBytes: memory.limitBytes,
    };
  }

  /** Frees the memory. Do not call `copy` or `read` afterwards. */
  free(): void {
    // The client may still use some buffers of an outgrown result: it compares later schemas with the first message,
    // and may have received messages that nobody has read.
    const [, ...others] = this.#messages;
    const read = new Set<ArrayBufferLike>(others.flatMap(({ header, body }) => [header.buffer, body.buffer]));
    this.#kept.forEach((taken) => this.#shelf.free(taken, this.#isFull && !read.has(taken.buffer)));
    this.#messages.length = 0;
    this.#kept.clear();
  }

  #keep(bytes: number): Uint8Array | undefined {
    const taken = this.#fits(bytes) ? this.#shelf.take(bytes) : undefined;
    if (taken === undefined) {
      this.#outgrow();
    } else {
      this.#kept.set(taken.buffer, taken);
      this.#keptBytes += bytes;
    }
    return taken;
  }

  #fits(bytes: number): boolean {
    if (!this.#isFull && this.#keptBytes + bytes > MAX_KEPT_RESULT_BYTES) {
      this.#isTooLarge = true;
      this.#outgrow();
    }
    return !this.#isFull;
  }

  #outgrow(): void {
    this.#isFull = true;
    this.#onOutgrown();
  }
}

/** Copies a message. @throws {ProxyError} The errors of `MemoryAccount.take` and `reserve`. */
async function copyOf({ header, body }: FlightMessage, memory: MemoryAccount): Promise<FlightMessage> {
  const bodyStart = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;
  const bytes = bodyStart + body.length;
  // Small messages never wait for memory, as in `MessageAssembler`.
  if (bytes > SMALL_MESSAGE_BYTES) {
    await memory.reserve(bytes);
  }
  const copy = memory.take(bytes);
  copy.set(header);
  copy.set(body, bodyStart);
  return { header: copy.subarray(0, header.length), body: copy.subarray(bodyStart) };
}
