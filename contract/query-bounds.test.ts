import { MAX_LABEL_COLUMNS, MAX_ROW_LIMIT, MAX_SQL_CHARACTERS, queryProblem } from './query-bounds';

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
  { name: 'a row limit as a text, or emptied', saved: { rowLimit: '10' } },
  { name: 'an emptied row limit', saved: { rowLimit: '' } },
  { name: 'SQL at the limit', saved: { query: 'x'.repeat(MAX_SQL_CHARACTERS) } },
  { name: 'label columns at the limit', saved: { labelColumns: new Array<string>(MAX_LABEL_COLUMNS).fill('a') } },
  { name: 'fields that are not used', saved: { colour: {}, datasource: { uid: 'x' }, intervalMs: -1 } },
])('accepts $name', ({ saved }) => {
  expect(queryProblem(saved)).toBeUndefined();
});

const refused: Array<{ saved: unknown; kind?: string; text: string }> = [
  {
    saved: { query: 'x'.repeat(MAX_SQL_CHARACTERS + 1) },
    kind: 'too-long',
    text: 'The SQL (query) has 1,048,577 characters; at most 1,048,576 are allowed.',
  },
  {
    saved: 'x'.repeat(MAX_SQL_CHARACTERS + 1),
    kind: 'too-long',
    text: 'The SQL (query) has 1,048,577 characters; at most 1,048,576 are allowed.',
  },
  { saved: { queryText: ['SELECT 1'] }, text: 'The SQL (queryText) is no text, but a list.' },
  { saved: { query: {} }, text: 'The SQL (query) is no text, but an object.' },
  { saved: { format: 1 }, text: 'Format (format) is no text, but a number.' },
  { saved: { timeFilter: 'yes' }, text: 'Time filter (timeFilter) is neither true nor false, but a string.' },
  { saved: { autoLimit: 1 }, text: 'Auto limit (autoLimit) is neither true nor false, but a number.' },
  { saved: { hide: 'no' }, text: 'Hidden (hide) is neither true nor false, but a string.' },
  { saved: { rowLimit: MAX_ROW_LIMIT + 1 }, text: 'Row limit (rowLimit) is no number up to 1,000,000,000.' },
  { saved: { rowLimit: 'many' }, text: 'Row limit (rowLimit) is no number up to 1,000,000,000.' },
  { saved: { rowLimit: [5] }, text: 'Row limit (rowLimit) is no number up to 1,000,000,000.' },
  { saved: { fillMode: 'spline' }, text: 'Fill gaps (fillMode) is none of null, zero, previous.' },
  { saved: { labelColumns: 'level' }, text: 'Label columns (labelColumns) is no list, but a string.' },
  {
    saved: { labelColumns: new Array<string>(1_000_000).fill('a') },
    text: 'Label columns (labelColumns) has 1,000,000 entries; at most 100 are allowed.',
  },
  {
    saved: { labelColumns: ['a', 'x'.repeat(1001)] },
    text: 'Label columns (labelColumns) has an entry, number 2, that has 1,001 characters; at most 1,000 are allowed.',
  },
  {
    saved: { labelColumns: ['a', { a: 1 }] },
    text: 'Label columns (labelColumns) has an entry, number 2, that is no text, but an object.',
  },
  {
    saved: { bigIntegersAsText: 'yes' },
    text: 'Big integers as text (bigIntegersAsText) is neither true nor false, but a string.',
  },
  { saved: { purpose: 'x'.repeat(101) }, text: 'Purpose (purpose) has 101 characters; at most 100 are allowed.' },
  { saved: { table: 5 }, text: 'Table (table) is no text, but a number.' },
  {
    saved: { columns: new Array<string>(1001).fill('a') },
    text: 'Columns (columns) has 1,001 entries; at most 1,000 are allowed.',
  },
  { saved: { wheres: [null] }, text: 'Where (wheres) has an entry, number 1, that is no text, but an object.' },
  {
    saved: { orderBy: 'x'.repeat(100_001) },
    text: 'Order by (orderBy) has 100,001 characters; at most 100,000 are allowed.',
  },
  { saved: { groupBy: {} }, text: 'Group by (groupBy) is no text, but an object.' },
  { saved: { limit: [] }, text: 'Limit (limit) is no text, but a list.' },
  { saved: [], text: 'The query is no object, but a list.' },
  { saved: 5, text: 'The query is no object, but a number.' },
  { saved: null, text: 'The query is no object, but empty.' },
];

it.each(refused)('$text', ({ saved, kind = 'invalid', text }) => {
  expect(queryProblem(saved)).toEqual({ kind, text });
});
