import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeInt32, takeZeros } from '../../observe/memory/typed-arrays';
import { ByteSink } from './byte-sink';
import { type PlainColumn, withValidity } from './plain-column';
import { bitmapBytes, bytesOf, setBit } from './vector';

/**
 * Builds a string or JSON column row by row: write the bytes of a value to `sink`, then call `end`, or `endNull` for a
 * null.
 */
export class StringColumnBuilder {
  readonly sink: ByteSink;
  readonly #offsets: Int32Array;
  readonly #validity: Uint8Array;
  #rows = 0;

  constructor(
    memory: MemoryAccount,
    readonly length: number,
    capacityBytes?: number
  ) {
    this.sink = new ByteSink(memory, capacityBytes);
    this.#offsets = takeInt32(memory, length + 1);
    this.#offsets[0] = 0;
    this.#validity = takeZeros(memory, bitmapBytes(length));
  }

  end(): void {
    setBit(this.#validity, this.#rows);
    this.#rows++;
    this.#offsets[this.#rows] = this.sink.length;
  }

  /** Ends a row as null and drops its bytes. */
  endNull(): void {
    this.sink.truncate(this.#offsets[this.#rows]);
    this.#rows++;
    this.#offsets[this.#rows] = this.sink.length;
  }

  finish(kind: 'utf8' | 'json'): PlainColumn {
    const valid = withValidity(this.#validity, this.length);
    return { kind, length: this.length, ...valid, offsets: bytesOf(this.#offsets), values: this.sink.finish() };
  }
}
