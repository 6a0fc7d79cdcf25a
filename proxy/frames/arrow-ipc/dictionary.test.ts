import { type ArrowType } from './arrow-type';
import { findValue, valueCount } from './dictionary';
import { type Dictionary, type Vector } from './vector';

const TYPE: ArrowType = { kind: 'null' };

function dictionary(...lengths: number[]): Dictionary {
  const chunks = lengths.map((length): Vector => ({
    type: TYPE,
    length,
    nullCount: 0,
    validity: null,
    buffers: [],
    children: [],
    dictionary: null,
  }));
  return { chunks };
}

it.each([
  { lengths: [3], index: 0, piece: 0, row: 0 },
  { lengths: [3], index: 2, piece: 0, row: 2 },
  { lengths: [3, 2], index: 3, piece: 1, row: 0 },
  { lengths: [3, 2, 4], index: 4, piece: 1, row: 1 },
  { lengths: [3, 2, 4], index: 8, piece: 2, row: 3 },
  { lengths: [0, 3, 0, 0, 2, 0], index: 3, piece: 4, row: 0 },
])('finds value $index in pieces of $lengths values', ({ lengths, index, piece, row }) => {
  expect(findValue(dictionary(...lengths), index)).toMatchObject({ piece, row });
});

it.each([
  { lengths: [], index: 0 },
  { lengths: [0], index: 0 },
  { lengths: [3, 2], index: 5 },
  { lengths: [3], index: -1 },
  { lengths: [3], index: NaN },
])('returns undefined for value $index in pieces of $lengths values', ({ lengths, index }) => {
  expect(findValue(dictionary(...lengths), index)).toBeUndefined();
});

it('counts the values of all pieces', () => {
  expect(valueCount(dictionary(3, 0, 2))).toBe(5);
});
