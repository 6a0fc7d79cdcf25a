import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProxyError } from '../../base/errors/proxy-error';
import { compressedBuffers, generator } from './testing/ipc-bytes';
import { decodeLz4Frame } from './lz4';

const memory = unlimitedAccount();

/** A frame of one block, without checksums. */
function frame(block: number[], { flags = 0x40, stored = false } = {}): Uint8Array {
  const size = block.length;
  return Uint8Array.of(4, 0x22, 0x4d, 0x18, flags, 0x40, 0x82, size, 0, 0, stored ? 0x80 : 0, ...block, 0, 0, 0, 0);
}

function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

const A = 'a'.charCodeAt(0);

describe('an LZ4 frame', () => {
  it.each([
    { name: 'literals only', bytes: frame([0x30, A, A + 1, A + 2]), expected: 'abc' },
    { name: 'a block stored uncompressed', bytes: frame([A, A + 1], { stored: true }), expected: 'ab' },
    { name: 'a match', bytes: frame([0x40, A, A + 1, A + 2, A + 3, 4, 0, 0x10, 0x7a]), expected: 'abcdabcdz' },
    { name: 'a match that overlaps its copy', bytes: frame([0x12, A, 1, 0, 0x10, 0x7a]), expected: 'aaaaaaaz' },
    {
      name: 'lengths of several bytes',
      bytes: frame([0x1f, A, 1, 0, 255, 1, 0xf0, 2, ...new Array<number>(17).fill(0x7a)]),
      expected: 'a'.repeat(1 + 4 + 15 + 256) + 'z'.repeat(17),
    },
    { name: 'no block', bytes: Uint8Array.of(4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0x82, 0, 0, 0, 0), expected: '' },
    { name: 'padding after its end', bytes: Uint8Array.of(...frame([0x10, A]), 0, 0, 0), expected: 'a' },
  ])('with $name is decoded', ({ bytes, expected }) => {
    expect(decoded(decodeLz4Frame(bytes, expected.length, memory))).toBe(expected);
  });

  it('may contain its length and checksums', () => {
    const head = [4, 0x22, 0x4d, 0x18, 0x5c, 0x40, 2, 0, 0, 0, 0, 0, 0, 0, 0x99];
    const bytes = Uint8Array.of(...head, 3, 0, 0, 0, 0x20, A, A, 9, 9, 9, 9, 0, 0, 0, 0, 8, 8, 8, 8);
    expect(decoded(decodeLz4Frame(bytes, 2, memory))).toBe('aa');
    expect(() => decodeLz4Frame(bytes, 3, memory)).toThrow('announced length');
  });

  it.each([
    { name: 'no bytes', bytes: new Uint8Array(0), size: 0 },
    { name: 'a different magic number', bytes: Uint8Array.of(...frame([0x10, A])).with(0, 5), size: 1 },
    { name: 'an unknown version', bytes: frame([0x10, A], { flags: 0x80 }), size: 1 },
    { name: 'a dictionary', bytes: frame([0x10, A], { flags: 0x41 }), size: 1 },
    { name: 'more bytes than announced', bytes: frame([0x20, A, A]), size: 1 },
    { name: 'fewer bytes than announced', bytes: frame([0x20, A, A]), size: 3 },
    { name: 'more stored bytes than announced', bytes: frame([A, A], { stored: true }), size: 1 },
    { name: 'a match that starts before the output', bytes: frame([0x10, A, 2, 0, 0x10, A]), size: 6 },
    { name: 'a match of distance 0', bytes: frame([0x10, A, 0, 0, 0x10, A]), size: 6 },
    { name: 'a truncated match', bytes: frame([0x10, A, 1]), size: 6 },
    { name: 'truncated literals', bytes: frame([0x70, A]), size: 7 },
    { name: 'an unterminated length', bytes: frame([0xf0, 255, 255]), size: 9 },
    { name: 'no end mark', bytes: frame([0x10, A]).subarray(0, 13), size: 1 },
    {
      name: 'an announced length that is too large for the bytes of the frame',
      bytes: frame([0x10, A]),
      size: 2 ** 28,
    },
  ])('is rejected with $name', ({ bytes, size }) => {
    expect(() => decodeLz4Frame(bytes, size, memory)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it('of another implementation is decoded, and a corrupted copy is rejected or decoded to the announced length', () => {
    const random = generator(7);
    for (const golden of ['arrow-go-lz4.arrows', 'pyarrow-lz4.arrows']) {
      const buffers = compressedBuffers(readFileSync(join(__dirname, '..', 'data-frames', 'golden', golden)));
      expect(buffers.length).toBeGreaterThan(3);
      for (const { content, size } of buffers) {
        expect(decodeLz4Frame(content, size, memory)).toHaveLength(size);
      }
      for (let round = 0; round < 2000; round++) {
        const { content, size } = buffers[round % buffers.length] ?? { content: new Uint8Array(0), size: 0 };
        const bytes = Uint8Array.from(content.subarray(0, content.length - random(2) * random(content.length)));
        for (let change = random(3); change > 0; change--) {
          // Half of the changes are in the first 40 bytes, because most of the headers are there.
          bytes[random(random(2) === 0 ? Math.min(40, bytes.length) : bytes.length)] = random(256);
        }
        expectSizeOrError(() => decodeLz4Frame(bytes, size, memory), size);
      }
    }
  });
});

function expectSizeOrError(decode: () => Uint8Array, size: number): void {
  let decoded: Uint8Array;
  try {
    decoded = decode();
  } catch (reason) {
    expect(reason).toBeInstanceOf(ProxyError);
    expect(reason).toMatchObject({ code: 'result_malformed' });
    return;
  }
  expect(decoded).toHaveLength(size);
}
