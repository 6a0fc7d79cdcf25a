import { withFilter } from './add-filter';

const KNOWN = [{ key: 'exe', operator: '=', value: 'ember-server' }];

it('adds a filter', () => {
  const filter = { key: 'computer', operator: '!=', value: 'atlas-07' };
  expect(withFilter(KNOWN, filter)).toEqual([...KNOWN, filter]);
});

it('replaces the operator of a filter with the same column and value', () => {
  const filter = { key: 'exe', operator: '!=', value: 'ember-server' };
  expect(withFilter(KNOWN, filter)).toEqual([filter]);
});
