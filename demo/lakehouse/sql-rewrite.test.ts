import { rewrite } from './sql-rewrite';

const ID = '00000000-0000-4000-8000-000000000000';

const cases = [
  {
    name: 'rewrites view_instance',
    sql: `SELECT * FROM view_instance('otel_spans', '${ID}') s`,
    expected: `SELECT * FROM lake.instance_otel_spans('${ID}') s`,
  },
  {
    name: 'rewrites a cast of a time to BIGINT',
    sql: 'SELECT cast(time AS BIGINT) FROM t',
    expected: 'SELECT epoch_ns(time) FROM t',
  },
  {
    name: 'does not change other casts',
    sql: 'SELECT cast(level AS BIGINT) FROM t',
    expected: 'SELECT cast(level AS BIGINT) FROM t',
  },
  {
    name: 'rewrites arrow_cast',
    sql: `SELECT arrow_cast(f(a, b), 'Int64')`,
    expected: 'SELECT CAST(f(a, b) AS BIGINT)',
  },
  {
    name: 'does not change string literals',
    sql: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
    expected: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
  },
  {
    name: 'rewrites regular expressions, which find a part of the text',
    sql: `SELECT a ~ 'x|it''s', a !~ 'y', a ~* 'z'`,
    expected: `SELECT a ~ '(?s).*(?:x|it''s).*', a !~ '(?s).*(?:y).*', a ~ '(?si).*(?:z).*'`,
  },
  { name: 'does not change comments', sql: 'SELECT 1 -- 1/0', expected: 'SELECT 1 -- 1/0' },
  { name: 'does not change a division of floats', sql: 'SELECT 1.0/0', expected: 'SELECT 1.0/0' },
  {
    name: 'rewrites information_schema',
    sql: 'SELECT * FROM information_schema.columns c',
    expected: 'SELECT * FROM lake.info_columns c',
  },
];

it.each(cases)('$name', ({ sql, expected }) => {
  expect(rewrite(sql).sql).toBe(expected);
});

it('lists the columns of the tables in the query', () => {
  const { origins, joins } = rewrite('SELECT * FROM log_entries l JOIN processes p USING (process_id)');
  expect(origins.map((columns) => columns[0]?.name)).toEqual(['process_id', 'process_id']);
  expect(joins).toBe(true);
});
