import { readQuery } from '../../contract/query';
import { fillModeOf, fillPatch, optionsSummary } from './query-options';

it.each([
  { name: 'a query without options', query: {}, summary: '' },
  { name: 'big integers', query: { bigIntegersAsText: true }, summary: 'Big integers as text' },
  { name: 'only options of the current format', query: { fillMode: 'zero' as const }, summary: '' },
  {
    name: 'both options of time series',
    query: { format: 'time_series' as const, fillMode: 'previous' as const, labelColumns: ['level', 'on'] },
    summary: 'Fill gaps: Previous · Labels: level, on',
  },
  {
    name: 'a legend',
    query: { format: 'time_series' as const, legend: '{{exe}} on {{computer}}' },
    summary: 'Legend: {{exe}} on {{computer}}',
  },
])('summarises $name', ({ query, summary }) => {
  expect(optionsSummary(query)).toBe(summary);
});

it('saves the choice Off as no value', () => {
  expect(fillPatch('off')).toEqual({ fillMode: undefined });
  expect(fillModeOf({})).toBe('off');
  expect(fillModeOf(fillPatch('null'))).toBe('null');
});

it.each([
  ['a query of version 1', { queryText: 'SELECT 1' }],
  ['SQL as text', 'SELECT 1'],
  ['values of the wrong type', { fillMode: 'spline', labelColumns: { level: true }, bigIntegersAsText: 'yes' }],
])('reads no options from %s', (_, saved) => {
  expect(readQuery(saved)).toMatchObject({ fillMode: undefined, labelColumns: [], bigIntegersAsText: false });
});

it('keeps spaces and commas in names of label columns', () => {
  expect(readQuery({ labelColumns: [' a', '', 'b, c'] }).labelColumns).toEqual([' a', 'b, c']);
});
