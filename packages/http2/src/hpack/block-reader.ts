/** Reads the integers and strings that a header block is made of. Rules: RFC 7541 5. */
import { HpackError } from './hpack-error.ts';
import { decodeHuffman } from './huffman.ts';
import { latin1 } from './latin1.ts';

const HUFFMAN_FLAG = 0x80;
const LENGTH_MASK = 0x7f;
/** Four bytes after the prefix hold 28 bits: more than any table, string or block that is let in. */
const MAX_SCALE = 2 ** 21;

export class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  /** The byte that says what comes next, left where it is; undefined at the end of the block. */
  peek(): number | undefined {
    return this.#block[this.#at];
  }

  /**
   * @param mask the bits of the first byte that belong to the number
   * @throws {HpackError} if the block ends inside of it, or it needs more than four more bytes
   */
  integer(mask: number): number {
    let value = this.#byte() & mask;
    if (value < mask) {
      return value;
    }
    for (let scale = 1; scale <= MAX_SCALE; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new HpackError('an integer is too long');
  }

  /** @throws {HpackError} if the block ends inside of it, or its Huffman code is broken */
  string(): string {
    const huffman = this.#byteAhead() >= HUFFMAN_FLAG;
    const length = this.integer(LENGTH_MASK);
    const start = this.#at;
    const end = start + length;
    if (end > this.#block.length) {
      throw cut();
    }
    this.#at = end;
    return huffman ? decodeHuffman(this.#block, start, end) : latin1(this.#block, start, end);
  }

  #byteAhead(): number {
    if (this.#at >= this.#block.length) {
      throw cut();
    }
    return this.#block[this.#at];
  }

  #byte(): number {
    const byte = this.#byteAhead();
    this.#at++;
    return byte;
  }
}

function cut(): HpackError {
  return new HpackError('the header block ends too early');
}
