/**
 * Decodes strings in the Huffman code of RFC 7541 appendix B.
 *
 * The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and the shorter
 * come first. So the 257 lengths are the whole table. A look at the next 8 bits finds the characters that headers are
 * made of; the others are found length by length.
 */
import { HpackError } from './hpack-error.ts';
import { latin1 } from './latin1.ts';

const SHORTEST = 5;
const LONGEST = 30;
/** Length of the code of each byte, 'A' standing for 5 bits. */
const LENGTHS =
  'ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJB' +
  'KABABABBBACCBBBABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS' +
  'VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV';
/** The end-of-string symbol: the last of the longest codes, all ones. */
const EOS = 256;
/** A decoded code is its length << SYMBOL_BITS | its symbol. */
const SYMBOL_BITS = 9;
const WINDOW_BITS = 8;
const ALL_ONES = 0xff;

/** By length: the first code, how many codes there are, and the place of their first symbol in SYMBOLS. */
const FIRST_CODES = new Int32Array(LONGEST + 1);
const COUNTS = new Int32Array(LONGEST + 1);
const STARTS = new Int32Array(LONGEST + 1);
/** All symbols by length of their code, then by value. */
const SYMBOLS = new Uint16Array(EOS + 1);
/** What the next 8 bits start with, 0 where the code is longer. */
const SHORT_CODES = new Uint16Array(1 << WINDOW_BITS);

/** Room for what is decoded, until it is a string. A larger string gets its own. */
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
 * @param source Holds the string from byte `start` to before byte `end`.
 * @throws {HpackError} if the string holds the end-of-string symbol, or ends in anything but up to 7 ones
 */
export function decodeHuffman(source: Uint8Array, start: number, end: number): string {
  const most = Math.floor(((end - start) * 8) / SHORTEST);
  const target = most <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(most);
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
  // The last code reaches beyond the end: it was cut short, or it is padding that is too long or not all ones.
  if (bit > endBit) {
    throw new HpackError('a Huffman string ends in wrong padding');
  }
  return latin1(target, 0, size);
}

/** The next 8 bits. Ones follow the end, as they do in the padding. */
function nextBits(source: Uint8Array, bit: number, end: number): number {
  const at = bit >>> 3;
  const next = at + 1 < end ? source[at + 1] : ALL_ONES;
  return (((source[at] << 8) | next) >>> (8 - (bit & 7))) & ALL_ONES;
}

/**
 * The code at `bit`, which is longer than its first 8 bits, the `window`. Every row of bits leads to a symbol, and what
 * lies behind the string may be read: a code that needs it is refused for its length.
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
    throw new HpackError('a Huffman string holds the end symbol');
  }
  return (length << SYMBOL_BITS) | symbol;
}
