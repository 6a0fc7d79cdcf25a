import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { BufferDecompressor, type Compression, createZstdDecoder, MAX_UNCOMPRESSED_BYTES } from './decompress-buffer';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProxyError } from '../../base/errors/proxy-error';
import { compressedBuffers, generator } from './testing/ipc-bytes';

const memory = unlimitedAccount();

function buffer(size: bigint, ...content: number[]): Uint8Array {
  const bytes = Buffer.alloc(8 + content.length);
  bytes.writeBigInt64LE(size, 0);
  bytes.set(content, 8);
  return bytes;
}

describe.each<Compression>(['lz4', 'zstd'])('a buffer of a message with %s compression', (compression) => {
  const decompress = (bytes: Uint8Array) => new BufferDecompressor(compression, memory).decompress(bytes);

  it('may be stored uncompressed', () => {
    const stored = buffer(-1n, 1, 2, 3);
    expect([...decompress(stored)]).toEqual([1, 2, 3]);
    expect(decompress(stored).buffer).toBe(stored.buffer);
  });

  it('may be empty, with and without a length prefix', () => {
    expect(decompress(new Uint8Array(0))).toHaveLength(0);
    expect(decompress(buffer(0n))).toHaveLength(0);
  });

  it.each([
    { name: 'has a truncated length', bytes: Uint8Array.of(1, 2, 3), code: 'result_malformed' },
    { name: 'has a negative length', bytes: buffer(-2n, 0), code: 'result_malformed' },
    { name: 'announces 1 GiB', bytes: buffer(1n << 30n, 0, 0), code: 'result_too_large' },
    { name: 'announces 2^63 - 1 bytes', bytes: buffer((1n << 63n) - 1n, 0, 0), code: 'result_too_large' },
    { name: 'does not contain compressed data', bytes: buffer(5n, 1, 2, 3, 4, 5), code: 'result_malformed' },
  ])('is rejected if it $name', ({ bytes, code }) => {
    expect(() => decompress(bytes)).toThrow(expect.objectContaining({ code }));
  });
});

it('limits the total size of all buffers of a message', () => {
  const decompressor = new BufferDecompressor('zstd', memory);
  decompressor.uncompressedBytes = MAX_UNCOMPRESSED_BYTES - 10;
  expect(() => decompressor.decompress(buffer(11n, 0))).toThrow(expect.objectContaining({ code: 'result_too_large' }));
});

const decode = createZstdDecoder();

const buffers = ['arrow-go-zstd.arrows', 'pyarrow-zstd.arrows'].flatMap((file) =>
  compressedBuffers(readFileSync(join(__dirname, '..', 'data-frames', 'golden', file)))
);

/** A frame of RLE blocks: each has four bytes, and expands to 128 KiB. */
function bomb(blocks: number, window: number): Uint8Array {
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
  const block = (last: boolean) => [(last ? 1 : 0) | 2 | ((131072 << 3) & 0xff), (131072 >> 5) & 0xff, 131072 >> 13, 7];
  return Uint8Array.from([
    ...head,
    ...Array.from({ length: blocks }, (_, index) => block(index === blocks - 1)).flat(),
  ]);
}

describe('Zstandard', () => {
  it('decodes frames of other implementations', () => {
    expect(buffers.length).toBeGreaterThan(6);
    for (const { content, size } of buffers) {
      expect(decode(content, size)).toHaveLength(size);
    }
  });

  it('rejects a frame that expands to more or fewer bytes than announced', () => {
    expect(decode(bomb(2, 0x58), 262144)).toHaveLength(262144);
    expect(() => decode(bomb(10_000, 0x58), 262144)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
    expect(() => decode(bomb(1, 0x58), 262144)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it('rejects a window that is too large', () => {
    // This frame announces a window of 2^31 bytes.
    expect(() => decode(bomb(1, 0xa8), 131072)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it.each([
    ['an empty buffer', new Uint8Array(0)],
    ['bytes of another format', new Uint8Array(100)],
    ['a header without blocks', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00)],
  ])('rejects %s', (_name, bytes) => {
    expect(() => decode(bytes, 10)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it('decodes or rejects corrupted frames, and always terminates', () => {
    const random = generator(11);
    for (let round = 0; round < 1500; round++) {
      const { content, size } = buffers[round % buffers.length] ?? { content: new Uint8Array(0), size: 0 };
      const bytes = Uint8Array.from(content.subarray(0, content.length - random(2) * random(content.length)));
      for (let change = random(3); change > 0; change--) {
        bytes[random(random(2) === 0 ? Math.min(30, bytes.length) : bytes.length)] = random(256);
      }
      try {
        expect(decode(bytes, size)).toHaveLength(size);
      } catch (reason) {
        expect(reason).toBeInstanceOf(ProxyError);
        expect(reason).toMatchObject({ code: 'result_malformed' });
      }
    }
  });
});

it('names the required version of Node.js if Zstandard is not available', () => {
  expect(() => createZstdDecoder({})(new Uint8Array(9), 1)).toThrow('requires Node.js 22.15 or newer');
});
