/** Tests the SQL of conditions on spans. The integration tests run the SQL. */
import { type SpanConditions } from '../../../contract/query-types/traces';
import { conditionRange, spanConditionsSql } from './span-conditions';

it.each<[string, SpanConditions, string[]]>([
  ['services and empty lists', { services: ['a'], operations: [], kinds: [], attributes: [] }, []],
  ['names', { operations: ["GET /o'clock", 'b'] }, ["name IN ('GET /o''clock', 'b')"]],
  [
    'kinds and statuses',
    { kinds: ['SERVER'], statuses: ['ERROR', 'OK'] },
    ["kind IN ('SERVER')", "status IN ('ERROR', 'OK')"],
  ],
  ['durations', { minDurationMs: 0, maxDurationMs: 1.5 }, ['duration >= 0', 'duration <= 1500000']],
  [
    'times',
    { fromMs: '1700000000000', toMs: '1700000000000.5+60000' },
    ["start_time >= '2023-11-14T22:13:20.000000000Z'", "start_time < '2023-11-14T22:14:20.000500000Z'"],
  ],
  ['an empty duration', { minDurationMs: '' as never }, []],
])('converts conditions to SQL: %s', (_, conditions, sql) => {
  expect(spanConditionsSql(conditions)).toEqual(sql);
});

it('rejects conditions with too many characters in total', () => {
  const attributes = Array.from({ length: 100 }, () => {
    return { key: 'k'.repeat(1000), operator: '=' as const, value: "'".repeat(1000) };
  });
  expect(() => spanConditionsSql({ attributes })).toThrow(expect.objectContaining({ code: 'query_field_invalid' }));
});

const get = (key: string) => `property_get(properties, '${key}')`;

it.each<[string, NonNullable<SpanConditions['attributes']>[number], string]>([
  ['string', { key: 'k', operator: '=', value: "x' OR 1=1 --" }, `${get('k')} = 'x'' OR 1=1 --'`],
  ['key with quotes', { key: "k'", operator: 'exists' }, `${get("k''")} IS NOT NULL`],
  ['missing attribute', { key: 'k', operator: 'missing' }, `${get('k')} IS NULL`],
  ['not equal', { key: 'k', operator: '!=', value: 'x' }, `(${get('k')} <> 'x' OR ${get('k')} IS NULL)`],
  ['number', { key: 'k', operator: '>=', value: 500 }, "jsonb_as_f64(jsonb_get(properties, 'k')) >= 500"],
  [
    'large number',
    { key: 'k', operator: '<', value: 1e300 },
    "jsonb_as_f64(jsonb_get(properties, 'k')) < CAST('1e+300' AS DOUBLE)",
  ],
  ['boolean', { key: 'k', operator: '=', value: false }, "jsonb_format_json(jsonb_get(properties, 'k')) = 'false'"],
  ['part of a string', { key: 'k', operator: 'contains', value: 'É%' }, `strpos(lower(${get('k')}), lower('É%')) > 0`],
  [
    'number in an attribute of the resource',
    { key: 'resource.host.cpus', operator: '>', value: 4 },
    "TRY_CAST(property_get(process_properties, 'otel.resource.host.cpus') AS DOUBLE) > 4",
  ],
])('converts the condition on an attribute to SQL: %s', (_, attribute, sql) => {
  expect(spanConditionsSql({ attributes: [attribute] })).toEqual([sql]);
});

it('rejects `<` for a boolean', () => {
  const ordered = () => spanConditionsSql({ attributes: [{ key: 'k', operator: '<', value: true }] });
  expect(ordered).toThrow(expect.objectContaining({ code: 'query_field_invalid' }));
});

it('reads the window of the conditions, and without a window the range of the query', () => {
  const range = { fromMs: 1000, toMs: 2000 };
  expect(conditionRange({}, range)).toEqual(range);
  expect(conditionRange({ fromMs: '5000', toMs: '5000+10' }, range)).toEqual({ fromMs: 5000, toMs: 5010 });
  expect(() => conditionRange({ fromMs: '5000' }, range)).toThrow(
    expect.objectContaining({ code: 'query_field_invalid' })
  );
});
