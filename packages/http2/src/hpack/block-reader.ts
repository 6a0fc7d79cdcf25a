/** Reads the integers and strings of a header block. Rules: RFC 7541, section 5. */
import { HpackError, latin1 } from './header-field.ts';
import { decodeHuffman } from './huffman.ts';

const HUFFMAN_FLAG = 0x80;
const LENGTH_MASK = 0x7f;
/**
 * Weight of the fourth byte after the prefix. Four bytes hold 28 bits: enough for the size of any accepted table,
 * string or block.
 */
const MAX_WEIGHT = 2 ** 21;

/** Reads one block from its start to its end. */
export class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  /** The next byte, without consuming it; undefined at the end of the block. */
  peek(): number | undefined {
    return this.#block[this.#at];
  }

  /**
   * @param mask The bits of the first byte that belong to the integer.
   * @throws {HpackError} when the integer is truncated, or longer than four bytes after the first.
   */
  integer(mask: number): number {
    let value = this.#byte() & mask;
    if (value < mask) {
      return value;
    }
    for (let weight = 1; weight <= MAX_WEIGHT; weight *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new HpackError('An integer is too long.');
  }

  /** @throws {HpackError} when the string is truncated, or its Huffman code is invalid. */
  string(): string {
    const isHuffman = this.#peekByte() >= HUFFMAN_FLAG;
    const length = this.integer(LENGTH_MASK);
    const start = this.#at;
    const end = start + length;
    if (end > this.#block.length) {
      throw truncated();
    }
    this.#at = end;
    return isHuffman ? decodeHuffman(this.#block, start, end) : latin1(this.#block, start, end);
  }

  #peekByte(): number {
    if (this.#at >= this.#block.length) {
      throw truncated();
    }
    return this.#block[this.#at];
  }

  #byte(): number {
    const byte = this.#peekByte();
    this.#at++;
    return byte;
  }
}

function truncated(): HpackError {
  return new HpackError('A header block is truncated.');
}
