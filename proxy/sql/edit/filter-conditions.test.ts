import { type FilterOperator, type QueryFilter } from '../../../contract/queries/query-filter';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ColumnKind, filterCondition, type FilterTarget, stringLiteral } from './filter-conditions';

const target = (kind: ColumnKind, more: Partial<FilterTarget> = {}): FilterTarget => ({
  column: 'c',
  kind,
  isLevel: false,
  ...more,
});

const filter = (operator: FilterOperator, value: string, values?: string[]): QueryFilter => ({
  key: 'c',
  operator,
  value,
  ...(values && { values }),
});

const levels =
  "(CASE c WHEN 1 THEN 'critical' WHEN 2 THEN 'error' WHEN 3 THEN 'warning' WHEN 4 THEN 'info' WHEN 5 THEN 'debug' WHEN 6 THEN 'trace' END)";
const property = { property: "o'k" };
const got = "property_get(c, 'o''k')";

it.each<[ColumnKind, Partial<FilterTarget>, FilterOperator, string | string[], string]>([
  ['text', {}, '=', "it's", "c = 'it''s'"],
  ['text', {}, '!=', 'a', "(c <> 'a' OR c IS NULL)"],
  ['text', {}, '<', 'a', "c < 'a'"],
  ['text', {}, '=~', '^a|b$', "c ~ '^a|b$'"],
  ['text', {}, '=~', '\\\\', "c ~ '[^\\s\\S]|\\\\'"],
  ['text', {}, '!~', 'a\\.b', "(c !~ '[^\\s\\S]|a\\.b' OR c IS NULL)"],
  ['text', {}, '!~', 'a', "(c !~ 'a' OR c IS NULL)"],
  ['text', {}, '=|', ['a', "b'"], "c IN ('a', 'b''')"],
  ['text', {}, '!=|', ['a', 'b'], "(c NOT IN ('a', 'b') OR c IS NULL)"],
  ['text', {}, 'contains', '50%_\\', "c LIKE '%50\\%\\_\\\\%' ESCAPE '\\'"],
  ['text', {}, 'not-contains', 'a', "(c NOT LIKE '%a%' ESCAPE '\\' OR c IS NULL)"],
  ['number', {}, '=', ' 5 ', 'c = 5'],
  ['number', {}, '>=', '-1.5e3', 'c >= -1.5e3'],
  ['number', {}, '=', '+.5', 'c = 0.5'],
  ['number', {}, '=|', ['1', '2'], 'c IN (1, 2)'],
  ['number', {}, '=~', '^1', "CAST(c AS VARCHAR) ~ '^1'"],
  ['number', { isLevel: true }, '=', 'Error', 'c = 2'],
  ['number', { isLevel: true }, '!=', 'critical', '(c <> 1 OR c IS NULL)'],
  ['number', { isLevel: true }, '<=', '3', 'c <= 3'],
  ['number', { isLevel: true }, '=|', ['warning', 'fatal'], 'c IN (3, 1)'],
  ['number', { isLevel: true }, '=~', 'err|warn', `${levels} ~ 'err|warn'`],
  ['boolean', {}, '=', 'True', 'c = true'],
  ['boolean', {}, '!=', '0', '(c <> false OR c IS NULL)'],
  ['time', {}, '>=', '2026-01-31T12:00:00Z', "c >= '2026-01-31T12:00:00.000Z'"],
  ['time', {}, '<', '2026-01-31T14:00:00+02:00', "c < '2026-01-31T12:00:00.000Z'"],
  ['time', {}, '<=', '2026-01-31 12:00', "c < '2026-01-31T12:01:00.000Z'"],
  ['time', {}, '>', '2026-01-31', "c >= '2026-02-01T00:00:00.000Z'"],
  ['time', {}, '>=', '2028-02-29T01:00+02:00', "c >= '2028-02-28T23:00:00.000Z'"],
  ['time', {}, '>=', '1769860800000-5m', "c >= '2026-01-31T11:55:00.000Z'"],
  ['time', {}, '<=', '1769860800000+250ms', "c < '2026-01-31T12:00:00.251Z'"],
  ['time', {}, '=', '1769860800000', "((c >= '2026-01-31T12:00:00.000Z' AND c < '2026-01-31T12:00:00.001Z'))"],
  ['time', {}, '=', '2026-01-31T12:00:00.123456789Z', "(c = '2026-01-31T12:00:00.123456789Z')"],
  [
    'time',
    {},
    '!=',
    '2026-01-31T12:00:00Z',
    "((c < '2026-01-31T12:00:00.000Z' OR c >= '2026-01-31T12:00:01.000Z') OR c IS NULL)",
  ],
  ['json', property, '=', 'a', `${got} = 'a'`],
  ['json', property, '!=', 'a', `(${got} <> 'a' OR ${got} IS NULL)`],
  ['json', property, '!=', '5', `(${got} <> '5' OR ${got} IS NULL)`],
  ['json', property, 'contains', '5', `${got} LIKE '%5%' ESCAPE '\\'`],
  ['json', property, '<', '5', `TRY_CAST(${got} AS DOUBLE) < 5`],
  ['json', property, '<', 'b', `${got} < 'b'`],
  ['bytes', {}, '=', 'ABcd', "encode(c, 'hex') = 'abcd'"],
])('%s %o: %s %j becomes %s', (kind, more, operator, value, expected) => {
  const [values, single] = Array.isArray(value) ? [value, ''] : [undefined, value];
  const condition = filterCondition(filter(operator, single, values), target(kind, more));
  // Conditions on times are in parentheses. To keep the table short, its strings omit them, except for `=` and `!=`.
  const shown = kind === 'time' && !['=', '!='].includes(operator) ? condition.replace(/^\((.*)\)$/, '$1') : condition;
  expect(shown).toBe(expected);
});

it('compares with `value` if a list filter has no `values`', () => {
  expect(filterCondition(filter('=|', 'a'), target('text'))).toBe("c IN ('a')");
});

it.each<[ColumnKind, FilterOperator, string, RegExp]>([
  ['number', '=', 'five', /"five", which is not a number/],
  ['number', '=', '1; DROP TABLE x', /not a number/],
  ['number', '=', '1e999', /not a number/],
  ['number', '=', '0x10', /not a number/],
  ['number', '=', '', /not a number/],
  ['boolean', '=', 'maybe', /not true or false/],
  ['boolean', '<', 'true', /operator </],
  ['time', '=', 'yesterday', /not a time/],
  ['time', '>', '2026-13-45', /not a time/],
  ['time', '=', '2026-02-31', /not a time/],
  ['time', '<', '2026-04-31T12:00:00.123456+02:00', /not a time/],
  ['time', '<=', '2027-02-29 12:00', /not a time/],
  ['time', '>', '9'.repeat(15), /not a time/],
  ['time', '=~', '2026', /operator =~|not a time/],
])('rejects %s %s %j', (kind, operator, value, message) => {
  const run = () => filterCondition(filter(operator, value), target(kind));
  expect(run).toThrow(message);
  expect(run).toThrow(ProxyError);
});

it('names the valid levels when a value is not a level', () => {
  expect(() => filterCondition(filter('=', 'loud'), target('number', { isLevel: true }))).toThrow(
    /a level such as critical, error/
  );
});

it('splits the names of macros in values so that they are not expanded', () => {
  expect(stringLiteral('cost $__interval')).toBe("('cost $' || '__interval')");
  expect(stringLiteral('${__from} $__to')).toBe("('$' || '{__from} $' || '__to')");
  expect(stringLiteral('$5 ${x}')).toBe("'$5 ${x}'");
});
