import {
  Binary,
  Bool,
  Dictionary,
  FixedSizeBinary,
  Float64,
  Int32,
  Int64,
  Table,
  tableToIPC,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { splitStream } from '../arrow-ipc/testing/ipc-bytes';
import { received, timeColumn } from '../data-frames/testing/arrow-messages';
import { ProxyError } from '../errors/proxy-error';
import { accountOf, unlimitedAccount } from '../memory/testing/accounts';
import { readBatches } from './read-batches';
import { type RowBatch } from './row-batch';

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

/** What `read` returns for each batch, before the next one is pulled. */
async function collect<T>(read: (batch: RowBatch) => T, table = TABLE, memory = unlimitedAccount()): Promise<T[]> {
  const results: T[] = [];
  for await (const batch of readBatches(received(splitStream(tableToIPC(table, 'stream')), memory), memory)) {
    results.push(read(batch));
  }
  return results;
}

function rowsOf<T>(column: (batch: RowBatch) => (row: number) => T) {
  return (batch: RowBatch) => Array.from({ length: batch.length }, (_, row) => column(batch)(row));
}

it('reads texts of plain columns, dictionaries and bytes of a fixed size', async () => {
  const expected = ['draw', undefined, 'draw', 'update'];
  expect(await collect(rowsOf((batch) => batch.texts('name')))).toEqual([expected]);
  expect(await collect(rowsOf((batch) => batch.texts('text')))).toEqual([expected]);
  expect(await collect(rowsOf((batch) => batch.texts('id')))).toEqual([['ab00', 'ab01', 'ab02', 'ab03']]);
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

it('reads bytes, and JSON texts', async () => {
  expect(await collect(rowsOf((batch) => (row) => [...batch.bytes('bytes')(row)]))).toEqual([[[1], [], [], [2, 3]]]);
  expect(await collect(rowsOf((batch) => batch.jsonTexts('duration')))).toEqual([
    ['1', '9007199254740993', 'null', '-1'],
  ]);
});

it('yields nothing for a result without rows', async () => {
  expect(await collect((batch) => batch.length, TABLE.slice(0, 0))).toEqual([]);
});

it.each([
  { name: 'a missing column', read: (batch: RowBatch) => batch.texts('other') },
  { name: 'texts as numbers', read: (batch: RowBatch) => batch.numbers('text') },
  { name: 'texts as bytes', read: (batch: RowBatch) => batch.bytes('text') },
  { name: 'numbers as 64-bit integers', read: (batch: RowBatch) => batch.int64('share') },
])('rejects $name', async ({ read }) => {
  const failure = await collect<unknown>(read).catch((reason: unknown) => ProxyError.from(reason).code);
  expect(failure).toBe('result_malformed');
});

it('ends when the account is beyond its limit', async () => {
  const failure = await collect((batch) => batch.length, TABLE, accountOf(1000)).catch(
    (reason: unknown) => ProxyError.from(reason).code
  );
  expect(failure).toBe('result_too_large');
});
