import { type QueryFilter } from '../../../contract/queries/query-filter';
import { shownFilter } from './shown-filter';

const MANY = Array.from({ length: 100_000 }, (_, index) => String(index % 10));

it.each<[QueryFilter, shown: string]>([
  [{ key: 'level', operator: '=', value: 'error' }, '"level = error"'],
  [{ key: 'msg', operator: '!~', value: 'a.*b' }, '"msg does not match a.*b"'],
  [{ key: 'exe', operator: '=', value: '' }, '"exe = (empty)"'],
  [{ key: 'exe', operator: '=|', value: 'a', values: ['a', 'b'] }, '"exe is one of a, b"'],
  [
    { key: 'n', operator: '!=|', value: '', values: MANY },
    `"n is none of ${MANY.slice(0, 20).join(', ')} and 99980 more"`,
  ],
  [{ key: 'k\u0007\n\u202ey', operator: '=', value: 'v\u001b[31m\nw' }, '"k y = v[31m w"'],
  [{ key: 'k'.repeat(1000), operator: '=', value: 'v'.repeat(1000) }, `"${'k'.repeat(99)}… = ${'v'.repeat(99)}…"`],
])('writes a filter like its label in the query editor, truncated and without unsafe characters', (filter, shown) => {
  expect(shownFilter(filter)).toBe(shown);
});
