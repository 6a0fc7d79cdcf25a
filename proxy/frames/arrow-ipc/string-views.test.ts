import { unlimitedAccount, usedMemory } from '../../observe/memory/testing/accounts';
import { strings } from './testing/string-column';
import { StringViews } from './string-views';
import { type PlainColumn } from './plain-column';
import { bytesOf, isPresent } from './vector';

const memory = unlimitedAccount();

/** Reads the strings according to the specification of the format. */
function read({ values, validity, length, data = [] }: PlainColumn): Array<string | null> {
  const view = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  expect(view).toHaveLength(length * 16);
  const buffers = data.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  // Rows whose inline string is not padded with zeros, or whose prefix differs from the start of the string.
  const malformed: number[] = [];
  const rows = Array.from({ length }, (_, row) => {
    if (!isPresent(validity, row)) {
      return null;
    }
    const at = row * 16;
    const size = view.readInt32LE(at);
    if (size <= 12) {
      if (view.subarray(at + 4 + size, at + 16).some((byte) => byte !== 0)) {
        malformed.push(row);
      }
      return view.toString('utf8', at + 4, at + 4 + size);
    }
    const start = view.readInt32LE(at + 12);
    const bytes = buffers[view.readInt32LE(at + 8)]?.subarray(start, start + size) ?? Buffer.alloc(0);
    if (!bytes.subarray(0, 4).equals(view.subarray(at + 4, at + 8))) {
      malformed.push(row);
    }
    return bytes.toString();
  });
  expect(malformed).toEqual([]);
  return rows;
}

const TWELVE = 'twelve bytes';
const LONG = 'a text that is longer than twelve bytes';

describe('taking rows', () => {
  it.each([
    { name: 'inline strings', source: ['a', '', TWELVE, 'é'], indices: [2, 0, 1, 3, 2, 2] },
    {
      name: 'strings that are just too long to be inline',
      source: ['thirteen byte', 'x', 'fourteen bytes'],
      indices: [0, 1, 2, 0],
    },
    { name: 'long and short strings', source: ['x', LONG, `${LONG}!`], indices: [2, 2, 0, 1, 0] },
    { name: 'nulls of the dictionary', source: ['a', null, LONG], indices: [1, 2, 1, 0] },
    { name: 'no rows', source: ['a', LONG], indices: [] },
  ])('takes $name', ({ source, indices }) => {
    const taken = new StringViews(strings(...source), memory).take(Int32Array.from(indices), null);
    const expected = indices.map((index) => source[index]);
    expect(read(taken)).toEqual(expected);
    expect(taken).toMatchObject({
      kind: 'utf8View',
      length: indices.length,
      nullCount: expected.filter((value) => value === null).length,
    });
  });

  it.each([
    { name: 'one run of all rows', runs: [[1, 8192]] },
    {
      name: 'long runs',
      runs: [
        [2, 64],
        [0, 1000],
        [1, 65],
        [2, 3],
      ],
    },
    {
      name: 'long runs after short runs',
      runs: [
        [0, 2],
        [1, 500],
        [2, 1],
        [0, 100],
      ],
    },
    {
      name: 'runs that are one row too short to be copied as a whole',
      runs: [
        [0, 63],
        [1, 63],
      ],
    },
  ])('takes $name', ({ runs }) => {
    const source = ['x', LONG, 'short'];
    const indices = runs.flatMap(([index = 0, length = 0]) => new Array<number>(length).fill(index));
    const used = usedMemory();
    const taken = new StringViews(strings(...source), used).take(Int32Array.from(indices), null);
    const expected = indices.map((index) => source[index] ?? '');
    expect(read(taken)).toEqual(expected);
    expect(taken.stringBytes).toBe(expected.join('').length);
  });

  it('rejects a long run of an index outside of the dictionary', () => {
    const views = new StringViews(strings('a', 'b'), memory);
    expect(() => views.take(new Int32Array(500).fill(2), null)).toThrow(/outside of its dictionary/);
  });

  it('ignores the indices of null rows, and writes zeros there', () => {
    const views = new StringViews(strings('a', LONG), memory);
    const taken = views.take(Int32Array.of(1, 99, -5, 1, 0), Uint8Array.of(0b11001));
    expect(read(taken)).toEqual([LONG, null, null, LONG, 'a']);
    expect(taken.nullCount).toBe(2);
    expect([...taken.values.subarray(16, 48)]).toEqual(new Array(32).fill(0));
  });

  it('writes thousands of views that repeat in a pattern', () => {
    const source = ['a', LONG, null, 'short'];
    const indices = Int32Array.from({ length: 5000 }, (_, row) => row % 4);
    const taken = new StringViews(strings(...source), memory).take(indices, null);
    expect(taken.nullCount).toBe(1250);
    expect(read(taken)).toEqual(Array.from(indices, (index) => source[index]));
  });

  it('ignores the indices of thousands of null rows, and writes zeros there', () => {
    const indices = Int32Array.from({ length: 4000 }, (_, row) => [0, 1, -7, 99][row % 4]);
    const taken = new StringViews(strings(LONG, 'b'), memory).take(indices, new Uint8Array(500).fill(0b00110011));
    expect(taken).toMatchObject({ nullCount: 2000, stringBytes: 1000 * (LONG.length + 1) });
    expect(read(taken)).toEqual(Array.from(indices, (_, row) => [LONG, 'b', null, null][row % 4]));
    expect([...taken.values.subarray(32, 64)]).toEqual(new Array(32).fill(0));
  });

  it('rejects a wrong index after thousands of valid indices', () => {
    const indices = Int32Array.from({ length: 4000 }, (_, row) => (row === 3999 ? 2 : row % 2));
    const views = new StringViews(strings('a', 'b'), memory);
    expect(() => views.take(indices, null)).toThrow(/outside of its dictionary/);
    expect(() => views.take(indices, new Uint8Array(500).fill(0xff))).toThrow(/outside of its dictionary/);
  });

  it('writes thousands of views that point into a copy of their strings', () => {
    const indices = Int32Array.from({ length: 8000 }, (_, row) => 1000 + (row % 3));
    const many = strings(...Array.from({ length: 2000 }, (_, index) => `${index} ${LONG.repeat(20)}`));
    const taken = new StringViews(many, memory).take(indices, null);
    expect(taken.data?.[0]?.length).toBeLessThan(5000);
    expect(read(taken).slice(0, 3)).toEqual([0, 1, 2].map((index) => `${1000 + index} ${LONG.repeat(20)}`));
  });

  it('takes null rows from an empty dictionary', () => {
    const taken = new StringViews(strings(), memory).take(Int32Array.of(0, 0), Uint8Array.of(0));
    expect(read(taken)).toEqual([null, null]);
    expect(taken.data).toEqual([]);
  });

  it.each([-1, 2])('rejects the index %s for two values', (index) => {
    expect(() => new StringViews(strings('a', 'b'), memory).take(Int32Array.of(index), null)).toThrow(
      'outside of its dictionary'
    );
  });

  it('rejects more bytes of strings than a column may have, although the views are small', () => {
    const views = new StringViews(strings('x'.repeat(1_000_000)), memory);
    expect(() => views.take(new Int32Array(2000), null)).toThrow('1 GiB');
  });

  it('sums the lengths of the strings of all rows', () => {
    expect(new StringViews(strings('abc', LONG), memory).take(Int32Array.of(0, 1, 1), null).stringBytes).toBe(
      3 + 2 * LONG.length
    );
  });
});

