import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { type ArrowType } from './arrow-type';
import { cellJson } from './cell-json';
import { field, int32s } from './testing/write-ipc';
import { type Vector } from './vector';

const memory = unlimitedAccount();
const INT8: ArrowType = { kind: 'int', bits: 8, signed: true };

function vector(type: ArrowType, length: number, buffers: Uint8Array[], children: Vector[] = []): Vector {
  return { type, length, nullCount: 0, validity: null, buffers, children, dictionary: null };
}

function strings(...values: string[]): Vector {
  return byteValues(
    { kind: 'utf8' },
    values.map((value) => Buffer.from(value))
  );
}

function byteValues(type: ArrowType, values: Uint8Array[]): Vector {
  let end = 0;
  const offsets = [0, ...values.map(({ length }) => (end += length))];
  return vector(type, values.length, [int32s(...offsets), Buffer.concat(values)]);
}

function listOf(items: Vector): Vector {
  return vector({ kind: 'list', item: field('item', items.type) }, 1, [int32s(0, items.length)], [items]);
}

function mapOf(keys: Vector, values: Vector): Vector {
  const type: ArrowType = { kind: 'struct', fields: [field('keys', keys.type), field('values', values.type)] };
  const entries = vector(type, keys.length, [], [keys, values]);
  return vector({ kind: 'map', item: field('entries', type) }, 1, [int32s(0, keys.length)], [entries]);
}

const json = (column: Vector, row = 0) => cellJson(column, row, memory);

it.each([
  ['quotes, control characters and letters beyond ASCII', 'a"\n\u0001é😀'],
  ['a byte order mark', '\uFEFFa'],
  ['a byte order mark and quotes', '\uFEFFa"'],
])('writes strings with %s, alone and in lists', (_, value) => {
  expect(JSON.parse(json(strings(value)))).toBe(value);
  expect(JSON.parse(json(listOf(strings(value, 'b'))))).toEqual([value, 'b']);
});

it('replaces bytes that are not UTF-8 by U+FFFD', () => {
  expect(json(byteValues({ kind: 'utf8' }, [Uint8Array.of(0x61, 0xff)]))).toBe('"a\uFFFD"');
});

it('writes binary values as JSON if they are JSONB, else as base64', () => {
  const jsonbTrue = Uint8Array.of(0x20, 0, 0, 0, 0x40, 0, 0, 0);
  const values = byteValues({ kind: 'binary' }, [jsonbTrue, Uint8Array.of(1, 2, 3), new Uint8Array(0)]);
  expect(json(listOf(values))).toBe('[true,"AQID",""]');
  expect(json(values)).toBe('true');
  expect(json(values, 1)).toBe('"AQID"');
});

it('writes keys of maps as strings', () => {
  const numbers = vector(INT8, 2, [Uint8Array.of(1, 2)]);
  expect(json(mapOf(strings('a"b', ''), numbers))).toBe('{"a\\"b":1,"":2}');
  expect(json(mapOf(numbers, numbers))).toBe('{"1":1,"2":2}');
  expect(json(mapOf(listOf(strings('x')), numbers))).toBe('{"[\\"x\\"]":1}');
});

describe('run-end encoded values', () => {
  const runs = (ends: Vector, rows: number): Vector => {
    const values = strings('a', 'b', 'c');
    const type: ArrowType = {
      kind: 'runEndEncoded',
      runEnds: field('ends', ends.type),
      values: field('v', values.type),
    };
    return vector(type, rows, [], [ends, values]);
  };
  const ENDS = [1, 3, 300];

  it.each<[16 | 32 | 64, Uint8Array]>([
    [16, new Uint8Array(Int16Array.from(ENDS).buffer)],
    [32, new Uint8Array(Int32Array.from(ENDS).buffer)],
    [64, new Uint8Array(BigInt64Array.from(ENDS, BigInt).buffer)],
  ])('are found by run ends of %i bits', (bits, bytes) => {
    const column = runs(vector({ kind: 'int', bits, signed: true }, 3, [bytes]), 300);
    expect([0, 1, 2, 3, 299].map((row) => json(column, row))).toEqual(['"a"', '"b"', '"b"', '"c"', '"c"']);
    expect(json({ ...column, firstRow: 2 }, 1)).toBe('"c"');
    expect(() => json(column, 300)).toThrow('end before its rows');
  });

  it('are rejected if the run ends descend', () => {
    const ends = vector({ kind: 'int', bits: 32, signed: true }, 3, [int32s(1, 300, 3)]);
    expect(() => json(runs(ends, 300))).toThrow('do not ascend');
  });
});
