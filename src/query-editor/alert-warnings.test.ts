import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { alertWarnings, firstVariable } from './alert-warnings';

const frame = (...types: FieldType[]): DataFrame =>
  toDataFrame({ fields: types.map((type, index) => ({ name: `f${index}`, type, values: [] })) });
const { time, number, string } = FieldType;

it.each([
  ['SELECT $__timeFrom() FROM t WHERE $__timeFilter(time)', undefined],
  ['SELECT ${__from:date} FROM t', undefined],
  ["SELECT a FROM t WHERE b ~ '^a$'", undefined],
  ["SELECT a FROM t WHERE b = '$1'", undefined],
  ["SELECT a FROM t WHERE b = '$process'", '$process'],
  ['SELECT a FROM t WHERE b IN (${process:csv})', '${process:csv}'],
  ["SELECT a FROM t WHERE b = '[[process]]'", '[[process]]'],
])('finds the dashboard variable in %s', (sql, expected) => {
  expect(firstVariable(sql)).toBe(expected);
});

it('searches hostile text in linear time', () => {
  expect(firstVariable('${a'.repeat(300_000))).toBeUndefined();
  expect(firstVariable('[[a'.repeat(300_000))).toBeUndefined();
});

it.each([
  ['log lines', 'logs', [], /refuse log lines/],
  ['a time series without a time', 'time_series', [frame(number)], /needs a column with the name time/],
  ['a table with a time', 'table', [frame(time, number)], /refuse a table with a time column/],
  ['a table with two numbers', 'table', [frame(string, number, number)], /exactly one column with numbers/],
  ['a table without a number', 'table', [frame(string)], /exactly one column with numbers/],
] as const)('warns about %s', (_name, format, frames, expected) => {
  expect(alertWarnings({ query: 'SELECT 1', format }, [...frames])).toEqual([expect.stringMatching(expected)]);
});

it.each([
  ['a time series', 'time_series', [frame(time, number)]],
  ['one row per label set', 'table', [frame(string, number)]],
  ['one number', 'table', [frame(number)]],
  ['an empty result', 'table', [frame()]],
  ['a query that has not run', 'table', []],
] as const)('accepts %s', (_name, format, frames) => {
  expect(alertWarnings({ query: 'SELECT 1', format }, [...frames])).toEqual([]);
});

it('names the dashboard variable that a rule cannot use', () => {
  expect(alertWarnings({ query: "SELECT a FROM t WHERE b = '$process'", format: 'table' }, [])).toEqual([
    'Alert rules have no dashboard variables. Replace $process by a value.',
  ]);
});
