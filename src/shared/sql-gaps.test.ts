/** @jest-environment jsdom */
import { createDataFrame, type DataQueryResponse } from '@grafana/data';
import { fixedTemplates } from '../testing/fixed-templates';
import { withSqlGaps } from './sql-gaps';
import { type MicromegasQuery } from './types';

const templates = fixedTemplates({
  rows: { value: '', label: 'Number of rows' },
  exe: { value: [], multi: true },
  level: { value: 3 },
});

/** The messages of the response and of query A, after query A failed. */
function messages(target: Partial<MicromegasQuery>, code = 'query_invalid', scopedVars = {}): unknown[] {
  const failure = { refId: 'A', message: 'The query has an error.' };
  const frame = createDataFrame({ refId: 'A', fields: [], meta: { custom: { code } } });
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const response: DataQueryResponse = { data: [frame], error: failure, errors: [failure, { refId: 'B' }] };
  const explained = withSqlGaps(response, { targets: [{ refId: 'A', ...target }], scopedVars }, templates);
  expect(explained.errors?.[1]).toEqual({ refId: 'B' });
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return [explained.error?.message, explained.errors?.[0].message];
}

it('names the variables without a value, with their labels', () => {
  const message =
    'The query has an error. Variables without a value: $rows (Number of rows), $exe. ' +
    'They leave gaps in the SQL. If the query needs a value, choose one on the dashboard. ' +
    'If the list is empty, check the query of the variable.';
  expect(messages({ query: 'SELECT f($exe) WHERE level = $level LIMIT ${rows:csv}' })).toEqual([message, message]);
});

it('gives no advice about variables if the query failed while it ran, for example by a division by zero', () => {
  const message =
    'The query has an error. Variables without a value: $rows (Number of rows). They leave gaps in the SQL.';
  expect(messages({ query: 'SELECT 1/0 LIMIT $rows' }, 'query_failed')).toEqual([message, message]);
});

it.each<[string, ...Parameters<typeof messages>]>([
  ['variables with values', { query: 'SELECT $level' }],
  ['a list without values, which became a condition', { query: 'SELECT 1 WHERE x IN ($exe)' }],
  ['an error that is not about the SQL', { query: 'SELECT f($exe)' }, 'server_unavailable'],
  ['variables that the dashboard does not have', { query: 'SELECT f($__x)' }, 'query_invalid', { __x: { value: '' } }],
  ['a query type without SQL', { query: 'SELECT f($exe)', queryType: 'traces', traces: { view: 'search' } }],
])('does not change the message in the case of %s', (_name, ...failure) => {
  expect(messages(...failure)).toEqual(['The query has an error.', 'The query has an error.']);
});
