import { timeBinsOf } from './time-bins';

it.each([
  ['$__dateBin(time)', 1000, false],
  ["$__dateBin(time, '5m')", 300_000, false],
  ["$__dateBin(time, '1d', 0)", 86_400_000, true],
  ['$__timeGroup(coalesce(time, other), auto)', 1000, false],
  ["$__timeGroupAlias(time, $__interval, 'previous')", 1000, true],
  ["$__timeGroup(time, '${__interval}', 0)", 1000, true],
  ['$__dateBin(time, ${__interval_ms})', 1000, false],
  ["$__timeGroup(time, '5m', NULL)", 300_000, false],
  ["$__dateBin(time, '$every')", undefined, false],
  ["$__dateBin(time), $__timeGroup(time, '10s', 0)", 10_000, true],
  ["-- $__dateBin(time)\n$__dateBin(time, '1h')", 3_600_000, false],
])('reads the interval of %s, and whether gaps are filled', (sql, intervalMs, isFilled) => {
  expect(timeBinsOf(`SELECT ${sql} FROM t`, 1000)).toMatchObject({ intervalMs, isFilled });
});

it.each([
  ["$__dateBin(time, '5m', 0)", true],
  ["$__dateBin(time, '5m', 0.0)", true],
  ["$__dateBin(time, '5m', 1)", false],
  ["$__dateBin(time, '5m', previous)", false],
  ["$__dateBin(time, '5m')", false],
])('reads whether %s fills gaps with zero', (sql, isZeroFilled) => {
  expect(timeBinsOf(`SELECT ${sql} FROM t`, 1000)).toMatchObject({ isZeroFilled });
});

it('returns undefined without a macro, and for a call without a closing parenthesis', () => {
  expect(timeBinsOf('SELECT time FROM t', 1000)).toBeUndefined();
  expect(timeBinsOf('SELECT $__dateBin(time', 1000)).toBeUndefined();
});
