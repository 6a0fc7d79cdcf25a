/**
 * Shared values expand when they are converted: without a limit, 2 KB of nested list views take 17 s and 1.1 GB. Such a
 * result fails before the conversion starts.
 */
import { type ArrowType } from '../arrow-ipc';
import { batchMessageOf, dictionaryMessageOf, field, int32s, schemaMessageOf } from '../arrow-ipc/testing/write-ipc';
import { accountOf } from '../../observe/memory/testing/accounts';
import { build, buildOne } from './testing/arrow-messages';

const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };
const NO_BYTES = new Uint8Array(0);

/** Nested list views. Each level has two rows, and each of them contains both rows of the next level. */
function nestedListViews(levels: number) {
  let type = INT8;
  const buffers: Uint8Array[] = [NO_BYTES, Uint8Array.of(1, 2)];
  for (let level = 0; level < levels; level++) {
    type = { kind: 'listView', item: field('item', type) };
    buffers.unshift(NO_BYTES, int32s(0, 0), int32s(2, 2));
  }
  const nodes = Array.from({ length: levels + 1 }, () => [2, 0] as const);
  return [schemaMessageOf([field('views', type)]), batchMessageOf({ length: 2, nodes, buffers })];
}

it('converts nested list views', async () => {
  const frame = await buildOne(nestedListViews(2));
  expect(frame.fields[0]?.values).toEqual(['[[1,2],[1,2]]', '[[1,2],[1,2]]']);
});

it.each([26, 40, 60])('rejects %i levels of list views before they are written', async (levels) => {
  await expect(build(nestedListViews(levels))).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringContaining('32 MiB are allowed'),
  });
});

it('rejects a row whose values would take seconds to write, in a list or in a dictionary of lists', async () => {
  const items = 10_000_000;
  const list: ArrowType = { kind: 'list', item: field('item', INT8) };
  const values = {
    length: 1,
    nodes: [
      [1, 0],
      [items, 0],
    ] as const,
    buffers: [NO_BYTES, int32s(0, items), NO_BYTES, new Uint8Array(items)],
  };
  const expected = { code: 'result_too_large', message: expect.stringContaining('32 MiB are allowed') };
  await expect(build([schemaMessageOf([field('list', list)]), batchMessageOf(values)])).rejects.toMatchObject(expected);
  const type: ArrowType = { kind: 'dictionary', id: 0, index: { kind: 'int', bits: 8, signed: true }, value: list };
  const batch = batchMessageOf({ length: 1, nodes: [[1, 0]], buffers: [NO_BYTES, new Uint8Array(1)] });
  await expect(
    build([schemaMessageOf([field('list', type)]), dictionaryMessageOf(values), batch])
  ).rejects.toMatchObject(expected);
});

it('converts a list of a million values in one row, and many rows of long lists', async () => {
  const list = (rows: number, items: number) => [
    schemaMessageOf([field('list', { kind: 'list', item: field('item', INT8) })]),
    batchMessageOf({
      length: rows,
      nodes: [
        [rows, 0],
        [rows * items, 0],
      ],
      buffers: [
        NO_BYTES,
        int32s(...Array.from({ length: rows + 1 }, (_, row) => row * items)),
        NO_BYTES,
        new Uint8Array(rows * items),
      ],
    }),
  ];
  expect(String((await buildOne(list(1, 1_000_000))).fields[0]?.values[0])).toHaveLength(2_000_001);
  expect((await buildOne(list(200, 10_000))).fields[0]?.values).toHaveLength(200);
});

it('truncates a result if the shared bytes of its string views, counted once for each row, exceed the memory limit', async () => {
  const views = Buffer.concat(new Array<Uint8Array>(1100).fill(int32s(1_000_000, 0, 0, 0)));
  const parts = { length: 1100, nodes: [[1100, 0]] as const, variadicCounts: [1] };
  const batch = batchMessageOf({ ...parts, buffers: [NO_BYTES, views, new Uint8Array(1_000_000)] });
  const memory = accountOf(64_000_000);
  const { rows, truncated } = await build([schemaMessageOf([field('text', { kind: 'utf8View' })]), batch], { memory });
  expect(truncated).toBe(true);
  expect(rows).toBeGreaterThan(10);
  expect(rows).toBeLessThan(64);
});

it('rejects series if their written labels are too large, even if the labels share one string in memory', async () => {
  const rows = 200;
  const times = new Uint8Array(BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)).buffer);
  const long = new Uint8Array(300_000).fill(0x61);
  const hosts = Buffer.from(Array.from({ length: rows }, (_, row) => String(row).padStart(4)).join(''));
  const schema = schemaMessageOf([
    field('time', { kind: 'timestamp', unit: 'nanosecond', timezone: undefined }),
    field('text', {
      kind: 'dictionary',
      id: 0,
      index: { kind: 'int', bits: 8, signed: true },
      value: { kind: 'utf8' },
    }),
    field('host', { kind: 'utf8' }),
    field('value', INT8),
  ]);
  const dictionary = dictionaryMessageOf({
    length: 1,
    nodes: [[1, 0]],
    buffers: [NO_BYTES, int32s(0, long.length), long],
  });
  const batch = batchMessageOf({
    length: rows,
    nodes: new Array<readonly [number, number]>(4).fill([rows, 0]),
    buffers: [
      ...[NO_BYTES, times],
      ...[NO_BYTES, new Uint8Array(rows)],
      ...[NO_BYTES, int32s(...Array.from({ length: rows + 1 }, (_, row) => row * 4)), hosts],
      ...[NO_BYTES, new Uint8Array(rows)],
    ],
  });
  await expect(build([schema, dictionary, batch], { format: 'time_series' })).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringContaining('names and labels'),
  });
});
