import { rewrite } from './sql-rewrite';

const ID = '00000000-0000-4000-8000-000000000000';

const cases = [
  {
    name: 'calls an instance',
    sql: `SELECT * FROM view_instance('otel_spans', '${ID}') s`,
    expected: `SELECT * FROM lake.instance_otel_spans('${ID}') s`,
  },
  { name: 'counts nanoseconds', sql: 'SELECT cast(time AS BIGINT) FROM t', expected: 'SELECT epoch_ns(time) FROM t' },
  {
    name: 'leaves other casts',
    sql: 'SELECT cast(level AS BIGINT) FROM t',
    expected: 'SELECT cast(level AS BIGINT) FROM t',
  },
  { name: 'reads arrow_cast', sql: `SELECT arrow_cast(f(a, b), 'Int64')`, expected: 'SELECT CAST(f(a, b) AS BIGINT)' },
  {
    name: 'leaves text alone',
    sql: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
    expected: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
  },
  { name: 'leaves comments alone', sql: 'SELECT 1 -- 1/0', expected: 'SELECT 1 -- 1/0' },
  { name: 'leaves division of floats alone', sql: 'SELECT 1.0/0', expected: 'SELECT 1.0/0' },
  {
    name: 'finds its own information_schema',
    sql: 'SELECT * FROM information_schema.columns c',
    expected: 'SELECT * FROM lake.info_columns c',
  },
];

it.each(cases)('$name', ({ sql, expected }) => {
  expect(rewrite(sql).sql).toBe(expected);
});

it('lists the tables that the result may come from', () => {
  const { origins, joins } = rewrite('SELECT * FROM log_entries l JOIN processes p USING (process_id)');
  expect(origins.map((columns) => columns[0]?.name)).toEqual(['process_id', 'process_id']);
  expect(joins).toBe(true);
});
