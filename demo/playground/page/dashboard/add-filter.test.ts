import { withFilter } from './add-filter';

const KNOWN = [{ key: 'exe', operator: '=', value: 'ember-server' }];

it('adds a filter', () => {
  const filter = { key: 'computer', operator: '!=', value: 'atlas-07' };
  expect(withFilter(KNOWN, filter)).toEqual([...KNOWN, filter]);
});

it('changes only the operator if a filter has the same column and value', () => {
  const filter = { key: 'exe', operator: '!=', value: 'ember-server' };
  expect(withFilter(KNOWN, filter)).toEqual([filter]);
});
