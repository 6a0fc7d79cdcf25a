import { unlimitedAccount } from '../memory/testing/accounts';
import { BufferUnpacker, type Compression, MAX_UNPACKED_BYTES } from './decompress-buffer';

const memory = unlimitedAccount();

function buffer(size: bigint, ...content: number[]): Uint8Array {
  const bytes = Buffer.alloc(8 + content.length);
  bytes.writeBigInt64LE(size, 0);
  bytes.set(content, 8);
  return bytes;
}

describe.each<Compression>(['lz4', 'zstd'])('a buffer compressed with %s', (compression) => {
  const unpack = (bytes: Uint8Array) => new BufferUnpacker(compression, memory).unpack(bytes);

  it('may be stored as it is', () => {
    const stored = buffer(-1n, 1, 2, 3);
    expect([...unpack(stored)]).toEqual([1, 2, 3]);
    expect(unpack(stored).buffer).toBe(stored.buffer);
  });

  it('may be empty, with and without its size', () => {
    expect(unpack(new Uint8Array(0))).toHaveLength(0);
    expect(unpack(buffer(0n))).toHaveLength(0);
  });

  it.each([
    { name: 'has no whole size', bytes: Uint8Array.of(1, 2, 3), code: 'result_malformed' },
    { name: 'has a negative size', bytes: buffer(-2n, 0), code: 'result_malformed' },
    { name: 'promises a GiB', bytes: buffer(1n << 30n, 0, 0), code: 'result_too_large' },
    { name: 'promises everything', bytes: buffer((1n << 63n) - 1n, 0, 0), code: 'result_too_large' },
    { name: 'holds something else', bytes: buffer(5n, 1, 2, 3, 4, 5), code: 'result_malformed' },
  ])('is refused when it $name', ({ bytes, code }) => {
    expect(() => unpack(bytes)).toThrow(expect.objectContaining({ code }));
  });
});

it('counts all buffers of a message against one limit', () => {
  const unpacker = new BufferUnpacker('zstd', memory);
  unpacker.unpackedBytes = MAX_UNPACKED_BYTES - 10;
  expect(() => unpacker.unpack(buffer(11n, 0))).toThrow(expect.objectContaining({ code: 'result_too_large' }));
});
