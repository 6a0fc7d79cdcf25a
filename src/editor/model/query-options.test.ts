import { readQuery } from '../../../contract/queries/query';
import { newQuery } from './query-draft';
import { fillModeOf, fillPatch, optionsSummary } from './query-options';

it.each([
  { name: 'a new query', query: newQuery(), summary: 'Time filter: on · Row limit: that of the data source' },
  {
    name: 'big integers',
    query: { ...newQuery(), bigIntegersAsText: true },
    summary: 'Time filter: on · Row limit: that of the data source · Big integers as text',
  },
  {
    name: 'only options of the current format',
    query: { ...newQuery(), fillMode: 'zero' as const },
    summary: 'Time filter: on · Row limit: that of the data source',
  },
  {
    name: 'limits',
    query: { version: 2, timeFilter: false, autoLimit: true, rowLimit: 50 },
    summary: 'Time filter: off · Auto limit · Row limit: 50',
  },
  {
    name: 'a limit without effect',
    query: { ...newQuery(), rowLimit: -3 },
    summary: 'Time filter: on · Row limit: that of the data source',
  },
  {
    name: 'both options of time series',
    query: {
      ...newQuery(),
      format: 'time_series' as const,
      fillMode: 'previous' as const,
      labelColumns: ['level', 'on'],
    },
    summary: 'Time filter: on · Row limit: that of the data source · Fill gaps: Previous · Labels: level, on',
  },
  {
    name: 'a legend',
    query: { ...newQuery(), format: 'time_series' as const, legend: '{{exe}} on {{computer}}' },
    summary: 'Time filter: on · Row limit: that of the data source · Legend: {{exe}} on {{computer}}',
  },
])('summarises $name', ({ query, summary }) => {
  expect(optionsSummary(query, true)).toBe(summary);
});

it('omits the row limit if the options row does not show it', () => {
  expect(optionsSummary(newQuery(), false)).toBe('Time filter: on');
});

it('removes the saved value for the choice Off', () => {
  expect(fillPatch('off')).toEqual({ fillMode: undefined });
  expect(fillModeOf({})).toBe('off');
  expect(fillModeOf(fillPatch('null'))).toBe('null');
});

it.each([
  ['a query of version 1', { queryText: 'SELECT 1' }],
  ['SQL as a string', 'SELECT 1'],
  ['values of the wrong type', { fillMode: 'spline', labelColumns: { level: true }, bigIntegersAsText: 'yes' }],
])('reads no options from %s', (_, saved) => {
  expect(readQuery(saved)).toMatchObject({ fillMode: undefined, labelColumns: [], bigIntegersAsText: false });
});

it('keeps spaces and commas in names of label columns', () => {
  expect(readQuery({ labelColumns: [' a', '', 'b, c'] }).labelColumns).toEqual([' a', 'b, c']);
});
