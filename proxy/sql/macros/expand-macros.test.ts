import { MACROS } from '../../../contract/sql/macros';
import { ProxyError } from '../../base/errors/proxy-error';
import { expandMacros } from './expand-macros';
import { grafanaInterval, sqlInterval } from './intervals';

const context = {
  fromMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  toMs: Date.UTC(2026, 0, 2, 4, 4, 5, 999),
  intervalMs: 10_000,
};
const FROM = '2026-01-02T03:04:05.678Z';
const TO = '2026-01-02T04:04:05.999Z';

const cases: Array<[name: string, sql: string, expected: string]> = [
  ['time filter', 'WHERE $__timeFilter(time)', `WHERE time >= '${FROM}' AND time <= '${TO}'`],
  ['time range', 'WHERE $__timeRange(t.time)', `WHERE t.time >= '${FROM}' AND t.time <= '${TO}'`],
  ['one end of the time range', '$__timeRangeFrom(a), $__timeRangeTo(b)', `a >= '${FROM}', b <= '${TO}'`],
  [
    'an earlier time range',
    "$__timeShift(time, '1d') $__timeShift(t.time, 1h)",
    "time >= '2026-01-01T03:04:05.678Z' AND time <= '2026-01-01T04:04:05.999Z' t.time >= '2026-01-02T02:04:05.678Z' AND t.time <= '2026-01-02T03:04:05.999Z'",
  ],
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
  [
    'time group with an interval',
    "$__timeGroup(time, '5m') $__timeGroup(time, 90s)",
    "date_bin(interval '300 second', time, timestamp '1970-01-01T00:00:00Z') date_bin(interval '90 second', time, timestamp '1970-01-01T00:00:00Z')",
  ],
  [
    "time group with the panel's interval in each notation",
    "$__timeGroup(time, $__interval) $__timeGroup(time, '$__interval') $__timeGroup(time, auto) $__timeGroup(time, $__interval_ms) $__timeGroup(time, '$__interval_ms')",
    Array<string>(5).fill("date_bin(interval '10 second', time, timestamp '1970-01-01T00:00:00Z')").join(' '),
  ],
  [
    'time group with interval, fill and alias',
    "$__timeGroupAlias(t.time, '1h', previous)",
    "date_bin(interval '3600 second', t.time, timestamp '1970-01-01T00:00:00Z') AS time",
  ],
  [
    'time group of months',
    "$__timeGroup(time, '3M')",
    "date_bin(interval '3 month', time, timestamp '1970-01-01T00:00:00Z')",
  ],
  [
    'date bin with an interval',
    "$__dateBin(time, '12h') $__dateBinAlias(time, interval '2 days')",
    "date_bin(interval '43200 second', time, timestamp '1970-01-01T00:00:00Z') date_bin(interval '48 hour', time, timestamp '1970-01-01T00:00:00Z') as time_binned",
  ],
  [
    'date bin of weeks',
    "$__dateBin(time, '1w')",
    "date_bin(interval '168 hour', time, timestamp '1970-01-05T00:00:00Z')",
  ],
  ['a condition', '$__conditionalAll(a = 1 OR f(b, 2), 7)', '(a = 1 OR f(b, 2))'],
  ['no ad hoc filters', 'WHERE $__adHocFilters AND x', 'WHERE true AND x'],
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
  ['globals in dollar quotes', "$$it's $__interval_ms$$, $__interval_ms", "$$it's 10000$$, 10000"],
  ['no SQL macros in dollar quotes', 'f($$__from $__timeFilter(x) $$)', 'f($$__from $__timeFilter(x) $$)'],
  ['escaped quotes', "E'\\'$__from', $__interval_ms", `E'\\'${context.fromMs}', 10000`],
  ['dollar signs that start no macro', "$1 $name '${x}'", "$1 $name '${x}'"],
];

it.each(cases)('returns the expected SQL: %s', (_name, sql, expected) => {
  expect(expandMacros(sql, context).toString()).toBe(expected);
});

