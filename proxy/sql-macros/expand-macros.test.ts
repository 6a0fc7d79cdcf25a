import { ProxyError } from '../errors/proxy-error';
import { expandMacros } from './expand-macros';
import { grafanaInterval, sqlInterval } from './macros';

const context = {
  fromMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  toMs: Date.UTC(2026, 0, 2, 4, 4, 5, 999),
  intervalMs: 10_000,
};
const FROM = '2026-01-02T03:04:05Z';
const TO = '2026-01-02T04:04:05Z';

const cases: Array<[name: string, sql: string, expected: string]> = [
  ['time filter', 'WHERE $__timeFilter(time)', `WHERE time >= '${FROM}' AND time <= '${TO}'`],
  ['time range', 'WHERE $__timeRange(t.time)', `WHERE t.time >= '${FROM}' AND t.time <= '${TO}'`],
  ['one end of the time range', '$__timeRangeFrom(a), $__timeRangeTo(b)', `a >= '${FROM}', b <= '${TO}'`],
  ['ends of the time range without parentheses', 'x > $__timeFrom', `x > cast('${FROM}' as timestamp)`],
  ['ends of the time range with parentheses', 'x < $__timeTo()', `x < cast('${TO}' as timestamp)`],
  ['interval', 'date_bin($__interval, time)', "date_bin(interval '10 second', time)"],
  ['interval in milliseconds', 'x / $__interval_ms', 'x / 10000'],
  ['date bin', '$__dateBin(time)', "date_bin(interval '10 second', time, timestamp '1970-01-01T00:00:00Z')"],
  [
    'date bin with alias',
    '$__dateBinAlias(time)',
    "date_bin(interval '10 second', time, timestamp '1970-01-01T00:00:00Z') as time_binned",
  ],
  ['alias of a quoted column', '$__timeGroupAlias(t."begin", year)', 'datepart(\'year\', t."begin") as begin_year'],
  [
    'time group',
    '$__timeGroup(time, hour)',
    "datepart('hour', time),datepart('day', time),datepart('month', time),datepart('year', time)",
  ],
  [
    'time group with aliases',
    '$__timeGroupAlias(time, month)',
    "datepart('month', time) as time_month,datepart('year', time) as time_year",
  ],
  ['macros that the Go plugin replaced with nothing', 'a $__table b $__column c', 'a  b  c'],
  ['nested parentheses', '$__timeRangeFrom(coalesce(a, (b)))', `coalesce(a, (b)) >= '${FROM}'`],
  ['a comma in quotes', "$__timeRangeFrom(f('a,(b'))", `f('a,(b') >= '${FROM}'`],
  ['a macro in an argument', '$__timeRangeFrom(f($__interval_ms))', `f(10000) >= '${FROM}'`],
  [
    'a parenthesis that belongs to the SQL',
    'x IN ($__interval_ms) AND $__timeFrom (1)',
    `x IN (10000) AND cast('${FROM}' as timestamp) (1)`,
  ],
  ['globals of Grafana', '$__from ${__to} $__range_s $__range_ms', `${context.fromMs} ${context.toMs} 3600 3600321`],
  ['globals in quotes', "date_bin('$__interval', time)", "date_bin('10s', time)"],
  ['no SQL macros in quotes', "'$__timeFilter(time)'", "'$__timeFilter(time)'"],
  ['no macros in comments', '1 -- $__timeFilter(\n/* $__nope */ + 1', '1 -- $__timeFilter(\n/* $__nope */ + 1'],
  ['no macros in quoted identifiers', '"$__interval"', '"$__interval"'],
  ['no other dollar signs', "$1 $name '${x}'", "$1 $name '${x}'"],
];

it.each(cases)('returns the expected SQL: %s', (_name, sql, expected) => {
  expect(expandMacros(sql, context)).toBe(expected);
});

const failing: Array<[name: string, sql: string, text: RegExp]> = [
  ['an unknown macro', 'SELECT $__nope(time)', /There is no macro \$__nope\. Known macros: \$__timeFilter/],
  ['a name from the prototype', 'SELECT $__constructor', /There is no macro \$__constructor/],
  ['a missing argument', '$__timeFilter()', /\$__timeFilter is written \$__timeFilter\(column\)/],
  ['an argument too many', '$__timeFilter(a, b)', /\$__timeFilter is written/],
  ['an unknown unit', '$__timeGroup(time, eon)', /units minute, hour, day, month, year, not "eon"/],
  ['an unclosed parenthesis', '$__timeFilter(time', /is not closed/],
];

it.each(failing)('fails with a message about %s', (_name, sql, text) => {
  expect(() => expandMacros(sql, context)).toThrow(text);
  expect(() => expandMacros(sql, context)).toThrow(ProxyError);
});

it.each([
  [0, "interval '1 millisecond'"],
  [500, "interval '500 millisecond'"],
  [1000, "interval '1 second'"],
  [1500, "interval '1500 millisecond'"],
  [60_000, "interval '60 second'"],
])('writes %d ms as an SQL interval of at least 1 ms', (ms, expected) => {
  expect(sqlInterval(ms)).toBe(expected);
});

it.each([
  [500, '500ms'],
  [90_000, '90s'],
  [300_000, '5m'],
  [7_200_000, '2h'],
  [86_400_000, '1d'],
])('writes %d ms as Grafana does', (ms, expected) => {
  expect(grafanaInterval(ms)).toBe(expected);
});
