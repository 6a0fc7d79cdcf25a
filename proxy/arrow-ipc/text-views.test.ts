import { texts } from './testing/text-column';
import { TextViews } from './text-views';
import { type PlainColumn } from './plain-column';
import { bytesOf, isPresent } from './vector';

/** The texts as the format says how to find them. */
function read({ values, validity, length, data = [] }: PlainColumn): Array<string | null> {
  const view = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
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
    const picked = new TextViews(texts(...source)).pick(Int32Array.from(indices), null);
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
    const used = new Uint8Array(indices.length * 16).fill(0xff);
    const picked = new TextViews(texts(...source), () => used).pick(Int32Array.from(indices), null);
    const expected = indices.map((index) => source[index] ?? '');
    expect(read(picked)).toEqual(expected);
    expect(picked.textBytes).toBe(expected.join('').length);
  });

  it('refuses a long run of an index that the dictionary does not have', () => {
    const views = new TextViews(texts('a', 'b'));
    expect(() => views.pick(new Int32Array(500).fill(2), null)).toThrow(/outside of its dictionary/);
  });

  it('leaves rows null that have no index, with nothing under them', () => {
    const views = new TextViews(texts('a', LONG));
    const picked = views.pick(Int32Array.of(1, 99, -5, 1, 0), Uint8Array.of(0b11001));
    expect(read(picked)).toEqual([LONG, null, null, LONG, 'a']);
    expect(picked.nullCount).toBe(2);
    expect([...picked.values.subarray(16, 48)]).toEqual(new Array(32).fill(0));
  });

  it('gives nulls only from an empty dictionary', () => {
    const picked = new TextViews(texts()).pick(Int32Array.of(0, 0), Uint8Array.of(0));
    expect(read(picked)).toEqual([null, null]);
    expect(picked.data).toEqual([]);
  });

  it.each([-1, 2])('refuses the index %s of two values', (index) => {
    expect(() => new TextViews(texts('a', 'b')).pick(Int32Array.of(index), null)).toThrow('outside of its dictionary');
  });

  it('refuses more text than a column holds, small as its views are', () => {
    const views = new TextViews(texts('x'.repeat(1_000_000)));
    expect(() => views.pick(new Int32Array(2000), null)).toThrow('1 GiB');
  });

  it('counts the texts of all rows', () => {
    expect(new TextViews(texts('abc', LONG)).pick(Int32Array.of(0, 1, 1), null).textBytes).toBe(3 + 2 * LONG.length);
  });
});

describe('the data of a batch', () => {
  const many = texts(...Array.from({ length: 1000 }, (_, index) => `${LONG}, number ${index}`));
  const views = new TextViews(many);
  const rows = (length: number, valueOf: (row: number) => number) =>
    Int32Array.from({ length }, (_, row) => valueOf(row));

  it('is none where all texts are short', () => {
    expect(new TextViews(texts('a', TWELVE)).pick(Int32Array.of(0, 1), null).data).toEqual([]);
  });

  it.each([
    { name: 'it is small beside the views', indices: rows(5000, (row) => row % 3) },
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

  it('leaves out what is under a null, and what a view holds itself', () => {
    const mixed = new TextViews(texts('short', LONG, ...Array.from({ length: 100 }, (_, n) => `${n} ${LONG}`)));
    const picked = mixed.pick(Int32Array.of(50, 1, 0, 1000), Uint8Array.of(0b0110));
    expect(read(picked)).toEqual([null, LONG, 'short', null]);
    expect(picked.data?.map((data) => Buffer.from(data).toString())).toEqual([LONG]);
  });

  it('counts what is kept for the next batch', () => {
    expect(new TextViews(many).keptBytes).toBe(16_000);
    expect(views.keptBytes).toBe(20_000);
  });
});

it('reads values at any address', () => {
  const source = texts('short', LONG);
  const moved = Buffer.concat([Buffer.of(0), source.values]).subarray(1);
  const offsets = Buffer.concat([Buffer.of(0), bytesOf(source.offsets ?? new Uint8Array())]).subarray(1);
  expect(read(new TextViews({ ...source, offsets, values: moved }).pick(Int32Array.of(1, 0), null))).toEqual([
    LONG,
    'short',
  ]);
});