const failing: Array<[name: string, sql: string, text: RegExp]> = [
  ['an unknown macro', 'SELECT $__nope(time)', /There is no macro \$__nope\. Known macros: \$__timeFilter/],
  ['a name from the prototype', 'SELECT $__constructor', /There is no macro \$__constructor/],
  ['a missing argument', '$__timeFilter()', /\$__timeFilter is written \$__timeFilter\(column\)/],
  ['one argument too many', '$__timeFilter(a, b)', /\$__timeFilter is written/],
  ['an unknown unit', '$__timeGroup(time, eon)', /units minute, hour, day, month, year, not "eon"/],
  ['zero milliseconds', '$__timeGroup(time, 0)', /takes an interval such as '5m' or auto.*not "0"/],
  ['an interval of zero', "$__dateBin(time, '0d')", /takes an interval such as '1d' or auto.*not "'0d'"/],
  ['an interval of more than ten years', "$__dateBin(time, '11y')", /at most ten years/],
  ['an unknown fill', "$__timeGroup(time, '5m', zero)", /fills with NULL, previous or a number, not with "zero"/],
  ['an unknown fill of bins', "$__dateBin(time, '1d', x)", /\$__dateBin fills with NULL, previous or a number/],
  ['a fill with a unit', '$__timeGroup(time, hour, 0)', /fills only with an interval/],
  ['an interval with an alias', "$__timeGroupAlias(time, '5x')", /\$__timeGroupAlias takes an interval/],
  ['a fill with an alias', "$__timeGroupAlias(time, '5m', x)", /\$__timeGroupAlias fills with NULL/],
  ['a fill with a unit and aliases', '$__timeGroupAlias(time, hour, 0)', /\$__timeGroupAlias fills only with/],
  ['an interval of bins with an alias', "$__dateBinAlias(time, '5x')", /\$__dateBinAlias takes an interval/],
  ['a fill of bins with an alias', "$__dateBinAlias(time, '1d', x)", /\$__dateBinAlias fills with NULL/],
  ['a variable without a value', '$__conditionalAll(exe IN ($exe), $exe)', /needs the dashboard variable exe/],
  ['a variable in braces', '$__conditionalAll(true, ${exe:csv})', /needs the dashboard variable exe/],
  ['an unclosed parenthesis', '$__timeFilter(time', /is not closed/],
];

it.each(failing)('rejects %s with a message', (_name, sql, message) => {
  expect(() => expandMacros(sql, context)).toThrow(message);
  expect(() => expandMacros(sql, context)).toThrow(ProxyError);
});

it('rejects a comparison of one value with a variable that has several values', () => {
  expect(() => expandMacros("SELECT 1 WHERE a < $__severalValues('ms')", context)).toThrow(
    expect.objectContaining({
      code: 'variable_several_values',
      position: { line: 1, column: 20, offset: 19 },
      message: expect.stringContaining('variable ms has'),
    })
  );
});

describe('the position of an error', () => {
  const errorOf = (sql: string): unknown => {
    try {
      return expandMacros(sql, context);
    } catch (reason) {
      return reason;
    }
  };

  it.each([
    ['an unknown macro', 'SELECT 1,\n  $__nope', { line: 2, column: 3, offset: 12 }],
    ['a character of two UTF-16 units before it', "SELECT '😀', $__nope", { line: 1, column: 13, offset: 13 }],
    ['wrong arguments', 'SELECT $__timeFilter(a, b)', { line: 1, column: 8, offset: 7 }],
    ['the inner one of nested macros', 'x $__timeFilter($__dateBin(a, eon))', { line: 1, column: 17, offset: 16 }],
    ['the outer one of nested macros', 'x $__dateBin($__dateBin(a), eon)', { line: 1, column: 3, offset: 2 }],
    ['an unclosed parenthesis', 'f($__timeFilter(a', { line: 1, column: 3, offset: 2 }],
  ])('is the start of the macro: %s', (_name, sql, position) => {
    expect(errorOf(sql)).toMatchObject({
      code: 'macro_invalid',
      position,
      message: expect.stringContaining(`(at line ${position.line}, column ${position.column})`),
    });
  });
});

