import { useLakehouse } from './lakehouse-fixture';

const fixture = useLakehouse();

const expressions = [
  { sql: 'count(*)', type: 'Int64' },
  { sql: 'sum(level)', type: 'Int64' },
  { sql: 'avg(level)', type: 'Float64' },
  { sql: 'max(time)', type: 'Timestamp<NANOSECOND, +00:00>' },
  { sql: 'max(now())', type: 'Timestamp<NANOSECOND>' },
  { sql: `max(date_bin('1 minute', time))`, type: 'Timestamp<NANOSECOND, +00:00>' },
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

it.each(expressions)('$sql is $type', async ({ sql, type }) => {
  const table = await fixture.client.query(`SELECT ${sql} FROM log_entries`);
  expect(String(table.schema.fields[0]?.type)).toBe(type);
  expect(table.numRows).toBe(1);
  expect(table.toArray()[0]?.toJSON()).toBeDefined();
});

it('returns nested and unusual values unchanged', async () => {
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
  ];

  it.each(cases)('%s', async (sql, expected) => {
    expect(await fixture.client.rows(`SELECT ${sql} AS r`)).toEqual([{ r: expected }]);
  });
});
