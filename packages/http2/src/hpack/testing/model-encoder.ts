/** For tests: an encoder that chooses the representations of RFC 7541 at random. Its table is an array. */
import { type HeaderField } from '../header-field.ts';
import { type Random } from '../../testing/random.ts';
import { STATIC_FIELDS } from '../tables.ts';
import { huffmanString, indexed, integer, plainString, sizeUpdate } from './block-writer.ts';

export class ModelEncoder {
  readonly #random: Random;
  readonly #maxTableBytes: number;
  /** Newest first. */
  table: HeaderField[] = [];
  #limit = 4096;

  constructor(random: Random, maxTableBytes: number) {
    this.#random = random;
    this.#maxTableBytes = maxTableBytes;
  }

  /** The next header block of the connection, and the fields that it encodes (at least one). */
  encode(): { block: number[]; fields: HeaderField[] } {
    const block: number[] = [];
    const fields: HeaderField[] = [];
    for (let count = this.#random(8) === 0 ? 1 + this.#random(2) : 0; count > 0; count--) {
      this.#limit = this.#random(this.#maxTableBytes + 1);
      this.#evict();
      block.push(...sizeUpdate(this.#limit));
    }
    for (let count = 1 + this.#random(8); count > 0; count--) {
      const { bytes, field } = this.#field();
      block.push(...bytes);
      fields.push(field);
    }
    return { block, fields };
  }

  #field(): { bytes: number[]; field: HeaderField } {
    const known = [...STATIC_FIELDS, ...this.table];
    const at = this.#random(known.length);
    if (this.#random(2) === 0) {
      return { bytes: indexed(at + 1), field: known[at] };
    }
    const named = this.#random(2) === 0;
    const field: HeaderField = [named ? known[at][0] : this.#randomString(), this.#randomString()];
    const [pattern, mask] = [
      [0x40, 0x3f],
      [0x00, 0x0f],
      [0x10, 0x0f],
    ][this.#random(3)];
    const name = named ? integer(pattern, mask, at + 1) : [pattern, ...this.#string(field[0])];
    if (pattern === 0x40) {
      this.table.unshift(field);
      this.#evict();
    }
    return { bytes: [...name, ...this.#string(field[1])], field };
  }

  #string(value: string): number[] {
    return this.#random(2) === 0 ? plainString(value) : huffmanString(value);
  }

  /** One string in four has random bytes, most of them with long Huffman codes. */
  #randomString(): string {
    const [first, count] = this.#random(4) === 0 ? [0, 256] : [0x61, 26];
    const bytes = Array.from({ length: this.#random(40) }, () => first + this.#random(count));
    return Buffer.from(bytes).toString('latin1');
  }

  #evict(): void {
    const size = ([name, value]: HeaderField) => name.length + value.length + 32;
    while (this.table.reduce((sum, field) => sum + size(field), 0) > this.#limit) {
      this.table.pop();
    }
  }
}
