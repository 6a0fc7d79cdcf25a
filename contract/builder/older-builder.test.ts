import { type OlderBuilderFields, olderBuilderSql } from './older-sql';
import { type ParseStatements } from '../sql/sql-parser';
import { loadParser } from '../sql/testing/load-parser';
import { builderQuery } from './builder-sql';
import { olderBuilderState } from './older-builder';
import { QueryMeanings } from './query-meaning';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const corpus: OlderBuilderFields[] = [
  { table: 'log_entries' },
  { table: 'log_entries', columns: [] },
  { table: 'log_entries', columns: ['time', 'msg'], limit: '100' },
  { table: 'log_entries', columns: ['time', 'msg'], wheres: ['level <= 2'], orderBy: 'time DESC', limit: 100 },
  { table: 'log_entries', columns: ['*'], wheres: ['$__timeFilter(time)', "target = '$target'"], limit: '$limit' },
  { table: 'measures', columns: ['$__dateBin(time) as time', 'avg(value)'], groupBy: '1', orderBy: '1' },
  {
    table: 'measures',
    columns: ['exe', 'avg(value) AS mean', 'count(*)'],
    groupBy: 'exe, computer',
    orderBy: 'mean desc, exe asc',
  },
  { table: 'processes', columns: ['Exe', "property_get(properties, 'version')"], wheres: ['exe in ($exe)'] },
  { table: 'processes', columns: ['exe', 'exe'], wheres: ['', '  '], groupBy: ' ', orderBy: '' },
  { table: 'MyTable', columns: ['MyColumn', '"Other"', 'a.B'], wheres: ['MyColumn > 1'] },
  { table: 't', wheres: ["exe = 'a' or exe = 'b'"] },
  { table: 't', wheres: ["exe = 'a' or exe = 'b'", 'level < 3'] },
  { table: 't', wheres: ['level < 3', "(exe = 'a' or exe = 'b')", 'x between 1 and 2'] },
  { table: 't', wheres: ['a = 1 and b = 2', 'not c', 'd is distinct from e', 'f = 3'] },
  { table: 't', wheres: ['a = 1 xor b = 2', 'c = 3'] },
  { table: 't', wheres: ['case when a and b then c end', 'd'] },
  { table: 't', columns: ['null', 'true', 'current_date', 'NULL', "interval '1 day'"] },
  { table: 't', columns: ['a, b', 'c AS "D e"', 'sum(c) OVER (PARTITION BY d ORDER BY e)'] },
  { table: 't', columns: ['a', 'count(distinct b)'], groupBy: 'a' },
  { table: 't', groupBy: 'rollup(a, b)', orderBy: 'a nulls first, lower(b) desc, 3 DESC' },
  { table: 't', columns: ['a'], groupBy: 'a having count(*) > 1', limit: '10 offset 5' },
  {
    table: '$table',
    columns: ['$column', '${other}'],
    wheres: ['$condition'],
    groupBy: '$column',
    orderBy: '$column desc',
  },
  { table: "view_instance('log_entries', '$process_id')", columns: ['time'] },
  { table: '"streams.odd"', columns: ['"streams.tags"'] },
  { table: 'älter', columns: ['größe', 'x1'] },
  { table: 'log_entries', columns: ['Time'], query: 'SELECT "Time"   from log_entries' },
  { table: 'log_entries', query: ' ', wheres: ['a = 1'] },
];

it.each(corpus.map((saved) => [olderBuilderSql(saved), saved] as const))('keeps the meaning of %s', (sql, saved) => {
  const state = olderBuilderState(saved);
  expect(state).toMatchObject({ kind: 'table' });
  const meanings = new QueryMeanings(parse);
  const meaning = meanings.of(sql);
  expect(meaning).toBeDefined();
  expect(state && meanings.of(builderQuery(state).sql)).toBe(meaning);
});

it('converts columns, groups and sort keys if the builder writes the same SQL for them, else keeps them raw', () => {
  const saved: OlderBuilderFields = {
    table: 'log_entries',
    columns: ['exe', 'lower(msg)', 'count(*)', 'max(time) AS last'],
    wheres: ['level <= 2', "exe = 'a' or exe = 'b'"],
    groupBy: 'exe, lower(msg)',
    orderBy: 'last DESC, exe',
    limit: '7',
  };
  expect(olderBuilderState(saved)).toEqual({
    kind: 'table',
    table: 'log_entries',
    columns: [
      { column: 'exe' },
      { raw: 'lower(msg)' },
      { raw: 'count(*)' },
      { column: 'time', aggregation: 'max', alias: 'last' },
    ],
    conditions: [{ raw: "level <= 2 and exe = 'a' or exe = 'b'" }],
    groupBy: [{ column: 'exe' }, { raw: 'lower(msg)' }],
    orderBy: [
      { by: { column: 'last' }, descending: true },
      { by: { column: 'exe' }, descending: false },
    ],
    limit: '7',
  });
});

it.each<[string, OlderBuilderFields]>([
  ['without a table', { columns: ['a'] }],
  ['with a comment', { table: 't', wheres: ['a = 1 -- why', 'b = 2'] }],
  ['with an unterminated string', { table: 't', columns: ["'a"] }],
  ['with a parenthesis that another condition closes', { table: 't', wheres: ['(a = 1', 'b = 2)'] }],
  ['with two tables', { table: 'a, b' }],
  ['with an alias of the table', { table: 'a AS b' }],
  ['whose SQL was changed', { table: 't', columns: ['a'], query: 'SELECT b FROM t' }],
  ['with fields of other types', { table: {}, columns: 5, wheres: [[]] }],
])('returns no state for a query %s', (_name, saved) => {
  expect(olderBuilderState(saved)).toBeUndefined();
});
