/**
 * Without a limit, the conversion of nested list views in a message of 2 KB takes 17 s and 1.1 GB. So the
 * size of the converted values is computed and limited before the conversion starts.
 */
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { growth } from '../../../tests/support/growth';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArrowType } from './arrow-type';
import { batchConversionBytes, checkConversion, conversionBytes } from './conversion-size';
import { createConverter } from './convert-column';
import { PLAIN_NUMBERS } from './json-values';
import { type PlainColumn } from './plain-column';
import { ResultReader } from './result-reader';
import { sliceRows } from './slice-rows';
import { shortJsonb } from '../data-frames/testing/short-jsonb';
import { splitStream } from './testing/ipc-bytes';
import { field, int32s } from './testing/write-ipc';
import { type Dictionary, type Vector } from './vector';

const memory = unlimitedAccount();

const GOLDEN = join(__dirname, '..', 'data-frames', 'golden');
const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };
const INT32: ArrowType = { kind: 'int', bits: 32, signed: true };
const INDEX = { kind: 'int', bits: 32, signed: true } as const;

function vector(type: ArrowType, length: number, buffers: Uint8Array[], children: Vector[] = []): Vector {
  return { type, length, nullCount: 0, validity: null, buffers, children, dictionary: null };
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Nested list views. Each level has two rows, and each of them contains both rows of the next level. */
function listViews(levels: number): Vector {
  return levels === 0
    ? vector(INT8, 2, [bytes(2)])
    : vector({ kind: 'listView', item: field('item', INT8) }, 2, [int32s(0, 0), int32s(2, 2)], [listViews(levels - 1)]);
}

function utf8(...strings: string[]): Vector {
  let end = 0;
  const offsets = [0, ...strings.map((value) => (end += Buffer.byteLength(value)))];
  return vector({ kind: 'utf8' }, strings.length, [int32s(...offsets), Buffer.from(strings.join(''))]);
}

function dictionary(value: ArrowType, chunks: Vector[], indices: Int32Array): Vector {
  const values: Dictionary = { chunks };
  const buffer = new Uint8Array(indices.buffer);
  return {
    ...vector({ kind: 'dictionary', id: 1, index: INDEX, value }, indices.length, [buffer]),
    dictionary: values,
  };
}

function sizeOf(column: PlainColumn): number {
  const data = (column.data ?? []).reduce((sum, { length }) => sum + length, 0);
  return column.values.length + (column.offsets?.length ?? 0) + (column.validity?.length ?? 0) + data;
}

describe.each(readdirSync(GOLDEN).filter((name) => /\.arrows$/.test(name) && !/zstd/.test(name)))('%s', (file) => {
  it.each([false, true])('converts to at most the computed size, with string views: %s', (stringViews) => {
    const reader = new ResultReader(memory);
    const context = { report: () => undefined, numbers: { ...PLAIN_NUMBERS, quoteBig: true }, stringViews, memory };
    let columns = 0;
    for (const message of splitStream(readFileSync(join(GOLDEN, file)))) {
      for (const column of reader.read(message)?.columns ?? []) {
        const converter = createConverter(column.type, context);
        const computed = conversionBytes(column, stringViews);
        expect(computed).toBeGreaterThanOrEqual(converter.passesThrough ? 0 : sizeOf(converter.convert(column)));
        expect(computed === 0).toBe(converter.passesThrough);
        columns++;
      }
    }
    expect(columns).toBeGreaterThan(0);
  });
});

describe('shared values', () => {
  it('are counted once per reference, on each level of list views', () => {
    // Two rows of 2^20 numbers each.
    expect(conversionBytes(listViews(20))).toBeGreaterThan(2 * 2 ** 20);
    expect(conversionBytes(listViews(20))).toBeLessThan(2 * 2 ** 20 * 32);
    expect(conversionBytes(listViews(60))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('are rejected if the offsets of a list descend', () => {
    const list = vector(
      { kind: 'list', item: field('item', INT8) },
      3,
      [int32s(0, 100, 0, 100)],
      [vector(INT8, 100, [bytes(100)])]
    );
    expect(() => conversionBytes(list)).toThrow('do not ascend');
  });

  it.each([
    ['a view', vector({ kind: 'utf8View' }, 1000, [repeated(int32s(1_000_000, 0, 0, 0), 1000), bytes(1_000_000)])],
    ['a dictionary', dictionary({ kind: 'utf8' }, [utf8('x'.repeat(1_000_000))], new Int32Array(1000))],
    [
      'the second piece of a dictionary',
      dictionary({ kind: 'utf8' }, [utf8('a'), utf8('x'.repeat(1_000_000))], new Int32Array(1000).fill(1)),
    ],
    [
      'a dense union',
      vector(
        { kind: 'union', dense: true, typeIds: [5], fields: [field('a', { kind: 'utf8' })] },
        1000,
        [bytes(1000).fill(5), bytes(4000)],
        [utf8('x'.repeat(1_000_000))]
      ),
    ],
    [
      'a run',
      vector(
        { kind: 'runEndEncoded', runEnds: field('ends', INT32), values: field('values', { kind: 'utf8' }) },
        1000,
        [],
        [vector(INT32, 1, [int32s(1000)]), utf8('x'.repeat(1_000_000))]
      ),
    ],
  ])('are counted for each row: 1000 rows that share a string of 1 MB in %s', (_, column) => {
    expect(conversionBytes(column)).toBeGreaterThan(1e9);
    expect(conversionBytes(column)).toBeLessThan(1.1e9);
  });

  it('of runs are counted only for the rows of a slice', () => {
    const runs = vector(
      { kind: 'runEndEncoded', runEnds: field('ends', INT32), values: field('values', { kind: 'utf8' }) },
      1000,
      [],
      [vector(INT32, 2, [int32s(500, 1000)]), utf8('a', 'x'.repeat(1_000_000))]
    );
    expect(conversionBytes(sliceRows(runs, 504, 8))).toBeGreaterThan(8e6);
    expect(conversionBytes(sliceRows(runs, 0, 8))).toBeLessThan(1000);
  });

  it('of a dictionary are counted once if the rows become views', () => {
    const column = dictionary({ kind: 'utf8' }, [utf8('x'.repeat(1_000_000))], new Int32Array(1000));
    expect(conversionBytes(column, true)).toBeLessThan(1.1e6);
  });

  it('of a dictionary are not counted again for rows that use another value', () => {
    const rows = new Int32Array(10_000).fill(1);
    const column = dictionary({ kind: 'utf8' }, [utf8('x'.repeat(1_000_000), 'short')], rows);
    expect(conversionBytes(column)).toBeLessThan(1.2e6);
  });

  it('are summed over the columns of a batch', () => {
    const data = bytes(8 * 1024 * 1024);
    const column = vector({ kind: 'binary' }, 1, [int32s(0, data.length), data]);
    expect(batchConversionBytes(new Array<Vector>(1000).fill(column))).toBeGreaterThan(1000 * data.length);
    expect(batchConversionBytes([listViews(64), listViews(64)])).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('binary values', () => {
  const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), bytes(100_000)]);
  const binary = (...values: Uint8Array[]) => {
    let end = 0;
    const offsets = [0, ...values.map(({ length }) => (end += length))];
    return vector({ kind: 'binary' }, values.length, [int32s(...offsets), Buffer.concat(values)]);
  };
  const converted = (column: Vector) =>
    sizeOf(createConverter(column.type, { report: () => undefined, numbers: PLAIN_NUMBERS, memory }).convert(column));

  it.each([
    ['images', binary(PNG, PNG)],
    ['values of one byte', binary(...new Array<Uint8Array>(1000).fill(bytes(1)))],
    ['a dictionary of images', dictionary({ kind: 'binary' }, [binary(PNG)], new Int32Array(100))],
  ])('that are not JSONB are counted with their size in base64: %s', (_, column) => {
    expect(conversionBytes(column)).toBeGreaterThanOrEqual(converted(column));
    expect(conversionBytes(column)).toBeLessThan(converted(column) * 1.5);
  });

  it('are counted as JSON if one of them is JSONB, because an earlier batch may have made the column JSON', () => {
    const controls = '\u0001'.repeat(10_000);
    const column = binary(PNG, shortJsonb({ a: controls }));
    expect(conversionBytes(column)).toBeGreaterThanOrEqual(JSON.stringify({ a: controls }).length);
  });
});

it('does not underestimate the size of a dictionary of wide numbers in another dictionary', () => {
  const numbers = vector({ kind: 'int', bits: 64, signed: true }, 2, [bytes(16)]);
  const inner = dictionary(numbers.type, [numbers], Int32Array.of(1, 0));
  const outer = dictionary(inner.type, [inner], new Int32Array(1000));
  const converter = createConverter(outer.type, { report: () => undefined, numbers: PLAIN_NUMBERS, memory });
  expect(conversionBytes(outer)).toBeGreaterThanOrEqual(sizeOf(converter.convert(outer)));
});

it('computes MAX_SAFE_INTEGER for a list view with an empty row and a row that expands without limit', () => {
  const endless = listViews(64);
  const listOf = (item: Vector) =>
    vector({ kind: 'listView', item: field('item', INT8) }, 2, [int32s(0, 0), int32s(0, 2)], [item]);
  expect(conversionBytes(listOf(endless))).toBe(Number.MAX_SAFE_INTEGER);
});

it.each([
  ['control characters', '\u0001', 6],
  ['quotes', '"', 2],
  ['line ends', '\n', 2],
  ['letters', 'a', 1],
])('counts %s in JSON with their escaped length', (_, character, factor) => {
  const list = vector(
    { kind: 'list', item: field('item', { kind: 'utf8' }) },
    1,
    [int32s(0, 1)],
    [utf8(character.repeat(10_000))]
  );
  expect(conversionBytes(list)).toBeGreaterThanOrEqual(10_000 * factor);
  expect(conversionBytes(list)).toBeLessThan(10_000 * factor + 100);
});

it('reads the strings of lists only once, although a batch has many slices', async () => {
  const [sliceLength, characters] = [8, 16_384];
  const type: ArrowType = { kind: 'list', item: field('item', { kind: 'utf8' }) };
  const sizesOfSlices = ({ data, offsets }: { data: Uint8Array; offsets: Uint8Array }) => {
    const length = data.length / characters;
    const items = vector({ kind: 'utf8' }, length, [offsets, data.subarray(0)]);
    const starts = int32s(...Array.from({ length: length + 1 }, (_, row) => row));
    const list = vector(type, length, [starts], [items]);
    for (let from = 0; from < length; from += sliceLength) {
      conversionBytes(sliceRows(list, from, sliceLength));
    }
  };
  const stringsOf = (length: number) => ({
    data: bytes(length * characters).fill(0x61),
    offsets: int32s(...Array.from({ length: length + 1 }, (_, row) => row * characters)),
  });
  expect(await growth(sizesOfSlices, stringsOf, 32)).toBeLessThan(8);
});

describe('computes the sizes of values only once if all slices of a batch share them', () => {
  const lists = (items: Vector) =>
    vector({ kind: 'list', item: field('item', items.type) }, items.length, [ascending(items.length + 1)], [items]);
  const runs = (values: Vector) =>
    vector(
      { kind: 'runEndEncoded', runEnds: field('ends', INT32), values: field('values', values.type) },
      values.length,
      [],
      [vector(INT32, values.length, [ascending(values.length + 1).subarray(4)]), values]
    );
  const strings = (length: number) => vector({ kind: 'utf8' }, length, [ascending(length + 1), bytes(length)]);
  const maps = (entries: Vector) =>
    vector(
      { kind: 'map', item: field('entries', entries.type) },
      entries.length,
      [ascending(entries.length + 1)],
      [entries]
    );
  it.each<[string, (length: number) => Vector]>([
    ['lists of structs', (length) => lists(structOf(strings(length), strings(length)))],
    ['lists of runs', (length) => lists(runs(strings(length)))],
    ['runs', (length) => runs(strings(length))],
    ['maps', (length) => maps(structOf(strings(length), strings(length)))],
    [
      'a dense union',
      (length) =>
        vector(
          { kind: 'union', dense: true, typeIds: [0], fields: [field('a', { kind: 'utf8' })] },
          length,
          [bytes(length), ascending(length)],
          [strings(length)]
        ),
    ],
  ])('%s', async (_, columnOf) => {
    const sizesOfSlices = (column: Vector) => {
      // Each round has its own objects, for which no sizes are known yet.
      const fresh = copyOf(column);
      for (let from = 0; from < fresh.length; from += 8) {
        conversionBytes(sliceRows(fresh, from, 8));
      }
    };
    expect(await growth(sizesOfSlices, columnOf, 2048)).toBeLessThan(8);
  });
});

it('does not keep a size for each row if a list has millions of rows in a few runs', () => {
  const rows = 2 ** 21;
  const run = () =>
    vector(
      { kind: 'runEndEncoded', runEnds: field('ends', INT32), values: field('values', { kind: 'utf8' }) },
      rows,
      [],
      [vector(INT32, 2, [int32s(rows - 1, rows)]), utf8('a', 'abc')]
    );
  const item = structOf(run(), run());
  const list = vector({ kind: 'list', item: field('item', item.type) }, 1, [int32s(0, rows)], [item]);
  const before = process.memoryUsage().arrayBuffers;
  expect(conversionBytes(list)).toBeGreaterThan(2 * rows);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(rows);
});

it('counts the rows of each run, in slices and in lists', () => {
  const letters = ['a', 'bc', 'd'.repeat(30)];
  const ends = [3, 3, 11];
  const plain = ends.flatMap((end, run) => new Array<string>(end - (ends[run - 1] ?? 0)).fill(letters[run]));
  const runs = vector(
    { kind: 'runEndEncoded', runEnds: field('ends', INT32), values: field('values', { kind: 'utf8' }) },
    plain.length,
    [],
    [vector(INT32, ends.length, [int32s(...ends)]), utf8(...letters)]
  );
  const listOf = (from: number, to: number) =>
    vector({ kind: 'list', item: field('item', runs.type) }, 1, [int32s(from, to)], [runs]);
  const emptyList = conversionBytes(listOf(0, 0));
  for (let from = 0; from <= plain.length; from++) {
    for (let to = from; to <= plain.length; to++) {
      // 12 bytes: two quotes, and a comma with the word `null`, once for the run and once for its value.
      const bytes = plain.slice(from, to).reduce((sum, { length }) => sum + length + 12, 0);
      expect(conversionBytes(listOf(from, to))).toBe(emptyList + bytes);
      const slice = sliceRows(runs, from, to - from);
      expect(conversionBytes(slice)).toBe(bytes + 4 * (slice.length + 1) + Math.ceil(slice.length / 8));
    }
  }
});

function structOf(...children: Vector[]): Vector {
  const fields = children.map(({ type }, index) => field(`f${index}`, type));
  return vector({ kind: 'struct', fields }, children[0]?.length ?? 0, [], children);
}

/** The int32 numbers from 0 on. */
function ascending(length: number): Uint8Array {
  return new Uint8Array(Int32Array.from({ length }, (_, index) => index).buffer);
}

function copyOf(column: Vector): Vector {
  return { ...column, children: column.children.map(copyOf) };
}

it('rejects a conversion beyond the limit and names both sizes', () => {
  expect(() => checkConversion(1001, 1000)).toThrow(expect.objectContaining({ code: 'result_too_large' }));
  expect(() => checkConversion(3 * 2 ** 30, 2 ** 30)).toThrow('expand to up to 3.0 GiB; 1.0 GiB are allowed');
  expect(() => checkConversion(conversionBytes(listViews(64)), 2 ** 30)).toThrow('more than 1 TiB');
  expect(() => checkConversion(1000, 1000)).not.toThrow();
});

function repeated(part: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(new Array<Uint8Array>(times).fill(part));
}
