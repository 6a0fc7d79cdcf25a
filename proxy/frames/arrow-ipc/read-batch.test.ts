import { hasWideOffsets } from './read-batch';
import { generator } from './testing/ipc-bytes';
import { bytesOf } from './vector';

function wide(...offsets: bigint[]): Uint8Array {
  return bytesOf(BigInt64Array.from(offsets));
}

/** Offsets of `width` bytes for lists of these sizes, padded with zeros to the length of 64-bit offsets. */
function padded(sizes: readonly number[], width: 4 | 8): Uint8Array {
  const bytes = Buffer.alloc((sizes.length + 1) * 8);
  let end = 0;
  sizes.forEach((size, row) => {
    end += size;
    bytes.writeUInt32LE(end, (row + 1) * width);
  });
  return bytes;
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

it.each([
  { name: 'one list', offsets: wide(0n, 2n), items: 2 },
  {
    name: 'an empty list at the end (as 32-bit offsets, the bytes begin with 0, 0, 2, which would be valid, too)',
    offsets: wide(0n, 2n, 2n),
    items: 2,
  },
  { name: 'empty lists at the start', offsets: wide(0n, 0n, 0n, 1n), items: 1 },
])('detects 64-bit offsets: $name', ({ offsets, items }) => {
  expect(hasWideOffsets(offsets, offsets.length / 8 - 1, items)).toBe(true);
});

it.each([
  { name: 'a column without rows', offsets: wide(0n), length: 0, items: 0 },
  { name: 'lists without items', offsets: wide(0n, 0n), length: 1, items: 0 },
  { name: 'offsets that do not begin at zero', offsets: wide(1n, 2n), length: 1, items: 2 },
  { name: 'offsets that end before the items', offsets: wide(0n, 1n), length: 1, items: 2 },
  { name: 'offsets that end after the items', offsets: wide(0n, 3n), length: 1, items: 2 },
  { name: 'offsets that descend', offsets: wide(0n, 3n, 2n), length: 2, items: 2 },
  { name: 'a buffer that is too short', offsets: wide(0n, 2n).subarray(0, 15), length: 1, items: 2 },
  { name: 'a buffer that is too long', offsets: wide(0n, 2n, 0n), length: 1, items: 2 },
])('assumes 32-bit offsets for $name', ({ offsets, length, items }) => {
  expect(hasWideOffsets(offsets, length, items)).toBe(false);
});

/** Sizes of a few lists. More than half of them are empty. */
function someSizes(random: (below: number) => number, atLeast: number): number[] {
  return Array.from({ length: atLeast + random(20) }, () => Math.max(0, random(6) - 3));
}

it('distinguishes both widths for random lists', () => {
  const random = generator(7);
  for (let round = 0; round < 5000; round++) {
    const sizes = someSizes(random, 1);
    const items = sum(sizes);
    expect(hasWideOffsets(padded(sizes, 4), sizes.length, items)).toBe(false);
    expect(hasWideOffsets(padded(sizes, 8), sizes.length, items)).toBe(items > 0);
  }
});

it('assumes 32-bit offsets if the buffer has further offsets, of rows that are not sent', () => {
  const random = generator(11);
  for (let round = 0; round < 5000; round++) {
    const sizes = someSizes(random, 2);
    const kept = 1 + random(sizes.length - 1);
    const offsets = padded(sizes, 4).subarray(0, (kept + 1) * 8);
    expect(hasWideOffsets(offsets, kept, sum(sizes.slice(0, kept)))).toBe(false);
  }
});
