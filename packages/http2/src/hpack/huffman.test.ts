import { decodeHuffman } from './huffman.ts';
import { EOS, huffmanBits, pack } from './testing/block-writer.ts';

function decode(bytes: number[]): string {
  return decodeHuffman(Buffer.from(bytes), 0, bytes.length);
}

describe('a Huffman string', () => {
  it('may contain every byte at every bit offset', () => {
    for (let symbol = 0; symbol < EOS; symbol++) {
      for (let before = 0; before < 8; before++) {
        // The code of '0' has 5 bits. After 0 to 7 of these characters, the symbol starts at each of the 8 bit offsets.
        const symbols = [...new Array<number>(before).fill(0x30), symbol, 0x61];
        expect(decode(pack(huffmanBits(symbols)))).toBe(Buffer.from(symbols).toString('latin1'));
      }
    }
  });

  it('may be long', () => {
    const symbols = Array.from({ length: 20_000 }, (_, index) => index % 256);
    expect(decode(pack(huffmanBits(symbols)))).toBe(Buffer.from(symbols).toString('latin1'));
  });

  it('is read only from `start` to `end`', () => {
    const bytes = Buffer.from([0xff, ...pack(huffmanBits(Buffer.from('www'))), 0]);
    expect(decodeHuffman(bytes, 1, bytes.length - 1)).toBe('www');
    expect(decodeHuffman(bytes, 1, 1)).toBe('');
  });

  it.each([8, 3, 6, 1, 4, 7, 2, 5])('may have padding after %i codes of five bits', (count) => {
    const value = '0'.repeat(count);
    expect(decode(pack(huffmanBits(Buffer.from(value))))).toBe(value);
  });

  it.each([
    { name: 'eight ones after the last code', bytes: pack(huffmanBits(Buffer.from('aaaaaaaa')) + '1'.repeat(8)) },
    { name: 'more than eight ones after the last code', bytes: pack(huffmanBits(Buffer.from('a')) + '1'.repeat(11)) },
    { name: 'eight ones alone', bytes: [0xff] },
    { name: 'thirty-two ones alone', bytes: [0xff, 0xff, 0xff, 0xff] },
    { name: 'zeros after the last code', bytes: pack(`${huffmanBits(Buffer.from('a'))}000`) },
    { name: 'a zero after ones at the end', bytes: pack(`${huffmanBits(Buffer.from('a'))}110`) },
    { name: 'a zero between ones at the end', bytes: pack(`${huffmanBits(Buffer.from('a'))}101`) },
    { name: 'a truncated code', bytes: pack(huffmanBits([2])).slice(0, -1) },
  ])('is rejected with $name', ({ bytes }) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ name: 'HpackError' }));
  });

  it('is rejected when the last code continues after the end of the string', () => {
    const bytes = pack(huffmanBits([0]));
    expect(() => decodeHuffman(Buffer.from(bytes), 0, bytes.length - 1)).toThrow('padding');
    expect(() => decodeHuffman(Buffer.from([0xff, 0xff, 0xff, 0xff]), 0, 1)).toThrow('end-of-string');
  });

  it('is rejected with the end-of-string symbol', () => {
    expect(() => decode(pack(huffmanBits([EOS])))).toThrow('end-of-string');
    expect(() => decode(pack(huffmanBits([0x61, EOS, 0x61])))).toThrow('end-of-string');
  });
});
