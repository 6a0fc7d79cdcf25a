import { keyedHash, keyedPairHash, randomHashKey } from './keyed-hash';

/**
 * The first test vectors of the reference implementation of HalfSipHash-2-4: key 00 … 07, messages of the bytes 00, 01,
 * 02, …
 */
const KEY = Int32Array.of(0x03020100, 0x07060504);
const MESSAGE = Uint8Array.from({ length: 16 }, (_, index) => index);
const vectors: Array<[length: number, output: string]> = [
  [0, 'a9359f5b'],
  [1, '27475ab8'],
  [2, 'fa62a603'],
  [3, '8afee704'],
  [4, '2a6e4689'],
  [5, 'c5fab669'],
  [6, '5863fc23'],
  [7, '8bcf63c5'],
];

it.each(vectors)('hashes %d bytes like the reference implementation', (length, output) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(keyedHash(KEY, MESSAGE, 0, length));
  expect(bytes.toString('hex')).toBe(output);
});

it('hashes a range of bytes like a separate array', () => {
  expect(keyedHash(KEY, MESSAGE, 3, 14)).toBe(keyedHash(KEY, MESSAGE.slice(3, 14), 0, 11));
});

it('hashes a pair like the eight bytes of its two numbers', () => {
  expect(keyedPairHash(KEY, 0x03020100, 0x07060504)).toBe(keyedHash(KEY, MESSAGE, 0, 8));
});

it('gives different hashes for different keys', () => {
  expect(keyedHash(randomHashKey(), MESSAGE, 0, 16)).not.toBe(keyedHash(randomHashKey(), MESSAGE, 0, 16));
});
