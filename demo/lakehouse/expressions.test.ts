import { useLakehouse } from './lakehouse-fixture';

const fixture = useLakehouse();

const expressions = [
  { sql: 'count(*)', type: 'Int64' },
  { sql: 'sum(level)', type: 'Int64' },
  { sql: 'avg(level)', type: 'Float64' },
  { sql: 'max(time)', type: 'Timestamp<NANOSECOND, +00:00>' },
  { sql: 'max(now())', type: 'Timestamp<NANOSECOND>' },
  { sql: `max(date_bin('1 minute', time))`, type: 'Timestamp<NANOSECOND, +00:00>' },
  { sql: `max(date_bin('1 minute', now()))`, type: 'Timestamp<NANOSECOND>' },
  { sql: `max(date_bin(interval '10 second', time, TIMESTAMP '2026-01-01'))`, type: 'Timestamp<NANOSECOND, +00:00>' },
  { sql: `max(date_trunc('hour', time))`, type: 'Timestamp<NANOSECOND, +00:00>' },
  { sql: 'max(cast(time as bigint))', type: 'Int64' },
  { sql: 'max(time) - min(time)', type: 'Interval<MONTH_DAY_NANO>' },
  { sql: 'bool_and(level > 0)', type: 'Bool' },
  { sql: `max(arrow_cast(msg, 'Utf8'))`, type: 'Utf8' },
  { sql: 'max(cast(time as date))', type: 'Date32<DAY>' },
  { sql: 'max(cast(level as decimal(10, 2)))', type: 'Decimal[10e+2]' },
  { sql: 'array_agg(DISTINCT level)', type: 'List<Int32>' },
  { sql: 'max(level / 2)', type: 'Int32' },
];

it.each(expressions)('$sql has the type $type', async ({ sql, type }) => {
  const table = await fixture.client.query(`SELECT ${sql} FROM log_entries`);
  expect(String(table.schema.fields[0]?.type)).toBe(type);
  expect(table.numRows).toBe(1);
  expect(table.toArray()[0]?.toJSON()).toBeDefined();
});

it('returns lists, structs, maps, booleans, nulls and integer quotients', async () => {
  const [row] = await fixture.client.rows(
    `SELECT [1, NULL, 3] AS l, {'a': 1, 'b': 'x'} AS s, MAP {'k': 2.5::DOUBLE} AS m, 12.34::DECIMAL(10,2) AS d, true AS t, NULL::VARCHAR AS n, 7 / 2 AS q`
  );
  expect(
    JSON.parse(JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)))
  ).toMatchObject({
    l: [1, null, 3],
    s: { a: 1, b: 'x' },
    m: { k: 2.5 },
    t: true,
    n: null,
    q: 3,
  });
});

