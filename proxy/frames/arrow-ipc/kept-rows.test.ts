/** Keeps rows of each supported type, joins slices of them, and reads the written messages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { splitStream } from '../data-frames/testing/arrow-messages';
import { type ArrowField, type ArrowSchema } from './arrow-type';
import { cellJson } from './cell-json';
import { canKeep, joinRows, keepRows, type KeptRows } from './kept-rows';
import { type IpcMessage } from './message-header';
import { type RecordBatch, ResultReader } from './result-reader';
import { batchMessageOf, dictionaryMessageOf, field, int32s, schemaMessageOf } from './testing/write-ipc';
import { keptMessages } from './write-kept-rows';

const memory = unlimitedAccount();
const MEGABYTE = 1024 * 1024;

function read(messages: Iterable<IpcMessage>): { schema: ArrowSchema; batches: RecordBatch[] } {
  const reader = new ResultReader(memory);
  const batches = Array.from(messages).flatMap((message) => reader.read(message) ?? []);
  return { schema: reader.schema ?? { fields: [] }, batches };
}

function cellsOf(batches: readonly RecordBatch[]): string[][] {
  return batches.flatMap(({ length, columns }) =>
    Array.from({ length }, (_, row) => columns.map((column) => cellJson(column, row, memory)))
  );
}

function keep(batch: RecordBatch): KeptRows {
  const kept = keepRows(batch, MEGABYTE, memory);
  if (kept === undefined) {
    throw new Error('The rows are too large.');
  }
  return kept;
}

/** The columns of a file that can be kept. */
function goldenRows(file: string): { fields: ArrowField[]; batches: RecordBatch[] } {
  const path = join(__dirname, '..', 'data-frames', 'golden', file);
  const { schema, batches } = read(splitStream(readFileSync(path)));
  const kept = schema.fields.map((one) => canKeep({ fields: [one] }));
  return {
    fields: schema.fields.filter((_, index) => kept[index]),
    batches: batches.map(({ length, columns }) => ({ length, columns: columns.filter((_, index) => kept[index]) })),
  };
}

it.each([
  ['every-type.arrows', 38],
  ['every-type-zstd.arrows', 38],
])('joins and writes the columns of %s', (file, least) => {
  const { fields, batches } = goldenRows(file);
  expect(fields.length).toBeGreaterThanOrEqual(least);
  const kept = batches.map(keep);
  const [first] = kept;
  const slices = [...kept.map((rows) => ({ rows, from: 0, to: rows.length })), { rows: first, from: 0, to: 1 }];
  const joined = joinRows([{ rows: first, from: 1, to: first.length }, ...slices], memory);
  const written = read([schemaMessageOf(fields), ...keptMessages({ fields }, joined, memory, memory)]);
  const cells = cellsOf(batches);
  const own = cells.slice(0, first.length);
  expect(cellsOf(written.batches)).toEqual([...own.slice(1), ...cells, own[0]]);
});

it('writes long results in several batches', () => {
  const values = Int32Array.from({ length: 20_000 }, (_, row) => row);
  const bytes = new Uint8Array(values.buffer);
  const [batch] = read([
    schemaMessageOf([field('n', { kind: 'int', bits: 32, signed: true })]),
    batchMessageOf({ length: 20_000, nodes: [[20_000, 0]], buffers: [new Uint8Array(0), bytes] }),
  ]).batches;
  const fields = [field('n', { kind: 'int', bits: 32, signed: true })];
  const { batches } = read([schemaMessageOf(fields), ...keptMessages({ fields }, keep(batch), memory, memory)]);
  expect(batches.map(({ length }) => length)).toEqual([8192, 8192, 3616]);
  expect(cellsOf(batches).map(([cell]) => Number(cell))).toEqual(Array.from(values));
});

it('joins rows whose dictionaries differ', () => {
  const index = { kind: 'int', bits: 32, signed: true } as const;
  const fields = [field('d', { kind: 'dictionary', id: 7, index, value: { kind: 'utf8' } })];
  const dictionaryBatch = (value: string) =>
    dictionaryMessageOf(
      {
        length: 3,
        nodes: [[3, 1]],
        buffers: [Uint8Array.of(0b011), int32s(0, 1, 2, 2), new TextEncoder().encode(value)],
      },
      { id: 7 }
    );
  const rows = (validity: number, ...values: number[]) =>
    batchMessageOf({ length: 3, nodes: [[3, 1]], buffers: [Uint8Array.of(validity), int32s(...values)] });
  const messages = [
    schemaMessageOf(fields),
    dictionaryBatch('ab'),
    rows(0b111, 0, 1, 2),
    dictionaryBatch('cb'),
    rows(0b101, 0, 9, 1),
  ];
  const [first, second] = read(messages).batches.map(keep);
  const joined = joinRows(
    [
      { rows: second, from: 0, to: 3 },
      { rows: first, from: 0, to: 3 },
    ],
    memory
  );
  const { batches } = read([schemaMessageOf(fields), ...keptMessages({ fields }, joined, memory, memory)]);
  expect(cellsOf(batches).flat()).toEqual(['"c"', 'null', '"b"', '"a"', '"b"', 'null']);
  expect(batches[0].columns[0].dictionary?.chunks[0].length).toBe(3);
});

it.each(['largeUtf8', 'largeBinary'] as const)('writes a dictionary of %s with 64-bit offsets', (kind) => {
  const index = { kind: 'int', bits: 32, signed: true } as const;
  const fields = [field('d', { kind: 'dictionary', id: 0, index, value: { kind } })];
  const offsets = new Uint8Array(BigInt64Array.of(0n, 2n, 3n).buffer);
  const { batches } = read([
    schemaMessageOf(fields),
    dictionaryMessageOf({ length: 2, nodes: [[2, 0]], buffers: [new Uint8Array(0), offsets, Buffer.from('abc')] }),
    batchMessageOf({ length: 3, nodes: [[3, 0]], buffers: [new Uint8Array(0), int32s(1, 0, 1)] }),
  ]);
  const written = read([schemaMessageOf(fields), ...keptMessages({ fields }, keep(batches[0]), memory, memory)]);
  expect(cellsOf(written.batches)).toEqual(cellsOf(batches));
});

it('keeps no rows if the copies of a long dictionary string would exceed the limit', () => {
  const index = { kind: 'int', bits: 32, signed: true } as const;
  const long = new Uint8Array(MEGABYTE / 4);
  const [batch] = read([
    schemaMessageOf([field('d', { kind: 'dictionary', id: 0, index, value: { kind: 'utf8' } })]),
    dictionaryMessageOf({ length: 1, nodes: [[1, 0]], buffers: [new Uint8Array(0), int32s(0, long.length), long] }),
    batchMessageOf({ length: 8, nodes: [[8, 0]], buffers: [new Uint8Array(0), int32s(0, 0, 0, 0, 0, 0, 0, 0)] }),
  ]).batches;
  expect(keepRows(batch, MEGABYTE, memory)).toBeUndefined();
  expect(keepRows(batch, 3 * MEGABYTE, memory)?.bytes).toBe(8 + 9 * 4 + 2 * MEGABYTE);
});

it.each([
  ['a list', { kind: 'list', item: field('item', { kind: 'utf8' }) }],
  ['a struct', { kind: 'struct', fields: [] }],
  ['null', { kind: 'null' }],
] as const)('does not keep %s', (_name, type) => {
  expect(canKeep({ fields: [{ name: 'x', nullable: true, type: type as ArrowField['type'] }] })).toBe(false);
});
