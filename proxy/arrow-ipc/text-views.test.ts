import { unlimitedAccount, usedMemory } from '../memory/testing/accounts';
import { texts } from './testing/text-column';
import { TextViews } from './text-views';
import { type PlainColumn } from './plain-column';
import { bytesOf, isPresent } from './vector';

const memory = unlimitedAccount();

/** Reads the texts as the format describes it. */
function read({ values, validity, length, data = [] }: PlainColumn): Array<string | null> {
  const view = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  expect(view).toHaveLength(length * 16);
  return Array.from({ length }, (_, row) => {
    if (!isPresent(validity, row)) {
      return null;
    }
    const at = row * 16;
    const size = view.readInt32LE(at);
    if (size <= 12) {
      expect([...view.subarray(at + 4 + size, at + 16)]).toEqual(new Array(12 - size).fill(0));
      return view.toString('utf8', at + 4, at + 4 + size);
    }
    const start = view.readInt32LE(at + 12);
    const text = Buffer.from(data[view.readInt32LE(at + 8)] ?? []).subarray(start, start + size);
    expect(text.subarray(0, 4)).toEqual(view.subarray(at + 4, at + 8));
    return text.toString();
  });
}

const TWELVE = 'twelve bytes';
const LONG = 'a text that is longer than twelve bytes';

describe('picking rows', () => {
  it.each([
    { name: 'texts within their views', source: ['a', '', TWELVE, 'é'], indices: [2, 0, 1, 3, 2, 2] },
    { name: 'texts of thirteen bytes', source: ['thirteen byte', 'x', 'fourteen bytes'], indices: [0, 1, 2, 0] },
    { name: 'long and short ones', source: ['x', LONG, `${LONG}!`], indices: [2, 2, 0, 1, 0] },
    { name: 'nulls of the dictionary', source: ['a', null, LONG], indices: [1, 2, 1, 0] },
    { name: 'no rows', source: ['a', LONG], indices: [] },
  ])('gives $name', ({ source, indices }) => {
    const picked = new TextViews(texts(...source), memory).pick(Int32Array.from(indices), null);
    const expected = indices.map((index) => source[index]);
    expect(read(picked)).toEqual(expected);
    expect(picked).toMatchObject({
      kind: 'utf8View',
      length: indices.length,
      nullCount: expected.filter((value) => value === null).length,
    });
  });

  it.each([
    { name: 'one value throughout', runs: [[1, 8192]] },
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
      name: 'long runs after short ones',
      runs: [
        [0, 2],
        [1, 500],
        [2, 1],
        [0, 100],
      ],
    },
    {
      name: 'runs just too short',
      runs: [
        [0, 63],
        [1, 63],
      ],
    },
  ])('gives $name', ({ runs }) => {
    const source = ['x', LONG, 'short'];
    const indices = runs.flatMap(([index = 0, length = 0]) => new Array<number>(length).fill(index));
    const used = usedMemory();
    const picked = new TextViews(texts(...source), used).pick(Int32Array.from(indices), null);
    const expected = indices.map((index) => source[index] ?? '');
    expect(read(picked)).toEqual(expected);
    expect(picked.textBytes).toBe(expected.join('').length);
  });

  it('refuses a long run of an index that the dictionary does not have', () => {
    const views = new TextViews(texts('a', 'b'), memory);
    expect(() => views.pick(new Int32Array(500).fill(2), null)).toThrow(/outside of its dictionary/);
  });

  it('leaves rows null that have no index, with nothing under them', () => {
    const views = new TextViews(texts('a', LONG), memory);
    const picked = views.pick(Int32Array.of(1, 99, -5, 1, 0), Uint8Array.of(0b11001));
    expect(read(picked)).toEqual([LONG, null, null, LONG, 'a']);
    expect(picked.nullCount).toBe(2);
    expect([...picked.values.subarray(16, 48)]).toEqual(new Array(32).fill(0));
  });

  it('writes thousands of views that repeat in a pattern', () => {
    const source = ['a', LONG, null, 'short'];
    const indices = Int32Array.from({ length: 5000 }, (_, row) => row % 4);
    const picked = new TextViews(texts(...source), memory).pick(indices, null);
    expect(picked.nullCount).toBe(1250);
    expect(read(picked)).toEqual(Array.from(indices, (index) => source[index]));
  });

  it('accepts any index under thousands of nulls and writes zeros there', () => {
    const indices = Int32Array.from({ length: 4000 }, (_, row) => [0, 1, -7, 99][row % 4]);
    const picked = new TextViews(texts(LONG, 'b'), memory).pick(indices, new Uint8Array(500).fill(0b00110011));
    expect(picked).toMatchObject({ nullCount: 2000, textBytes: 1000 * (LONG.length + 1) });
    expect(read(picked)).toEqual(Array.from(indices, (_, row) => [LONG, 'b', null, null][row % 4]));
    expect([...picked.values.subarray(32, 64)]).toEqual(new Array(32).fill(0));
  });

  it('rejects a wrong index after thousands of valid ones', () => {
    const indices = Int32Array.from({ length: 4000 }, (_, row) => (row === 3999 ? 2 : row % 2));
    const views = new TextViews(texts('a', 'b'), memory);
    expect(() => views.pick(indices, null)).toThrow(/outside of its dictionary/);
    expect(() => views.pick(indices, new Uint8Array(500).fill(0xff))).toThrow(/outside of its dictionary/);
  });

  it('writes thousands of views that point into a copy of their texts', () => {
    const indices = Int32Array.from({ length: 8000 }, (_, row) => 1000 + (row % 3));
    const many = texts(...Array.from({ length: 2000 }, (_, index) => `${index} ${LONG.repeat(20)}`));
    const picked = new TextViews(many, memory).pick(indices, null);
    expect(picked.data?.[0]?.length).toBeLessThan(5000);
    expect(read(picked).slice(0, 3)).toEqual([0, 1, 2].map((index) => `${1000 + index} ${LONG.repeat(20)}`));
  });

  it('gives nulls only from an empty dictionary', () => {
    const picked = new TextViews(texts(), memory).pick(Int32Array.of(0, 0), Uint8Array.of(0));
    expect(read(picked)).toEqual([null, null]);
    expect(picked.data).toEqual([]);
  });

  it.each([-1, 2])('refuses the index %s of two values', (index) => {
    expect(() => new TextViews(texts('a', 'b'), memory).pick(Int32Array.of(index), null)).toThrow(
      'outside of its dictionary'
    );
  });

  it('refuses more text than a column holds, small as its views are', () => {
    const views = new TextViews(texts('x'.repeat(1_000_000)), memory);
    expect(() => views.pick(new Int32Array(2000), null)).toThrow('1 GiB');
  });

  it('counts the texts of all rows', () => {
    expect(new TextViews(texts('abc', LONG), memory).pick(Int32Array.of(0, 1, 1), null).textBytes).toBe(
      3 + 2 * LONG.length
    );
  });
});

