import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProxyError } from '../errors/proxy-error';
import { compressedBuffers, generator } from './testing/ipc-bytes';
import { createZstdDecoder } from './zstd';

const decode = createZstdDecoder();

const buffers = ['arrow-go-zstd.arrows', 'pyarrow-zstd.arrows'].flatMap((file) =>
  compressedBuffers(readFileSync(join(__dirname, '..', 'data-frames', 'golden', file)))
);

/** A frame that repeats one byte 128 Ki times for each block of four bytes. */
function bomb(blocks: number, window: number): Uint8Array {
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
  const block = (last: boolean) => [(last ? 1 : 0) | 2 | ((131072 << 3) & 0xff), (131072 >> 5) & 0xff, 131072 >> 13, 7];
  return Uint8Array.from([
    ...head,
    ...Array.from({ length: blocks }, (_, index) => block(index === blocks - 1)).flat(),
  ]);
}

describe('Zstandard', () => {
  it('reads what other writers wrote', () => {
    expect(buffers.length).toBeGreaterThan(6);
    for (const { content, size } of buffers) {
      expect(decode(content, size)).toHaveLength(size);
    }
  });

  it('stops at the promised size', () => {
    expect(decode(bomb(2, 0x58), 262144)).toHaveLength(262144);
    expect(() => decode(bomb(10_000, 0x58), 262144)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
    expect(() => decode(bomb(1, 0x58), 262144)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it('takes no memory for a window that is too large', () => {
    // 2^31 bytes and more.
    expect(() => decode(bomb(1, 0xa8), 131072)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['other bytes', new Uint8Array(100)],
    ['a header alone', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decode(bytes, 10)).toThrow(expect.objectContaining({ code: 'result_malformed' }));
  });

  it('refuses or reads changed bytes, and ends', () => {
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

it('says which version of Node.js is needed', () => {
  expect(() => createZstdDecoder({})(new Uint8Array(9), 1)).toThrow('from version 22.15 on');
});
