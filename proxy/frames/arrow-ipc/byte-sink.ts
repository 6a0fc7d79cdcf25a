import { type MemoryAccount } from '../../observe/memory/memory-account';
import { tooLarge } from './result-errors';
import { MAX_STRING_BYTES } from './plain-column';

const ENCODER = new TextEncoder();

/** Shorter strings are copied byte by byte, which is faster than a call of `set` or of the encoder. */
const SHORT_STRING = 24;

/** A growing buffer of bytes, for the values of a string column. */
export class ByteSink {
  readonly #memory: MemoryAccount;
  #bytes: Uint8Array;
  #used = 0;

  /**
   * @param memory Account of the query. The account frees the bytes after the result was sent, or earlier if `free` is
   *   called.
   */
  constructor(memory: MemoryAccount, capacity = 256) {
    this.#memory = memory;
    this.#bytes = memory.take(Math.max(16, capacity));
  }

  get length(): number {
    return this.#used;
  }

  byte(value: number): void {
    if (this.#used === this.#bytes.length) {
      this.#reserve(1);
    }
    this.#bytes[this.#used++] = value;
  }

  /** Appends the bytes of `source` from `start` (inclusive) to `end` (exclusive). */
  copy(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.#reserve(size);
    if (size < SHORT_STRING) {
      for (let index = 0; index < size; index++) {
        this.#bytes[this.#used + index] = source[start + index];
      }
    } else {
      this.#bytes.set(source.subarray(start, end), this.#used);
    }
    this.#used += size;
  }

  /** Appends a string as UTF-8. */
  string(value: string): void {
    const { length } = value;
    this.#reserve(length * 3);
    if (length < SHORT_STRING && this.#ascii(value)) {
      return;
    }
    this.#used += ENCODER.encodeInto(value, this.#bytes.subarray(this.#used)).written;
  }

  /** @returns False if the string is not ASCII. Then nothing is appended. */
  #ascii(value: string): boolean {
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        return false;
      }
      this.#bytes[this.#used + index] = code;
    }
    this.#used += value.length;
    return true;
  }

  /** Drops all bytes after the first `length`. */
  truncate(length: number): void {
    this.#used = length;
  }

  /** The underlying buffer. Only the first `length` bytes are valid, and only until the next write. */
  get written(): Uint8Array {
    return this.#bytes;
  }

  /** The written bytes, as a view. Do not write afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Frees the buffer. No view of the buffer may be in use. Do not write afterwards. */
  free(): void {
    this.#memory.free(this.#bytes);
  }

  #reserve(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#bytes.length) {
      return;
    }
    if (needed > MAX_STRING_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
    this.#bytes = this.#memory.grow(this.#bytes, this.#used, Math.max(needed, this.#bytes.length * 2));
  }
}
