import {
  Binary,
  Bool,
  Dictionary,
  FixedSizeBinary,
  Float64,
  Int32,
  Int64,
  makeData,
  Table,
  tableToIPC,
  Uint32,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { splitStream } from '../../frames/arrow-ipc/testing/ipc-bytes';
import { received, timeColumn } from '../../frames/data-frames/testing/arrow-messages';
import { ProxyError } from '../../base/errors/proxy-error';
import { accountOf, unlimitedAccount } from '../../observe/memory/testing/accounts';
import { readBatches } from './read-batches';
import { JsonColumn, type RowBatch } from './row-batch';

const NAMES = ['draw', null, 'draw', 'update'];
const TABLE = new Table({
  name: vectorFromArray(NAMES, new Dictionary(new Utf8(), new Int32())),
  text: vectorFromArray(NAMES, new Utf8()),
  id: vectorFromArray(
    NAMES.map((_, index) => Uint8Array.of(0xab, index)),
    new FixedSizeBinary(2)
  ),
  line: vectorFromArray([1, 2, null, 0xffffffff], new Uint32()),
  share: vectorFromArray([0.5, null, -1, Infinity], new Float64()),
  duration: vectorFromArray([1n, 2n ** 53n + 1n, null, -1n], new Int64()),
  begin: timeColumn([1n, 2n, 3n, 4n]),
  isOpen: vectorFromArray([true, false, null, true], new Bool()),
  bytes: vectorFromArray([Uint8Array.of(1), null, Uint8Array.of(), Uint8Array.of(2, 3)], new Binary()),
});

/** Calls `read` for each batch before the next batch is pulled. Returns the results. */
async function collect<T>(
  read: (batch: RowBatch) => T,
  table: Table = TABLE,
  memory = unlimitedAccount()
): Promise<T[]> {
  const results: T[] = [];
  for await (const batch of readBatches(received(splitStream(tableToIPC(table, 'stream')), memory), memory)) {
    results.push(read(batch));
  }
  return results;
}

function rowsOf<T>(column: (batch: RowBatch) => (row: number) => T) {
  return (batch: RowBatch) => Array.from({ length: batch.length }, (_, row) => column(batch)(row));
}

it('reads strings that start with a byte order mark', async () => {
  const table = new Table({ text: vectorFromArray(['\uFEFFa'], new Utf8()) });
  expect(
    await collect(
      rowsOf((batch) => batch.strings('text')),
      table
    )
  ).toEqual([['\uFEFFa']]);
});

it('reads strings of plain columns, dictionaries and bytes of a fixed size', async () => {
  const expected = ['draw', undefined, 'draw', 'update'];
  expect(await collect(rowsOf((batch) => batch.strings('name')))).toEqual([expected]);
  expect(await collect(rowsOf((batch) => batch.strings('text')))).toEqual([expected]);
  expect(await collect(rowsOf((batch) => batch.strings('id')))).toEqual([['ab00', 'ab01', 'ab02', 'ab03']]);
});

it.each([
  { column: 'line', expected: [1, 2, NaN, 0xffffffff] },
  { column: 'share', expected: [0.5, NaN, -1, Infinity] },
  { column: 'duration', expected: [1, 2 ** 53, NaN, -1] },
  { column: 'begin', expected: [1, 2, 3, 4] },
  { column: 'isOpen', expected: [1, 0, NaN, 1] },
])('reads numbers of $column', async ({ column, expected }) => {
  expect(await collect((batch) => [...batch.numbers(column)])).toEqual([expected]);
});

it('reads 64-bit integers exactly', async () => {
  expect(await collect((batch) => [batch.int64('duration')[1], batch.int64('begin')[3]])).toEqual([
    [2n ** 53n + 1n, 4n],
  ]);
});

it('reads null as zero, and ignores the value in the buffer', async () => {
  const data = makeData({
    type: new Int64(),
    data: BigInt64Array.of(1n, 7n),
    nullCount: 1,
    nullBitmap: Uint8Array.of(0b01),
  });
  const table = new Table({ duration: new Vector([data]) });
  expect(await collect((batch) => [...batch.int64('duration')], table)).toEqual([[1n, 0n]]);
});

it('reads bytes and JSON strings', async () => {
  expect(await collect(rowsOf((batch) => (row) => [...batch.bytes('bytes')(row)]))).toEqual([[[1], [], [], [2, 3]]]);
  expect(await collect(rowsOf((batch) => batch.json(new JsonColumn('duration', (json) => json))))).toEqual([
    ['1', '9007199254740993', 'null', '-1'],
  ]);
});

it('reads each JSON value of a dictionary once', async () => {
  const tags = ['[1]', null, '[1]', '[2]'];
  const table = new Table({ tags: vectorFromArray(tags, new Dictionary(new Utf8(), new Int32())) });
  const read = jest.fn((json: string) => (json === 'null' ? undefined : json));
  const column = new JsonColumn('tags', read);
  expect(
    await collect(
      rowsOf((batch) => batch.json(column)),
      table
    )
  ).toEqual([['"[1]"', undefined, '"[1]"', '"[2]"']]);
  expect(read.mock.calls).toEqual([['"[1]"'], ['null'], ['"[2]"']]);
});

it('reads the ids of streams, and rejects other strings', async () => {
  const id = '6D3F0C5A-0000-4000-8000-00000000abcd';
  const ids = (values: Array<string | null>) => new Table({ id: vectorFromArray(values, new Utf8()) });
  expect(
    await collect(
      rowsOf((batch) => batch.ids('id')),
      ids([id, id])
    )
  ).toEqual([[id, id]]);
  for (const other of ['', null, `${id}0`, 'x'.repeat(100_000)]) {
    const failure = await collect(
      rowsOf((batch) => batch.ids('id')),
      ids([id, other])
    ).catch((reason: unknown) => ProxyError.from(reason).code);
    expect(failure).toBe('result_malformed');
  }
});

it.each([
  ['strings', new Utf8()],
  ['strings of a dictionary', new Dictionary(new Utf8(), new Int32())],
])('rejects an id of a megabyte by its first bytes, in a column of %s', async (_, type) => {
  const decode = jest.spyOn(TextDecoder.prototype, 'decode');
  const table = new Table({ id: vectorFromArray(['0'.repeat(1_000_000)], type) });
  const messages = splitStream(tableToIPC(table, 'stream'));
  decode.mockClear();
  const read = async () => {
    const memory = unlimitedAccount();
    for await (const batch of readBatches(received(messages, memory), memory)) {
      batch.ids('id')(0);
    }
  };
  await expect(read()).rejects.toMatchObject({ code: 'result_malformed' });
  const lengths = decode.mock.calls.map(([bytes]) => bytes?.byteLength ?? 0);
  decode.mockRestore();
  expect(lengths).toContain(37);
  expect(Math.max(...lengths)).toBeLessThan(1000);
});

it('reads a batch of long strings in steps of few rows', async () => {
  const table = new Table({ name: vectorFromArray(Array<string>(1000).fill('x'.repeat(17_000)), new Utf8()) });
  const lengths = await collect((batch) => batch.length, table);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(1000);
  expect(Math.max(...lengths) * 17_000).toBeLessThanOrEqual(1024 * 1024);
});

describe('a batch of many rows', () => {
  const numbers = new Table({ n: vectorFromArray(new Int32Array(20_003).map((_, row) => row)) });

  it('is read in steps of 8,192 rows', async () => {
    const read = await collect((batch) => [batch.length, batch.numbers('n')[0]], numbers);
    expect(read).toEqual([
      [8192, 0],
      [8192, 8192],
      [3619, 16_384],
    ]);
  });

  it.each([
    { maxRows: 1, expected: [1] },
    { maxRows: 8192, expected: [8192] },
    { maxRows: 8200, expected: [8192, 8] },
  ])('ends after $maxRows rows', async ({ maxRows, expected }) => {
    const memory = unlimitedAccount();
    const lengths: number[] = [];
    const messages = received(splitStream(tableToIPC(numbers, 'stream')), memory);
    for await (const batch of readBatches(messages, memory, maxRows)) {
      lengths.push(batch.numbers('n').length);
    }
    expect(lengths).toEqual(expected);
  });
});

it('counts the memory of a dictionary value once, even if many rows have this value', async () => {
  const value = 'x'.repeat(100_000);
  const table = new Table({ name: vectorFromArray(Array(1000).fill(value), new Dictionary(new Utf8(), new Int32())) });
  const memory = unlimitedAccount();
  const held = await collect(
    (batch) => {
      const before = memory.heldBytes;
      const read = batch.strings('name');
      Array.from({ length: batch.length }, (_, row) => read(row));
      return memory.heldBytes - before;
    },
    table,
    memory
  );
  expect(held[0]).toBeGreaterThanOrEqual(value.length * 2);
  expect(held[0]).toBeLessThan(value.length * 10);
});

it('yields nothing for a result without rows', async () => {
  expect(await collect((batch) => batch.length, TABLE.slice(0, 0))).toEqual([]);
});

it.each([
  { name: 'a missing column of strings', read: (batch: RowBatch) => batch.strings('other') },
  { name: 'a missing column of ids', read: (batch: RowBatch) => batch.ids('other') },
  { name: 'a missing column of numbers', read: (batch: RowBatch) => batch.numbers('other') },
  { name: 'a missing column of 64-bit integers', read: (batch: RowBatch) => batch.int64('other') },
  { name: 'a missing column of bytes', read: (batch: RowBatch) => batch.bytes('other') },
  { name: 'a missing JSON column', read: (batch: RowBatch) => batch.json(new JsonColumn('other', (json) => json)) },
  { name: 'strings as numbers', read: (batch: RowBatch) => batch.numbers('text') },
  { name: 'strings as bytes', read: (batch: RowBatch) => batch.bytes('text') },
  { name: 'numbers as 64-bit integers', read: (batch: RowBatch) => batch.int64('share') },
])('rejects $name', async ({ read }) => {
  const failure = await collect<unknown>(read).catch((reason: unknown) => ProxyError.from(reason).code);
  expect(failure).toBe('result_malformed');
});

it('fails when the account exceeds its limit', async () => {
  const failure = await collect((batch) => batch.length, TABLE, accountOf(1000)).catch(
    (reason: unknown) => ProxyError.from(reason).code
  );
  expect(failure).toBe('result_too_large');
});
