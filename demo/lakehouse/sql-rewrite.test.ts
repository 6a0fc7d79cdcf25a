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
    name: 'rewrites casts of qualified times to BIGINT',
    sql: `SELECT l.time::bigint, cast(l.time AS bigint), arrow_cast(l.time, 'Int64'), l.level::bigint`,
    expected: 'SELECT epoch_ns(l.time), epoch_ns(l.time), epoch_ns(l.time), l.level::bigint',
  },
  {
    name: 'rewrites arrow_cast to a timestamp',
    sql: `SELECT arrow_cast('x', 'Timestamp(Millisecond, None)'), arrow_cast(t, 'Timestamp(ns, "+00:00")')`,
    expected: `SELECT CAST('x' AS TIMESTAMP_MS), CAST(t AS TIMESTAMPTZ)`,
  },
  {
    name: 'rewrites arrow_cast to a timestamp with a zone to AT TIME ZONE',
    sql: `SELECT arrow_cast(time, 'Timestamp(Nanosecond, Some("Europe/Berlin"))')`,
    expected: `SELECT CAST(time AS TIMESTAMPTZ) AT TIME ZONE 'Europe/Berlin'`,
  },
  {
    name: 'rewrites approx_percentile_cont with WITHIN GROUP',
    sql: 'SELECT approx_percentile_cont(0.9) WITHIN GROUP (ORDER BY cast(time AS bigint) DESC) FILTER (WHERE x)',
    expected: 'SELECT approx_quantile( epoch_ns(time) , 1 - (0.9)) FILTER (WHERE x)',
  },
  {
    name: 'rewrites percentile_cont with and without WITHIN GROUP',
    sql: 'SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY x DESC), percentile_cont(x, 0.9)',
    expected: 'SELECT quantile_cont( x , 1 - (0.9)), quantile_cont(x, 0.9)',
  },
  {
    name: 'subtracts the percentile from 1 for a descending order, also if it is an expression',
    sql: 'SELECT approx_percentile_cont(1 - 0.05) WITHIN GROUP (ORDER BY value DESC)',
    expected: 'SELECT approx_quantile( value , 1 - (1 - 0.05))',
  },
  {
    name: 'rewrites first_value and last_value if they are aggregates, but not if they are window functions',
    sql: 'SELECT first_value(a ORDER BY b), last_value(a) FILTER (WHERE c), last_value(a) OVER (ORDER BY b)',
    expected: 'SELECT first(a ORDER BY b), last(a) FILTER (WHERE c), last_value(a) OVER (ORDER BY b)',
  },
  {
    name: 'adds parentheses around a subquery as the argument of a table function',
    sql: 'SELECT * FROM jsonb_each(SELECT properties FROM processes LIMIT 1)',
    expected: 'SELECT * FROM jsonb_each((SELECT properties FROM processes LIMIT 1))',
  },
  {
    name: 'renames functions, not columns',
    sql: 'SELECT btrim(var), var(x) FROM t',
    expected: 'SELECT trim(var), var_samp(x) FROM t',
  },
  {
    name: 'does not change string literals',
    sql: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
    expected: `SELECT 'view_instance(''x'', ''y'') 1/0 information_schema.tables'`,
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
