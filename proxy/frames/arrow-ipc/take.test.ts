import { unlimitedAccount, usedMemory } from '../../observe/memory/testing/accounts';
import { concatenate } from './concatenate';
import { take } from './take';
import { nulls, type PlainColumn, stringOffsets } from './plain-column';
import { strings } from './testing/string-column';
import { bytesOf, isPresent } from './vector';

const memory = unlimitedAccount();

function read(column: PlainColumn): Array<string | null> {
  const offsets = stringOffsets(column);
  return Array.from({ length: column.length }, (_, row) =>
    isPresent(column.validity, row)
      ? Buffer.from(column.values.subarray(offsets[row], offsets[row + 1])).toString()
      : null
  );
}

const LONG = 'a text that is longer than what is copied byte by byte';

describe('take', () => {
  it.each([
    { name: 'single strings', source: ['a', '', 'ccc'], indices: [2, 0, 1, 2], expected: ['ccc', 'a', '', 'ccc'] },
    { name: 'runs of short strings', source: ['ab', 'c'], indices: [0, 0, 0, 0, 0, 1, 1, 0], expected: null },
    { name: 'runs of long strings', source: [LONG, 'x'], indices: [0, 0, 0, 1, 0, 0], expected: null },
    { name: 'nulls of the source', source: ['a', null], indices: [1, 0, 1], expected: [null, 'a', null] },
  ])('takes $name', ({ source, indices, expected }) => {
    const taken = take(strings(...source), Int32Array.from(indices), null, memory);
    expect(read(taken)).toEqual(expected ?? indices.map((index) => source[index]));
  });

  it('takes strings of 0 to 59 bytes, including the last bytes of the source', () => {
    const source = Array.from({ length: 60 }, (_, size) => 'abcdefghij'.repeat(6).slice(0, size));
    const forward = Int32Array.from({ length: 60 }, (_, row) => row);
    const mixed = Int32Array.from({ length: 500 }, (_, row) => (row * 37) % 60);
    for (const indices of [forward, forward.toReversed(), mixed, Int32Array.of(3), Int32Array.of(59)]) {
      const taken = take(strings(...source), indices, null, memory);
      expect(read(taken)).toEqual(Array.from(indices, (index) => source[index]));
      expect(taken.values).toHaveLength(indices.reduce((sum, index) => sum + index, 0));
    }
  });

  it('overwrites the content of reused memory', () => {
    const dirty = usedMemory();
    const taken = take(strings('ab', 'cde', null), Int32Array.of(0, 2, 1), Uint8Array.of(0b111), dirty);
    expect(read(taken)).toEqual(['ab', null, 'cde']);
    expect([...stringOffsets(taken)]).toEqual([0, 2, 2, 5]);
  });

  it('does not copy the bytes of null rows of the source', () => {
    const source = { ...strings('a', 'hidden', 'c'), validity: Uint8Array.of(0b101), nullCount: 1 };
    const taken = take(source, Int32Array.of(1, 0, 1, 2), null, memory);
    expect(read(taken)).toEqual([null, 'a', null, 'c']);
    expect(Buffer.from(taken.values).toString()).toBe('ac');
  });

  it('ignores the indices of null rows', () => {
    const taken = take(strings('a', LONG), Int32Array.of(1, 99, -5, 1, 1), Uint8Array.of(0b11001), memory);
    expect(read(taken)).toEqual([LONG, null, null, LONG, LONG]);
    expect(taken.nullCount).toBe(2);
  });

  it('takes null rows from an empty source', () => {
    const taken = take(nulls('int64', 0, memory), Int32Array.of(0, 0), Uint8Array.of(0), memory);
    expect(taken).toMatchObject({ length: 2, nullCount: 2 });
    expect(taken.values).toHaveLength(16);
  });

  it.each([-1, 2])('rejects the index %s for two values', (index) => {
    expect(() => take(strings('a', 'b'), Int32Array.of(index), null, memory)).toThrow('outside of its dictionary');
  });

  it('rejects more than 1 GiB of strings in a column', () => {
    const source = strings('x'.repeat(1_000_000));
    expect(() => take(source, new Int32Array(2000), null, memory)).toThrow('1 GiB');
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
    const taken = take(source, Int32Array.of(1, 0), null, memory);
    expect(Buffer.from(taken.values).readBigInt64LE(0)).toBe(0x7ff8000000000001n);
  });
});

it('concatenates strings and nulls in order', () => {
  const joined = concatenate('utf8', [strings('a', null), strings(), strings('b', 'c')], memory);
  expect(read(joined)).toEqual(['a', null, 'b', 'c']);
  expect(joined.nullCount).toBe(1);
});

it('rejects offsets that descend', () => {
  const column = { ...strings('a', 'b'), offsets: bytesOf(Int32Array.of(0, 2, 1)) };
  expect(() => stringOffsets(column)).toThrow('do not ascend');
});
