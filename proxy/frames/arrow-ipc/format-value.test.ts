import { formatDate, formatDecimal, formatInterval, formatTimestamp } from './format-value';

it.each([
  ['whole seconds', formatTimestamp(0n, 'second'), '1970-01-01T00:00:00Z'],
  ['nanoseconds', formatTimestamp(1_767_323_045_123_456_789n, 'nanosecond'), '2026-01-02T03:04:05.123456789Z'],
  ['times before 1970', formatTimestamp(-1n, 'nanosecond'), '1969-12-31T23:59:59.999999999Z'],
  ['milliseconds', formatTimestamp(1500n, 'millisecond'), '1970-01-01T00:00:01.5Z'],
  ['a number for times beyond the range of a Date', formatTimestamp(2n ** 62n, 'second'), '4611686018427387904'],
  ['days', formatDate(-1), '1969-12-31'],
  ['a number for days beyond the range of a Date', formatDate(2 ** 31 - 1), '2147483647'],
  ['empty intervals', formatInterval(0, 0, 0n), 'PT0S'],
  ['intervals', formatInterval(1, -2, 3_500_000_000n), 'P1M-2DT3.5S'],
  ['intervals of 100 seconds', formatInterval(0, 0, 100_000_000_000n), 'PT100S'],
  ['decimals', formatDecimal(-12345n, 2), '-123.45'],
  ['small decimals', formatDecimal(5n, 3), '0.005'],
  ['decimals with negative scale', formatDecimal(5n, -2), '500'],
])('writes %s', (_, value, expected) => {
  expect(value).toBe(expected);
});
