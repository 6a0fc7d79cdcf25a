import { growth } from '../../../tests/support/growth';
import { scopeAt, sqlOutline, tableNamesIn } from './sql-outline';

/** The tables that SQL names, with their aliases. */
function tables(sql: string): Array<{ table?: string; alias?: string }> {
  return sqlOutline(sql).flatMap(({ sources }) =>
    sources.flatMap(({ table, name }) =>
      table === undefined ? [] : [{ table, ...(name !== table && { alias: name }) }]
    )
  );
}

it.each([
  ['SELECT * FROM log_entries', [{ table: 'log_entries' }]],
  [
    'select * from Log_Entries as l, "Other" o',
    [
      { table: 'log_entries', alias: 'l' },
      { table: 'Other', alias: 'o' },
    ],
  ],
  ['SELECT * FROM a LEFT JOIN b x ON a.i = x.i WHERE 1', [{ table: 'a' }, { table: 'b', alias: 'x' }]],
  ["SELECT * FROM view_instance('thread_spans', '$id') s", [{ table: 'thread_spans', alias: 's' }]],
  ['SELECT * FROM (SELECT * FROM measures m) q', [{ table: 'measures', alias: 'm' }]],
  ['SELECT * FROM public.processes p', [{ table: 'processes', alias: 'p' }]],
  ["SELECT 'FROM nowhere' -- FROM never", []],
  ['SELECT * FROM f((SELECT x FROM a)) y, b WHERE 1', [{ table: 'f', alias: 'y' }, { table: 'b' }, { table: 'a' }]],
  ['SELECT * FROM f(FROM g(', [{ table: 'f' }, { table: 'g' }]],
  ['SELECT * FROM a, FROM b', [{ table: 'a' }, { table: 'b' }]],
  ['SELECT * FROM (a JOIN b ON a.i = b.i) JOIN c USING (i)', [{ table: 'a' }, { table: 'b' }, { table: 'c' }]],
  ['SELECT extract(year FROM time) FROM t', [{ table: 't' }]],
  ['SELECT 1 FROM t WHERE a IS DISTINCT FROM b', [{ table: 't' }]],
  ['SELECT avg(value FROM measures', [{ table: 'measures' }]],
  ['SELECT x FROM (SELECT count( FROM a) q, b', [{ table: 'b' }, { table: 'a' }]],
  ['SELECT 1 FROM a UNION ALL SELECT 2 FROM b', [{ table: 'a' }, { table: 'b' }]],
  ['SELECT 1 FROM a; SELECT 2 FROM b', [{ table: 'a' }, { table: 'b' }]],
  [
    'WITH c AS (SELECT x FROM a), d (y) AS (SELECT x FROM c) SELECT * FROM d',
    ['a', 'c', 'd'].map((table) => ({ table })),
  ],
])('finds the tables of %s', (sql, expected) => {
  expect(tables(sql)).toEqual(expected);
});

it('reads the id of a view instance, but not a variable in its place', () => {
  const sources = sqlOutline("SELECT 1 FROM view_instance('measures', 'p1') a, view_instance('measures', '$p') b")[0]
    .sources;
  expect(sources.map(({ instanceId }) => instanceId)).toEqual(['p1', undefined]);
});

it.each([
  ['a', { name: 'a', column: 'a' }],
  ['DISTINCT a', { name: 'a', column: 'a' }],
  ['t.a', { name: 'a', column: 'a', qualifier: 't' }],
  ['t.a AS b', { name: 'b', column: 'a', qualifier: 't' }],
  ['t.a b', { name: 'b', column: 'a', qualifier: 't' }],
  ['a b', { name: 'b', column: 'a' }],
  ['count(*) AS n', { name: 'n' }],
  ['count(*) n', { name: 'n' }],
  ['1 + a AS "Sum"', { name: 'Sum' }],
  ['CASE WHEN a THEN b END c', { name: 'c' }],
  ['$__dateBinAlias(time)', { name: 'time_binned' }],
  ['$__dateBinAlias(coalesce(a, t."Time"), \'1d\')', { name: 'time_binned' }],
  ["$__timeGroupAlias(t.start_time, '5m', 0)", { name: 'time' }],
  ['$__timeGroup(time, auto)', undefined],
  ['$__dateBinAlias($column)', undefined],
  ['$__dateBinAlias()', undefined],
  ['$__dateBinAlias(time', undefined],
  ['*', {}],
  ['t.*', { qualifier: 't' }],
  ['$column', undefined],
  ['count(*)', undefined],
  ['a AND b', undefined],
  ['CASE WHEN a THEN b END', undefined],
])('reads the column %s', (item, expected) => {
  expect(sqlOutline(`SELECT ${item} FROM t`)[0].projections).toEqual(expected === undefined ? [] : [expected]);
});

it.each(["'Day'", 'DAY'])('reads the columns of a time macro with the unit %s', (unit) => {
  expect(sqlOutline(`SELECT exe, $__timeGroupAlias(t.time, ${unit}), msg FROM t`)[0].projections).toEqual([
    { name: 'exe', column: 'exe' },
    { name: 'time_day' },
    { name: 'time_month' },
    { name: 'time_year' },
    { name: 'msg', column: 'msg' },
  ]);
});

it.each([
  ['SELECT | FROM a WHERE x IN (SELECT y FROM b)', 'a'],
  ['SELECT 1 FROM a WHERE x IN (SELECT | FROM b)', 'b'],
  ['SELECT 1 FROM a WHERE x IN (SELECT y FROM b WHERE |', 'b'],
  ['WITH c AS (SELECT | FROM a) SELECT 1 FROM c', 'a'],
  ['WITH c AS (SELECT 1 FROM a) SELECT | FROM c', 'c'],
  ['SELECT 1 FROM a UNION SELECT | FROM b', 'b'],
  ['SELECT count(| FROM a', 'a'],
])('finds the SELECT at the cursor: %s', (marked, table) => {
  const scope = scopeAt(sqlOutline(marked.replace('|', '')), marked.indexOf('|'));
  expect(scope?.sources[0].table).toBe(table);
});

describe('long SQL', () => {
  // Each of these would take minutes if the rest of the SQL were read again for every word.
  const N = 50_000;
  it.each([
    { name: 'open parentheses', sql: 'FROM f('.repeat(N), count: N },
    { name: 'lists of keywords', sql: 'FROM , '.repeat(N), count: 0 },
    { name: 'a list of tables', sql: `FROM ${'a, '.repeat(N)}b`, count: N + 1 },
    { name: 'quotes', sql: `FROM t ${"''".repeat(N)}'`, count: 1 },
    { name: 'dollars and braces', sql: '${'.repeat(N), count: 0 },
    { name: 'nested subqueries', sql: 'SELECT a FROM t, ('.repeat(N), count: N },
    { name: 'nested time macros', sql: 'SELECT $__dateBinAlias('.repeat(N), count: 0 },
  ])('with $name has $count tables', ({ sql, count }) => {
    expect(tables(sql)).toHaveLength(count);
    expect(scopeAt(sqlOutline(sql), sql.length)?.end ?? sql.length).toBe(sql.length);
  });
});

it('finds the tables of nested WITH clauses in linear time', async () => {
  const nested = (depth: number) => `${'WITH a AS ('.repeat(depth)}SELECT 1${' FROM t) SELECT 1'.repeat(depth)} FROM a`;
  expect(tableNamesIn(nested(3))).toEqual(['t', 't', 't']);
  expect(await growth(tableNamesIn, nested, 2000)).toBeLessThan(8);
});
