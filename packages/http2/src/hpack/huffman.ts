/**
 * Decodes strings in the Huffman code of RFC 7541, appendix B.
 *
 * The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and shorter codes
 * come first. So the lengths of the codes of all 257 symbols define the whole code. A lookup table of 8 bits decodes
 * the common characters in one step; longer codes are found by trying each length.
 */
import { HpackError, latin1 } from './header-field.ts';

/** Lengths of the shortest and of the longest code, in bits. */
const SHORTEST = 5;
const LONGEST = 30;
/** The length of the code of each byte, as a letter: `A` means 5 bits, `B` 6 bits, and so on. */
const LENGTHS =
  'ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJB' +
  'KABABABBBACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS' +
  'VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV';
/** The end-of-string symbol. Its code is the last of the longest codes: all ones. */
const EOS = 256;
/** A table entry is `length << SYMBOL_BITS | symbol`. */
const SYMBOL_BITS = 9;
/** Bits that one lookup in SHORT_CODES decodes. */
const WINDOW_BITS = 8;
const ALL_ONES = 0xff;

/**
 * Three numbers for each code length: the first code, the number of codes, and the index in SYMBOLS of the first code's
 * symbol.
 */
const FIRST_CODES = new Int32Array(LONGEST + 1);
const COUNTS = new Int32Array(LONGEST + 1);
const STARTS = new Int32Array(LONGEST + 1);
/** All symbols, sorted by length of their code, then by value. */
const SYMBOLS = new Uint16Array(EOS + 1);
/** Table entries by the next 8 bits; 0 if the code is longer than 8 bits. */
const SHORT_CODES = new Uint16Array(1 << WINDOW_BITS);

/**
 * Every call reuses this buffer for the bytes of the decoded string. A string that may be longer gets its own buffer.
 */
const SCRATCH = Buffer.allocUnsafeSlow(4096);

buildTables();

function buildTables(): void {
  for (let symbol = 0; symbol <= EOS; symbol++) {
    COUNTS[codeLength(symbol)]++;
  }
  for (let length = SHORTEST; length <= LONGEST; length++) {
    FIRST_CODES[length] = (FIRST_CODES[length - 1] + COUNTS[length - 1]) << 1;
    STARTS[length] = STARTS[length - 1] + COUNTS[length - 1];
  }
  const ranks = new Int32Array(LONGEST + 1);
  for (let symbol = 0; symbol <= EOS; symbol++) {
    const length = codeLength(symbol);
    const rank = ranks[length]++;
    SYMBOLS[STARTS[length] + rank] = symbol;
    if (length <= WINDOW_BITS) {
      const code = FIRST_CODES[length] + rank;
      const spare = WINDOW_BITS - length;
      SHORT_CODES.fill((length << SYMBOL_BITS) | symbol, code << spare, (code + 1) << spare);
    }
  }
}

function codeLength(symbol: number): number {
  return symbol === EOS ? LONGEST : LENGTHS.charCodeAt(symbol) - 'A'.charCodeAt(0) + SHORTEST;
}

/**
 * @param source Contains the encoded string from byte `start` (inclusive) to byte `end` (exclusive).
 * @returns The decoded bytes as Latin-1 characters.
 * @throws {HpackError} when the string contains the end-of-string symbol, or its padding is longer than 7 bits or has a
 *   bit that is 0.
 */
export function decodeHuffman(source: Uint8Array, start: number, end: number): string {
  const maxLength = Math.floor(((end - start) * 8) / SHORTEST);
  const target = maxLength <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(maxLength);
  const endBit = end * 8;
  let bit = start * 8;
  let size = 0;
  while (bit < endBit) {
    const window = nextBits(source, bit, end);
    let code = SHORT_CODES[window];
    if (code === 0) {
      if (window === ALL_ONES && endBit - bit < 8) {
        break;
      }
      code = longCode(source, bit, window);
    }
    bit += code >>> SYMBOL_BITS;
    target[size++] = code;
  }
  // If the last code extends beyond the end, it is truncated or is invalid padding.
  if (bit > endBit) {
    throw new HpackError('A Huffman string has invalid padding.');
  }
  return latin1(target, 0, size);
}

/** The next 8 bits. Bits after the end are ones, like padding. */
function nextBits(source: Uint8Array, bit: number, end: number): number {
  const at = bit >>> 3;
  const next = at + 1 < end ? source[at + 1] : ALL_ONES;
  return (((source[at] << 8) | next) >>> (8 - (bit & 7))) & ALL_ONES;
}

/**
 * The entry of a code longer than 8 bits.
 *
 * Every sequence of bits leads to a symbol, so the loop ends. The loop may read bits after the end of the string. The
 * caller then rejects the code as too long.
 *
 * @param window The first 8 bits of the code.
 */
function longCode(source: Uint8Array, bit: number, window: number): number {
  let code = window;
  let length = WINDOW_BITS;
  let rank = 0;
  do {
    const at = bit + length;
    code = (code << 1) | ((source[at >>> 3] >>> (7 - (at & 7))) & 1);
    length++;
    rank = code - FIRST_CODES[length];
  } while (rank >= COUNTS[length]);
  const symbol = SYMBOLS[STARTS[length] + rank];
  if (symbol === EOS) {
    throw new HpackError('A Huffman string contains the end-of-string symbol.');
  }
  return (length << SYMBOL_BITS) | symbol;
}
