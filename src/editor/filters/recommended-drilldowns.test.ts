/** @jest-environment jsdom */
import { type LookupRequest } from '../../../contract/resources/lookups';
import { KEY_RANGE, keySource, LOOKUP_RANGE } from '../../testing/key-source';
import { type DrilldownRequest, recommendDrilldowns } from './recommended-drilldowns';

const ROWS = { query: 'SELECT * FROM spans' };
const MEASURES = { query: 'SELECT avg(value) FROM measures' };
const COUNT = { query: 'SELECT count(*) FROM log_entries' };

const recommend = (bench: ReturnType<typeof keySource>, request: DrilldownRequest) =>
  recommendDrilldowns(bench, request, KEY_RANGE);

it('recommends filters on the most frequent values of columns that the queries read', async () => {
  const bench = keySource();
  expect(await recommend(bench, { queries: [ROWS] })).toEqual({
    filters: [
      { key: 'exe', operator: '=', value: 'a' },
      { key: 'name', operator: '=', value: 'a' },
    ],
  });
  expect(bench.sent).toEqual([
    { kind: 'values', table: 'spans', column: 'exe', range: LOOKUP_RANGE },
    { kind: 'values', table: 'spans', column: 'name', range: LOOKUP_RANGE },
  ]);
});

it.each([
  ['measures', [MEASURES]],
  ['measures and spans', [ROWS, MEASURES]],
])('recommends the name as a group but not as a filter for queries of %s', async (_name, queries) => {
  const { filters, groupByKeys } = await recommend(keySource(), { queries });
  expect(filters).toEqual([{ key: 'exe', operator: '=', value: 'a' }]);
  expect(groupByKeys).toEqual(['exe', 'name']);
});

it('recommends groups if a query aggregates', async () => {
  const { groupByKeys } = await recommend(keySource(), { queries: [ROWS, COUNT], groupByKeys: ['name'] });
  expect(groupByKeys).toEqual(['exe']);
});

it('sends no further lookup when a filter changes, and recommends no key that already has a filter', async () => {
  const bench = keySource();
  await recommend(bench, { queries: [ROWS] });
  const { filters } = await recommend(bench, { queries: [ROWS], filters: [{ key: 'exe' }] });
  expect(filters).toEqual([{ key: 'name', operator: '=', value: 'a' }]);
  expect(bench.sent).toHaveLength(2);
});

it.each([
  ['without queries', {}],
  ['for SQL without a known table', { queries: [{ query: 'SELECT 1 FROM elsewhere' }] }],
  ['for queries without SQL', { queries: [{ queryType: 'traces', traces: { view: 'search' } } as const] }],
])('recommends nothing %s, and sends no lookup', async (_name, request) => {
  const bench = keySource();
  expect(await recommend(bench, request)).toEqual({});
  expect(bench.sent).toEqual([]);
});

it.each([
  ['has one value', async () => ({ isTruncated: false, items: [{ value: 'a' }] })],
  ['cannot be read', () => Promise.reject(new Error('busy'))],
])('leaves out a column that %s', async (_name, respond: (request: LookupRequest) => Promise<unknown>) => {
  expect(await recommend(keySource(respond), { queries: [ROWS] })).toEqual({ filters: [] });
});