describe('the data of a batch', () => {
  const many = texts(...Array.from({ length: 1000 }, (_, index) => `${LONG}, number ${index}`));
  const views = new TextViews(many, memory);
  const rows = (length: number, valueOf: (row: number) => number) =>
    Int32Array.from({ length }, (_, row) => valueOf(row));

  it('is none where all texts are short', () => {
    expect(new TextViews(texts('a', TWELVE), memory).pick(Int32Array.of(0, 1), null).data).toEqual([]);
  });

  it.each([
    { name: 'it has less than a byte for each row', indices: rows(60_000, (row) => row % 3) },
    { name: 'the rows use most of it', indices: rows(600, (row) => row) },
  ])('is the dictionary itself where $name', ({ indices }) => {
    const picked = views.pick(indices, null);
    expect(picked.data?.[0]).toBe(many.values);
    expect(read(picked)[1]).toBe(`${LONG}, number 1`);
  });

  it('is else a copy of the texts in use, each once', () => {
    const indices = rows(100, (row) => 999 - (row % 7));
    for (const again of [indices, indices, rows(50, () => 3)]) {
      const picked = views.pick(again, null);
      const expected = Array.from(again, (index) => `${LONG}, number ${index}`);
      expect(read(picked)).toEqual(expected);
      expect(picked.data?.[0]).toHaveLength([...new Set(expected)].join('').length);
    }
  });

  it('lies in the dictionary again for the next batch', () => {
    const mixed = new TextViews(many, memory);
    mixed.pick(
      rows(100, (row) => 990 + (row % 7)),
      null
    );
    const picked = mixed.pick(
      rows(60_000, (row) => row % 1000),
      null
    );
    expect(picked.data?.[0]).toBe(many.values);
    expect(read(picked)[993]).toBe(`${LONG}, number 993`);
  });

  it('leaves out what is under a null, and what a view holds itself', () => {
    const mixed = new TextViews(texts('short', LONG, ...Array.from({ length: 100 }, (_, n) => `${n} ${LONG}`)), memory);
    const picked = mixed.pick(Int32Array.of(50, 1, 0, 1000), Uint8Array.of(0b0110));
    expect(read(picked)).toEqual([null, LONG, 'short', null]);
    expect(picked.data?.map((data) => Buffer.from(data).toString())).toEqual([LONG]);
  });
});

it('reads values at any address', () => {
  const source = texts('short', LONG);
  const moved = Buffer.concat([Buffer.of(0), source.values]).subarray(1);
  const offsets = Buffer.concat([Buffer.of(0), bytesOf(source.offsets ?? new Uint8Array())]).subarray(1);
  expect(read(new TextViews({ ...source, offsets, values: moved }, memory).pick(Int32Array.of(1, 0), null))).toEqual([
    LONG,
    'short',
  ]);
});
