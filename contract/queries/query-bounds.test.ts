import { render } from '../messages/message';
import { MAX_ROW_LIMIT, readQuery } from './query';
import { MAX_LABEL_COLUMNS, MAX_SQL_CHARACTERS, queryProblem } from './query-bounds';

it.each([
  { name: 'an empty model', saved: {} },
  { name: 'bare SQL', saved: 'SELECT 1' },
  { name: 'fields that are null', saved: { query: 'SELECT 1', queryText: null, labelColumns: null, timeFilter: null } },
  { name: 'a format of later versions', saved: { format: 'heatmap' } },
  { name: 'version 1 of the older plugin', saved: { queryText: 'SELECT 1', rawEditor: true, version: '1' } },
  {
    name: "the older plugin's builder",
    saved: { table: 't', columns: ['a', ''], wheres: ['a > 1'], orderBy: '', groupBy: 'a', limit: '10', version: 2 },
  },
  { name: 'a limit as a number', saved: { limit: 10 } },
  { name: 'a row limit as text', saved: { rowLimit: '10' } },
  { name: 'an emptied row limit', saved: { rowLimit: '' } },
  { name: 'SQL at the limit', saved: { query: 'x'.repeat(MAX_SQL_CHARACTERS) } },
  { name: 'label columns at the limit', saved: { labelColumns: new Array<string>(MAX_LABEL_COLUMNS).fill('a') } },
  { name: 'switches as text', saved: { timeFilter: 'true', autoLimit: 'False', hide: '0', bigIntegersAsText: 1 } },
  { name: 'emptied fields', saved: { timeFilter: '', fillMode: '', labelColumns: '', format: '', limit: '' } },
  { name: 'a label column as a string instead of a list', saved: { labelColumns: 'level' } },
  { name: 'label columns with null and a number', saved: { labelColumns: ['a', null, 1] } },
  { name: 'a row limit above the maximum', saved: { rowLimit: MAX_ROW_LIMIT + 1 } },
  { name: 'a builder with null entries', saved: { table: 't', columns: ['a', null], wheres: [null] } },
  {
    name: 'fields of another data source beside the SQL',
    saved: { query: 'SELECT 1', groupBy: [{ type: 'time' }], limit: {}, table: {}, columns: {} },
  },
  {
    name: 'fields of another data source without a table name',
    saved: { format: 1, rawSQL: 'SELECT 1', table: {}, columns: {}, limit: [] },
  },
  { name: 'fields that are not used', saved: { colour: {}, datasource: { uid: 'x' }, intervalMs: -1 } },
])('accepts $name', ({ saved }) => {
  expect(queryProblem(saved)).toBeUndefined();
});

const rejected: Array<{ saved: unknown; kind?: string; message: string }> = [
  {
    saved: { query: 'x'.repeat(MAX_SQL_CHARACTERS + 1) },
    kind: 'too-long',
    message: 'The SQL (query) has 1,048,577 characters; at most 1,048,576 are allowed.',
  },
  {
    saved: 'x'.repeat(MAX_SQL_CHARACTERS + 1),
    kind: 'too-long',
    message: 'The SQL (query) has 1,048,577 characters; at most 1,048,576 are allowed.',
  },
  { saved: { queryText: ['SELECT 1'] }, message: 'The SQL (queryText) is not a string, but a list.' },
  { saved: { query: {} }, message: 'The SQL (query) is not a string, but an object.' },
  { saved: { format: {} }, message: 'Format (format) is not a string, but an object.' },
  { saved: { timeFilter: 'yes' }, message: 'Time filter (timeFilter) is neither true nor false, but a string.' },
  { saved: { hide: 'no' }, message: 'Hidden (hide) is neither true nor false, but a string.' },
  { saved: { rowLimit: 'many' }, message: 'Row limit (rowLimit) is not a number.' },
  { saved: { rowLimit: [5] }, message: 'Row limit (rowLimit) is not a number.' },
  { saved: { fillMode: 'spline' }, message: 'Fill gaps (fillMode) is not one of null, zero, previous.' },
  {
    saved: { labelColumns: new Array<string>(1_000_000).fill('a') },
    message: 'Label columns (labelColumns) has 1,000,000 entries; at most 100 are allowed.',
  },
  {
    saved: { labelColumns: ['a', 'x'.repeat(1001)] },
    message:
      'Label columns (labelColumns) has an entry (number 2) that has 1,001 characters; at most 1,000 are allowed.',
  },
  {
    saved: { labelColumns: ['a', { a: 1 }] },
    message: 'Label columns (labelColumns) has an entry (number 2) that is not a string, but an object.',
  },
  {
    saved: { bigIntegersAsText: 'yes' },
    message: 'Big integers as text (bigIntegersAsText) is neither true nor false, but a string.',
  },
  { saved: { purpose: 'x'.repeat(101) }, message: 'Purpose (purpose) has 101 characters; at most 100 are allowed.' },
  { saved: { table: 5 }, message: 'Table (table) is not a string, but a number.' },
  {
    saved: { table: 't', columns: new Array<string>(1001).fill('a') },
    message: 'Columns (columns) has 1,001 entries; at most 1,000 are allowed.',
  },
  {
    saved: { table: 't', wheres: [{}] },
    message: 'Where (wheres) has an entry (number 1) that is not a string, but an object.',
  },
  { saved: { autoLimit: 2 }, message: 'Auto limit (autoLimit) is neither true nor false, but a number.' },
  { saved: { labelColumns: { a: 1 } }, message: 'Label columns (labelColumns) is not a list, but an object.' },
  {
    saved: { table: 't', columns: new Array<string>(20).fill('x'.repeat(60_000)) },
    kind: 'too-long',
    message: 'The SQL (table, columns, wheres) has 1,200,052 characters; at most 1,048,576 are allowed.',
  },
  {
    saved: { table: 't', orderBy: 'x'.repeat(100_001) },
    message: 'Order by (orderBy) has 100,001 characters; at most 100,000 are allowed.',
  },
  { saved: { table: 't', groupBy: {} }, message: 'Group by (groupBy) is not a string, but an object.' },
  { saved: { table: 't', limit: [] }, message: 'Limit (limit) is not a string, but a list.' },
  { saved: [], message: 'The query is not an object, but a list.' },
  { saved: 5, message: 'The query is not an object, but a number.' },
  { saved: null, message: 'The query is not an object, but null.' },
];

it.each(rejected)('rejects: $message', ({ saved, kind = 'invalid', message }) => {
  const problem = queryProblem(saved);
  expect(problem?.kind).toBe(kind);
  expect(problem && render(problem.message)).toBe(message);
});

it('reads numbers and switches saved as other types, skips null, and limits the row limit to the maximum', () => {
  const saved = {
    table: 't',
    limit: 10,
    timeFilter: 'false',
    autoLimit: '0',
    rowLimit: 1e10,
    labelColumns: ['a', null, 1],
  };
  expect(readQuery(saved)).toMatchObject({
    sql: 'SELECT * FROM t LIMIT 10',
    timeFilter: false,
    autoLimit: false,
    rowLimit: MAX_ROW_LIMIT,
    labelColumns: ['a', '1'],
  });
  expect(readQuery({ query: 'SELECT 1', labelColumns: 'level', timeFilter: 'true' })).toMatchObject({
    labelColumns: ['level'],
    timeFilter: true,
  });
});
