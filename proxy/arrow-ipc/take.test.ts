import { unlimitedAccount, usedMemory } from '../memory/testing/accounts';
import { concatenate, gather } from './take';
import { nulls, type PlainColumn, textOffsets } from './plain-column';
import { texts } from './testing/text-column';
import { bytesOf, isPresent } from './vector';

const memory = unlimitedAccount();

function read(column: PlainColumn): Array<string | null> {
  const offsets = textOffsets(column);
  return Array.from({ length: column.length }, (_, row) =>
    isPresent(column.validity, row)
      ? Buffer.from(column.values.subarray(offsets[row], offsets[row + 1])).toString()
      : null
  );
}

const LONG = 'a text that is longer than what is copied byte by byte';

describe('gather', () => {
  it.each([
    { name: 'single texts', source: ['a', '', 'ccc'], indices: [2, 0, 1, 2], expected: ['ccc', 'a', '', 'ccc'] },
    { name: 'runs of short texts', source: ['ab', 'c'], indices: [0, 0, 0, 0, 0, 1, 1, 0], expected: null },
    { name: 'runs of long texts', source: [LONG, 'x'], indices: [0, 0, 0, 1, 0, 0], expected: null },
    { name: 'nulls of the source', source: ['a', null], indices: [1, 0, 1], expected: [null, 'a', null] },
  ])('picks $name', ({ source, indices, expected }) => {
    const picked = gather(texts(...source), Int32Array.from(indices), null, memory);
    expect(read(picked)).toEqual(expected ?? indices.map((index) => source[index]));
  });

  it('picks texts of every length up to the very end of both buffers', () => {
    const source = Array.from({ length: 60 }, (_, size) => 'abcdefghij'.repeat(6).slice(0, size));
    const forward = Int32Array.from({ length: 60 }, (_, row) => row);
    const mixed = Int32Array.from({ length: 500 }, (_, row) => (row * 37) % 60);
    for (const indices of [forward, forward.toReversed(), mixed, Int32Array.of(3), Int32Array.of(59)]) {
      const picked = gather(texts(...source), indices, null, memory);
      expect(read(picked)).toEqual(Array.from(indices, (index) => source[index]));
      expect(picked.values).toHaveLength(indices.reduce((sum, index) => sum + index, 0));
    }
  });

  it('writes over what memory that is used again holds', () => {
    const dirty = usedMemory();
    const picked = gather(texts('ab', 'cde', null), Int32Array.of(0, 2, 1), Uint8Array.of(0b111), dirty);
    expect(read(picked)).toEqual(['ab', null, 'cde']);
    expect([...textOffsets(picked)]).toEqual([0, 2, 2, 5]);
  });

  it('writes nothing of what lies under nulls of the source', () => {
    const source = { ...texts('a', 'hidden', 'c'), validity: Uint8Array.of(0b101), nullCount: 1 };
    const picked = gather(source, Int32Array.of(1, 0, 1, 2), null, memory);
    expect(read(picked)).toEqual([null, 'a', null, 'c']);
    expect(Buffer.from(picked.values).toString()).toBe('ac');
  });

  it('leaves rows null that have no index, whatever the index under them', () => {
    const picked = gather(texts('a', LONG), Int32Array.of(1, 99, -5, 1, 1), Uint8Array.of(0b11001), memory);
    expect(read(picked)).toEqual([LONG, null, null, LONG, LONG]);
    expect(picked.nullCount).toBe(2);
  });

  it('gives nulls only from an empty source', () => {
    const picked = gather(nulls('int64', 0, memory), Int32Array.of(0, 0), Uint8Array.of(0), memory);
    expect(picked).toMatchObject({ length: 2, nullCount: 2 });
    expect(picked.values).toHaveLength(16);
  });

  it.each([-1, 2])('refuses the index %s of two values', (index) => {
    expect(() => gather(texts('a', 'b'), Int32Array.of(index), null, memory)).toThrow('outside of its dictionary');
  });

  it('refuses more text than a column holds, before it makes it', () => {
    const source = texts('x'.repeat(1_000_000));
    expect(() => gather(source, new Int32Array(2000), null, memory)).toThrow('1 GiB');
  });

  it('keeps every bit of eight-byte values', () => {
    const values = BigInt64Array.of(-1n, 0x7ff8000000000001n);
    const source: PlainColumn = {
      kind: 'float64',
      length: 2,
      nullCount: 0,
      validity: null,
      offsets: null,
      values: bytesOf(values),
    };
    const picked = gather(source, Int32Array.of(1, 0), null, memory);
    expect(Buffer.from(picked.values).readBigInt64LE(0)).toBe(0x7ff8000000000001n);
  });
});

it('joins texts and nulls one after the other', () => {
  const joined = concatenate([texts('a', null), texts(), texts('b', 'c')], memory);
  expect(read(joined)).toEqual(['a', null, 'b', 'c']);
  expect(joined.nullCount).toBe(1);
});

it('refuses offsets that run backwards', () => {
  const column = { ...texts('a', 'b'), offsets: bytesOf(Int32Array.of(0, 2, 1)) };
  expect(() => textOffsets(column)).toThrow('do not ascend');
});
