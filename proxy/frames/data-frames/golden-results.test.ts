/**
 * Converts results that other implementations of Arrow wrote: nested types, dictionaries that change, compressed
 * bodies. golden/README.md describes the files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IpcMessage, readMessageHeader } from '../arrow-ipc';
import { build, buildOne, splitStream } from './testing/arrow-messages';

function golden(file: string): IpcMessage[] {
  return splitStream(readFileSync(join(__dirname, 'golden', file)));
}

async function columns(file: string): Promise<Record<string, unknown[]>> {
  const { fields } = await buildOne(golden(file));
  return Object.fromEntries(fields.map(({ name, values }) => [name, values]));
}

/** The values of a column in a file that contains `rows` in the first batch, and slices of them in the next batches. */
function withSlices(rows: unknown[], ...slices: Array<[start: number, end: number]>): unknown[] {
  return [...rows, ...slices.flatMap(([start, end]) => rows.slice(start, end))];
}

describe('nested types', () => {
  it.each([
    {
      column: 'list_of_struct',
      rows: [
        '[{"a":1,"tags":["x",null]},null]',
        '[]',
        null,
        '[{"a":null,"tags":null}]',
        '[{"a":-9007199254740993,"tags":[]},{"a":2,"tags":["y","z"]}]',
      ],
    },
    { column: 'list_of_list', rows: ['[[1,2],[],null]', null, '[]', '[[3]]', '[null,[4,null]]'] },
    {
      column: 'list_of_bool',
      rows: ['[true,false,null]', '[true]', null, '[]', '[false,false,false,true,true,true,false,true,false]'],
    },
    {
      column: 'struct_of_struct',
      rows: [
        '{"p":{"a":1,"tags":["q"]},"f":0.1}',
        '{"p":null,"f":-3.25}',
        null,
        '{"p":{"a":null,"tags":[null]},"f":null}',
        '{"p":{"a":5,"tags":null},"f":16777216}',
      ],
    },
    { column: 'struct_of_fixed', rows: ['{"v":[1,2]}', '{"v":null}', null, '{"v":[null,3]}', '{"v":[4,5]}'] },
    { column: 'map_of_list', rows: ['{"1":[1.5,null]}', null, '{}', '{"2":null,"3":[]}', '{"-4":[1e+300]}'] },
    { column: 'list_of_word', rows: ['["x","y"]', '[null]', null, '[]', '["y","y","x"]'] },
    { column: 'struct_of_word', rows: ['{"w":"x"}', '{"w":null}', null, '{"w":"y"}', '{"w":"x"}'] },
    {
      column: 'list_of_view',
      rows: [
        '["short",null]',
        '["a text that is longer than twelve bytes"]',
        null,
        '[]',
        '["another long text, in the same buffer","s"]',
      ],
    },
    {
      column: 'list_of_time',
      rows: ['["2026-01-02T03:04:05.123456Z"]', '[null]', null, '[]', '["1969-12-31T23:59:59.999999Z"]'],
    },
    {
      column: 'list_of_decimal',
      rows: ['[123456789012345678901234567890.12]', '[null]', null, '[]', '[-0.05,7.00]'],
    },
    { column: 'list_of_uint', rows: ['[18446744073709551615]', '[null]', null, '[]', '[0,9007199254740991]'] },
    { column: 'flag', rows: [true, false, null, true, false] },
    { column: 'text', rows: ['one', '', null, 'four', 'five'] },
  ])('$column', async ({ column, rows }) => {
    expect((await columns('nested.arrows'))[column]).toEqual(withSlices(rows, [1, 4], [3, 5], [4, 5]));
  });
});