describe('the data buffer of a batch', () => {
  const many = strings(...Array.from({ length: 1000 }, (_, index) => `${LONG}, number ${index}`));
  const views = new StringViews(many, memory);
  const rows = (length: number, valueOf: (row: number) => number) =>
    Int32Array.from({ length }, (_, row) => valueOf(row));

  it('is missing if all strings are short', () => {
    expect(new StringViews(strings('a', TWELVE), memory).take(Int32Array.of(0, 1), null).data).toEqual([]);
  });

  it.each([
    { name: 'the dictionary has fewer bytes than the batch has rows', indices: rows(60_000, (row) => row % 3) },
    { name: 'the rows use most of the dictionary', indices: rows(600, (row) => row) },
  ])('is the dictionary itself if $name', ({ indices }) => {
    const taken = views.take(indices, null);
    expect(taken.data?.[0]).toBe(many.values);
    expect(read(taken)[1]).toBe(`${LONG}, number 1`);
  });

  it('is a copy of the used strings if the rows use few strings of a large dictionary', () => {
    const indices = rows(100, (row) => 999 - (row % 7));
    for (const again of [indices, indices, rows(50, () => 3)]) {
      const taken = views.take(again, null);
      const expected = Array.from(again, (index) => `${LONG}, number ${index}`);
      expect(read(taken)).toEqual(expected);
      expect(taken.data?.[0]).toHaveLength([...new Set(expected)].join('').length);
    }
  });

  it('is the dictionary for a long batch, even after a batch that needed a copy', () => {
    const mixed = new StringViews(many, memory);
    mixed.take(
      rows(100, (row) => 990 + (row % 7)),
      null
    );
    const taken = mixed.take(
      rows(60_000, (row) => row % 1000),
      null
    );
    expect(taken.data?.[0]).toBe(many.values);
    expect(read(taken)[993]).toBe(`${LONG}, number 993`);
  });

  it('omits inline strings, and the strings of null rows', () => {
    const mixed = new StringViews(
      strings('short', LONG, ...Array.from({ length: 100 }, (_, n) => `${n} ${LONG}`)),
      memory
    );
    const taken = mixed.take(Int32Array.of(50, 1, 0, 1000), Uint8Array.of(0b0110));
    expect(read(taken)).toEqual([null, LONG, 'short', null]);
    expect(taken.data?.map((data) => Buffer.from(data).toString())).toEqual([LONG]);
  });
});

it('reads values and offsets that are not aligned in memory', () => {
  const source = strings('short', LONG);
  const moved = Buffer.concat([Buffer.of(0), source.values]).subarray(1);
  const offsets = Buffer.concat([Buffer.of(0), bytesOf(source.offsets ?? new Uint8Array())]).subarray(1);
  expect(read(new StringViews({ ...source, offsets, values: moved }, memory).take(Int32Array.of(1, 0), null))).toEqual([
    LONG,
    'short',
  ]);
});
