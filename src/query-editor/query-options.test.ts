import { readQuery } from '../../contract/query';
import { fillModeOf, fillPatch, optionsSummary } from './query-options';

it.each([
  { name: 'nothing', query: {}, summary: '' },
  { name: 'big integers', query: { bigIntegersAsText: true }, summary: 'Big integers as text' },
  { name: 'what has an effect in its format only', query: { fillMode: 'zero' as const }, summary: '' },
  {
    name: 'both options of time series',
    query: { format: 'time_series' as const, fillMode: 'previous' as const, labelColumns: ['level', 'on'] },
    summary: 'Fill gaps: Previous · Labels: level, on',
  },
])('names $name', ({ query, summary }) => {
  expect(optionsSummary(query)).toBe(summary);
});

it('saves no filling as no value', () => {
  expect(fillPatch('off')).toEqual({ fillMode: undefined });
  expect(fillModeOf({})).toBe('off');
  expect(fillModeOf(fillPatch('null'))).toBe('null');
});

it.each([
  ['an old save', { queryText: 'SELECT 1' }],
  ['a bare text', 'SELECT 1'],
  ['values of the wrong type', { fillMode: 'spline', labelColumns: { level: true }, bigIntegersAsText: 'yes' }],
])('has no options in %s', (_, saved) => {
  expect(readQuery(saved)).toMatchObject({ fillMode: undefined, labelColumns: [], bigIntegersAsText: false });
});

it('keeps names of label columns as they are', () => {
  expect(readQuery({ labelColumns: [' a', '', 'b, c'] }).labelColumns).toEqual([' a', 'b, c']);
});
