import { type ArrowType, type Vector } from '../arrow-ipc';
import { field } from '../arrow-ipc/testing/write-ipc';
import { slicesOf } from './batch-slices';

const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };

function vector(type: ArrowType, length: number, buffers: Uint8Array[], children: Vector[] = []): Vector {
  return { type, length, nullCount: 0, validity: null, buffers, children, dictionary: null };
}

const rowsOfSlices = (column: Vector) => {
  const rows = { length: column.length, columns: [column] };
  return [...slicesOf({ rows, bytes: 0, exceeded: undefined }, false)].map((slice) => slice.rows.length);
};

it('needs few steps for columns whose buffers stay unchanged', () => {
  expect(rowsOfSlices(vector(INT8, 500_000, [new Uint8Array(500_000)]))).toEqual([500_000]);
});

it.each<[string, Vector]>([
  ['decimals', vector({ kind: 'decimal', bits: 32, precision: 9, scale: 2 }, 400_000, [new Uint8Array(1_600_000)])],
  [
    'structs',
    vector({ kind: 'struct', fields: [field('n', INT8)] }, 400_000, [], [vector(INT8, 400_000, [new Uint8Array(4e5)])]),
  ],
])('converts at most 32,768 %s in a step, because each of them is formatted', (_, column) => {
  expect(Math.max(...rowsOfSlices(column))).toBeLessThanOrEqual(32_768);
});

it('converts about 1 MiB of nested values in a step', () => {
  const [rows, items] = [1000, 1000];
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * items);
  const column = vector(
    { kind: 'list', item: field('item', INT8) },
    rows,
    [new Uint8Array(offsets.buffer)],
    [vector(INT8, rows * items, [new Uint8Array(rows * items)])]
  );
  // An item counts with 11 bytes: up to four digits, two quotes, and a comma with the word `null`.
  expect(Math.max(...rowsOfSlices(column)) * items * 11).toBeLessThanOrEqual(2 ** 20);
});