describe('positions in the expanded SQL', () => {
  it('map to the query, or to the start of the macro whose expansion contains them', () => {
    const sql = "SELECT '$__interval', a FROM t WHERE $__timeFilter(time) /* $__x */ AND nope = $__timeFrom";
    const expanded = expandMacros(sql, context);
    const sent = expanded.toString();
    for (const part of ['SELECT', 'a FROM', 'WHERE', '/* $__x', 'nope']) {
      expect(`${part} ${expanded.sourceOffset(sent.indexOf(part))}`).toBe(`${part} ${sql.indexOf(part)}`);
    }
    expect(expanded.sourceOffset(sent.indexOf("'10s'") + 2)).toBe(sql.indexOf("'$__interval'"));
    expect(expanded.sourceOffset(sent.indexOf('AND time <='))).toBe(sql.indexOf('$__timeFilter'));
    expect(expanded.sourceOffset(sent.length)).toBe(sql.indexOf('$__timeFrom'));
  });

  it('are unchanged without macros', () => {
    expect(expandMacros('SELECT 1', context).sourceOffset(3)).toBe(3);
  });
});

it.each([
  ['$__dateBin(time)', '10s', undefined],
  ["$__timeGroup(time, '5m', NULL) FROM (SELECT $__dateBin(time) AS time)", '5m', 'null'],
  ["$__dateBin(time), $__timeGroup(time, '5m', -1.5)", '5m', -1.5],
  ["$__timeGroupAlias(time, '5m', 'previous'), $__timeGroup(x, '1h', 0)", '5m', 'previous'],
  ["$__dateBin(time, '1M')", '1M', undefined],
  ["$__timeGroup(x, '1h'), $__dateBin(time, '1d', 0)", '1d', 0],
])('reports the bins and the fill of the result: %s', (sql, width, fill) => {
  const expanded = expandMacros(sql, context);
  expect(expanded.bins?.width).toBe(width);
  expect(expanded.fill).toBe(fill);
});

it('bins days in the time zone of the dashboard, including clock changes', () => {
  const march = { fromMs: Date.UTC(2026, 2, 27), toMs: Date.UTC(2026, 2, 31), intervalMs: 1000 };
  expect(expandMacros("$__dateBin(t, '1d')", { ...march, timezone: 'Europe/Berlin' }).toString()).toBe(
    "CASE WHEN t < timestamp '2026-03-29T01:00:00Z' THEN date_bin(interval '24 hour', t, timestamp '1969-12-31T23:00:00Z')" +
      " WHEN t < timestamp '2026-03-29T22:00:00Z' THEN timestamp '2026-03-28T23:00:00Z'" +
      " ELSE date_bin(interval '24 hour', t, timestamp '1969-12-31T22:00:00Z') END"
  );
  expect(() => expandMacros("$__dateBin(t, '1d')", { ...march, timezone: 'Mars' })).toThrow(/"Mars".*unknown/);
  expect(() => expandMacros("$__dateBin(t, '1d')", { ...march, timezone: 'Ma\nrs\u202e' })).toThrow(
    'The time zone "Ma rs" of the dashboard is unknown'
  );
  expect(expandMacros("$__timeGroup(t, '1d')", { ...march, timezone: 'Europe/Berlin' }).toString()).toContain(
    '1970-01-01'
  );
});

it('includes the clock changes of other years if the query reads times outside the time range', () => {
  const day = { fromMs: Date.UTC(2026, 0, 2), toMs: Date.UTC(2026, 0, 3), intervalMs: 1000, timezone: 'Europe/Berlin' };
  const binned = (readsOtherTimes: boolean) =>
    expandMacros("$__dateBin(t, '1d')", { ...day, readsOtherTimes }).toString();
  expect(binned(false)).toBe("date_bin(interval '24 hour', t, timestamp '1969-12-31T23:00:00Z')");
  expect(binned(true)).toContain("WHEN t < timestamp '2021-03-28T01:00:00Z' THEN");
  expect(binned(true)).toContain("WHEN t < timestamp '2030-10-27T01:00:00Z' THEN");
});

it('expands the example of every macro', () => {
  for (const { name, example } of MACROS) {
    expect(example).toContain(`$__${name}`);
    const resolved = example.replaceAll('$exe', "'a'");
    expect(expandMacros(resolved, context).toString()).not.toContain('$');
  }
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
])('writes %d ms as Grafana writes intervals', (ms, expected) => {
  expect(grafanaInterval(ms)).toBe(expected);
});