describe.each(['pyarrow-types.arrows', 'pyarrow-types-zstd.arrows'])('less common types in %s', (file) => {
  it.each([
    { column: 'f16', rows: [1.5, null, -0.25] },
    { column: 'dec32', rows: [1.25, null, -0.05] },
    { column: 'dec256', rows: [1.125, null, -0.5] },
    { column: 'largestr', rows: ['a', null, 'é'.repeat(20)] },
    { column: 'strview', rows: ['a', null, 'a text that is longer than twelve bytes'] },
    { column: 'binview', rows: ['{"a":"b"}', null, '{}'] },
    { column: 'largebin', rows: ['AAEC', null, '/w=='] },
    { column: 'interval', rows: ['P1M2DT3.000000004S', null, 'PT-0.000000001S'] },
    { column: 'duration', rows: [5_000_000n, null, -1_000_000n] },
    { column: 'time', rows: [11_045_500_000_000n, null, 0n] },
    { column: 'ts', rows: [1_767_323_045_123_000_000n, null, -500_000_000n] },
    { column: 'large_list', rows: ['["a",null]', null, '[]'] },
    { column: 'list_view', rows: ['[1,2]', null, '[3]'] },
    { column: 'fixed', rows: ['[1,null]', null, '[3,4]'] },
    { column: 'map', rows: ['{"k":1,"l":null}', null, '{}'] },
    { column: 'struct', rows: ['{"x":1,"s":"q"}', null, '{"x":null,"s":null}'] },
    { column: 'runs', rows: ['"r"', '"r"', null] },
    { column: 'dense', rows: ['7', '"q"', null] },
    { column: 'sparse', rows: ['7', '"q"', null] },
    { column: 'dict_of_struct', rows: ['{"a":null}', null, '{"a":1}'] },
    { column: 'list_of_dict', rows: ['["x","x"]', null, '["y",null]'] },
    { column: 'nothing', rows: [null, null, null] },
  ])('$column', async ({ column, rows }) => {
    expect((await columns(file))[column]).toEqual(withSlices(rows, [1, 3], [2, 3]));
  });
});

describe('dictionaries', () => {
  it('grow by deltas, in columns and within lists', async () => {
    const kinds = golden('delta-dictionaries.arrows').map(({ header }) => readMessageHeader(header));
    expect(kinds.filter((message) => message.kind === 'dictionary' && message.isDelta)).toHaveLength(4);
    expect(await columns('delta-dictionaries.arrows')).toEqual({
      word: ['a', null, 'b', 'c', 'b', 'a', 'd', 'c'],
      number: [10n, 9_007_199_254_740_993n, null, 9_007_199_254_740_993n, 10n, -1n, -1n, -1n],
      words: ['["p","q"]', '[]', '["p"]', '["r"]', '["q",null]', '[]', '[]', '["r","p"]'],
    });
  });

  it('are replaced between batches', async () => {
    expect(await columns('replaced-dictionaries.arrows')).toEqual({
      word: ['a', null, 'b', 'y', 'x', 'a', null],
      number: [10n, 9_007_199_254_740_993n, null, 7n, null, 8n, 8n],
      words: ['["p","q"]', '[]', '["p"]', '["z"]', '["z"]', '["w","z"]', '[]'],
    });
  });
});

describe.each(['arrow-go-lz4.arrows', 'arrow-go-zstd.arrows', 'pyarrow-lz4.arrows', 'pyarrow-zstd.arrows'])(
  'a compressed body, %s',
  (file) => {
    it('is read completely', async () => {
      const rows = Array.from({ length: 5000 }, (_, row) => row);
      expect(await columns(file)).toEqual({
        n: rows.map((row) => BigInt(Math.floor(row / 100))),
        t: rows.map((row) => `request handled by worker ${row % 16}`),
        d: rows.map((row) => `value number ${row % 300} of a dictionary`),
      });
    });

    it('may be truncated by the row limit', async () => {
      const built = await build(golden(file), { maxRows: 3 });
      expect(built).toMatchObject({ rows: 3, truncated: true });
    });
  }
);

it.each([
  // Read with 32-bit offsets, these columns would become wrong lists.
  { column: 'numbers', rows: ['[1,2]', '[]', null, '[3]'] },
  { column: 'texts', rows: ['["a"]', '["b",null,"c"]', '[]', null] },
  { column: 'in_struct', rows: ['{"n":[1,2]}', '{"n":[]}', '{"n":null}', '{"n":[3]}'] },
  { column: 'in_list', rows: ['[[1,2],null]', '[[],null]', '[null,null]', '[[3],null]'] },
  { column: 'short', rows: ['[1,2]', '[]', null, '[3]'] },
])('reads columns of type LargeList that the schema announces as List: $column', async ({ column, rows }) => {
  expect((await columns('micromegas-large-lists.arrows'))[column]).toEqual(rows);
});

const FILES = readdirSync(join(__dirname, 'golden')).filter((name) => name.endsWith('.arrows'));

it.each(FILES)(
  'does not change the messages of %s, because several queries may share the messages of a result',
  async (file) => {
    for (const format of ['table', 'logs', 'time_series'] as const) {
      const messages = golden(file);
      // Some results have no time column.
      await build(messages, { format }).catch(() => undefined);
      expect(messages).toEqual(golden(file));
    }
  }
);