describe('functions', () => {
  const cases: Array<[string, unknown]> = [
    [`property_get(jsonb_parse('{"Region":"eu"}'), 'region')`, 'eu'],
    [`property_get(jsonb_parse('{"n":5}'), 'N')`, '5'],
    [`property_get(jsonb_parse('{}'), 'x')`, null],
    [`properties_length(jsonb_parse('{"a":1,"b":2}'))`, 2],
    [`jsonb_format_json(jsonb_get(jsonb_parse('{"a":{"b":1}}'), 'A'))`, '{"b":1}'],
    [`jsonb_as_string(jsonb_get(jsonb_parse('{"a":"t"}'), 'a'))`, 't'],
    [`jsonb_as_string(jsonb_get(jsonb_parse('{"a":1}'), 'a'))`, null],
    [`jsonb_as_i64(jsonb_get(jsonb_parse('{"a":1.5}'), 'a'))`, null],
    [`jsonb_as_f64(jsonb_get(jsonb_parse('{"a":2}'), 'a'))`, 2],
    [`array_has(['log'], 'log')`, true],
    [`encode(unhex('00ff'), 'hex')`, '00ff'],
    [`jsonb_parse('nope')`, null],
    [`'a player joined' ~ 'play'`, true],
    [`'a player joined' !~ 'play'`, false],
    [`'a player joined' ~* '^A PLAY'`, true],
    [`'a player joined' !~* '^PLAY'`, true],
    [`regexp_like('a player joined', 'PLAYER', 'i')`, true],
    [`'50%' LIKE '50\\%'`, true],
    [`'50 %' NOT LIKE '50\\%'`, true],
    [`'A_B' ILIKE 'a\\_b'`, true],
    [`'A_B' NOT ILIKE 'a\\_b'`, false],
    [`1 IN (NULL) IS NULL`, true],
    [`encode(decode('00ff', 'hex'), 'hex')`, '00ff'],
    [`approx_median(1.5::double)`, 1.5],
    [`var(x) FROM (VALUES (1), (3)) AS t(x)`, 2],
    [`first_value(x ORDER BY x DESC) FROM (VALUES (1), (3)) AS t(x)`, 3],
    [`percentile_cont(0.75) WITHIN GROUP (ORDER BY x) FROM (VALUES (1), (3), (9)) AS t(x)`, 6],
    [`percentile_cont(x, 0.5) FROM (VALUES (1), (2)) AS t(x)`, 1.5],
    [`approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM (VALUES (1.0), (3.0), (9.0)) AS t(x)`, 3],
    [`to_unixtime('2026-11-24T12:00:00Z')`, 1795521600n],
    [`to_unixtime(to_timestamp(1795521600))`, 1795521600n],
    [`to_char(to_timestamp_millis(1795521600123), '%Y-%m-%d')`, '2026-11-24'],
    [`to_char(to_local_time(TIMESTAMPTZ '2026-03-29 01:30:00Z' AT TIME ZONE 'Europe/Berlin'), '%H:%M')`, '03:30'],
    [`to_char(date_bin(interval '1 month', TIMESTAMP '2026-03-29', TIMESTAMP '2026-01-15'), '%Y-%m-%d')`, '2026-03-15'],
    [
      `to_char(date_bin(interval '3 months', TIMESTAMP '2025-02-01', TIMESTAMP '2026-01-31 23:00:00'), '%Y-%m-%dT%H')`,
      '2025-01-31T23',
    ],
    [
      `to_char(date_bin(interval '7 days', TIMESTAMP '2026-01-05', TIMESTAMP '2026-01-04 23:00:00'), '%Y-%m-%dT%H')`,
      '2026-01-04T23',
    ],
    [
      `to_char(date_bin(interval '1 day', TIMESTAMP '2026-01-05 10:00:00') AT TIME ZONE 'Europe/Berlin', '%Y-%m-%dT%H')`,
      '2026-01-04T23',
    ],
    [`hll_cardinality(make_hll(x)) FROM (VALUES ('a'), ('b"'), ('a')) AS t(x)`, 2n],
    [`hll_cardinality(merge_hll(s)) FROM (SELECT make_hll(x) AS s FROM (VALUES ('a'), ('b')) AS t(x) GROUP BY x)`, 2n],
    [`quantile_from_histogram(make_histogram(0, 10, 10, x), 0.5) FROM (SELECT unnest(range(10)) AS x)`, 5],
    [
      `count_from_histogram(sum_histograms(h)) FROM (SELECT make_histogram(0, 9, 3, x) AS h FROM range(9) AS t(x) GROUP BY x)`,
      9n,
    ],
    [`count(*) FROM expand_histogram(SELECT make_histogram(0, 9, 3, x) FROM range(9) AS t(x)) WHERE count = 3`, 3n],
    [`count(*) FROM jsonb_each(SELECT jsonb_parse('{"a":1,"b":[2]}'))`, 2n],
    [`count(*) FROM jsonb_array_elements(jsonb_parse('[1,{"a":2}]'))`, 2n],
    [`array_to_string(jsonb_object_keys(jsonb_parse('{"a":1,"b":[2]}')), ' ')`, 'a b'],
    [`jsonb_format_json(jsonb_elements(jsonb_parse('[1,{"a":2}]'))[2])`, '{"a":2}'],
    [`jsonb_format_json(jsonb_path_elements(jsonb_parse('{"a":[1,2]}'), '$.a[*]')[2])`, '2'],
    [`jsonb_format_json(jsonb_path_elements(jsonb_parse('{"a":[1,2]}'), '$.a')[1])`, '[1,2]'],
    [`jsonb_entries(jsonb_parse('{"a":1,"b":2}'))[2]['key']`, 'b'],
    [`rgba(1.0, 0.0, 0.0, 1.0)`, 0xff0000ff],
  ];

  it.each(cases)('evaluates %s', async (sql, expected) => {
    expect(await fixture.client.rows(`SELECT (SELECT ${sql}) AS r`)).toEqual([{ r: expected }]);
  });
});
