import { uniqueNames } from './result-columns';

it.each([
  { names: ['a', 'b'], unique: ['a', 'b'] },
  { names: ['a', 'a', 'a'], unique: ['a', 'a_2', 'a_3'] },
  { names: ['a_2', 'a', 'a', 'a'], unique: ['a_2', 'a', 'a_3', 'a_4'] },
  { names: ['a', 'a', 'a_2'], unique: ['a', 'a_2', 'a_2_2'] },
])('makes $names unique', ({ names, unique }) => {
  expect(uniqueNames(names)).toEqual(unique);
});

it('avoids reserved names', () => {
  expect(uniqueNames(['id', 'id'], ['id', 'id_2'])).toEqual(['id_3', 'id_4']);
});

it('makes the maximum number of equal names unique', () => {
  const names = uniqueNames(new Array<string>(16_384).fill('a'));
  expect(names.at(-1)).toBe('a_16384');
  expect(new Set(names).size).toBe(names.length);
});
