/**
 * The fields that the peer asked to remember, newest first by index.
 *
 * Kept oldest first in a plain array: a field enters at one end and leaves at the other, and the engine does both
 * without copying the rest. Rules: RFC 7541 2.3.2 and 4.
 */
import { fieldBytes, type HeaderField } from './header-field.ts';

export class DynamicTable {
  #maxBytes: number;
  readonly #fields: HeaderField[] = [];
  #bytes = 0;

  /** @param maxBytes how much fits, counted by `fieldBytes` */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param age 1 is the field that entered last. Beyond the oldest there is none. */
  get(age: number): HeaderField | undefined {
    return this.#fields[this.#fields.length - age];
  }

  /** A field larger than the whole table empties it and does not enter, which is no error (RFC 7541 4.4). */
  add(field: HeaderField): void {
    const size = fieldBytes(field);
    this.#evictDownTo(this.#maxBytes - size);
    if (size <= this.#maxBytes) {
      this.#fields.push(field);
      this.#bytes += size;
    }
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evictDownTo(maxBytes);
  }

  #evictDownTo(bytes: number): void {
    while (this.#bytes > bytes) {
      const oldest = this.#fields.shift();
      if (oldest === undefined) {
        return;
      }
      this.#bytes -= fieldBytes(oldest);
    }
  }
}
