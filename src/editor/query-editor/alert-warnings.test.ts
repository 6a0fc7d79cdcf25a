/** @jest-environment jsdom */
import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState, type TableState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { alertWarnings } from './alert-warnings';

const frame = (...types: FieldType[]): DataFrame =>
  toDataFrame({ fields: types.map((type, index) => ({ name: `f${index}`, type, values: [] })) });
const { time, number, string, boolean, other } = FieldType;

/** A table with a column of numbers, and columns of strings. */
function rows(numbers: number[], ...strings: string[][]): DataFrame {
  const fields = strings.map((values, index) => ({ name: `t${index}`, type: string, values }));
  return toDataFrame({ fields: [...fields, { name: 'n', type: number, values: numbers }] });
}

it.each([
  ['log lines', 'logs', [], /reject log lines/],
  ['a time series without a time', 'time_series', [frame(number)], /needs a column with the name time/],
  ['a table with a time', 'table', [frame(time, number)], /reject a table with a time column/],
  ['a table with two numbers', 'table', [frame(string, number, number)], /exactly one column with numbers/],
  ['a table without a number', 'table', [frame(string)], /exactly one column with numbers/],
  ['a time series without a number', 'time_series', [frame(time, string)], /needs a column with numbers/],
  ['a table with a boolean', 'table', [frame(string, number, boolean)], /all columns must be text/],
  ['a table with JSON', 'table', [frame(string, number, other)], /all columns must be text/],
  ['several numbers without a string', 'table', [rows([1, 2])], /several rows without a text/],
  [
    'rows with the same strings',
    'table',
    [rows([1, 2, 3], ['a', 'b', 'a'], ['x', 'y', 'x'])],
    /rows with the same texts/,
  ],
] as const)('warns about %s', (_name, format, frames, expected) => {
  expect(alertWarnings({ query: 'SELECT 1', format }, [...frames])).toEqual([expect.stringMatching(expected)]);
});

it.each([
  ['a time series', 'time_series', [frame(time, number)]],
  ['one row per label set', 'table', [frame(string, number)]],
  ['one number', 'table', [frame(number)]],
  ['rows with different strings', 'table', [rows([1, 2], ['a', 'a'], ['x', 'y'])]],
  ['several frames with one row each', 'table', [rows([1]), rows([1])]],
  ['an empty result', 'table', [frame()]],
  ['a query that has not run', 'table', []],
] as const)('accepts %s', (_name, format, frames) => {
  expect(alertWarnings({ query: 'SELECT 1', format }, [...frames])).toEqual([]);
});

it('names the dashboard variable that a rule cannot use', () => {
  expect(alertWarnings({ query: "SELECT a FROM t WHERE b = '$process'", format: 'table' }, [])).toEqual([
    'Alert rules have no dashboard variables. Replace $process with a value.',
  ]);
});

describe('before a result', () => {
  const table: TableState = {
    kind: 'table',
    table: 'log_entries',
    columns: [],
    conditions: [],
    groupBy: [],
    orderBy: [],
  };
  const count = { column: '*', aggregation: 'count' } as const;

  /** Warnings for a query that the builder made. */
  function warningsFor(state: BuilderState, change = {}): string[] {
    const { sql, ...options } = builderQuery(state);
    return alertWarnings({ ...options, query: sql, builder: state, rawEditor: false, ...change }, []);
  }

  it.each<[string, BuilderState, RegExp]>([
    ['all columns of a table', table, /exactly one column with numbers/],
    ['two aggregates', { ...table, columns: [count, { column: 'level', aggregation: 'avg' }] }, /exactly one/],
    ['a time', { ...table, time: { column: 'time' }, columns: [{ column: 'time' }, count] }, /a table with a time/],
    ['times without a number', { ...table, time: { column: 'time', interval: 'auto' } }, /needs a column with numbers/],
    ['processes', newState('processes'), /a table with a time/],
    ['logs', newState('logs'), /reject log lines/],
  ])('warns about %s in the builder', (_name, state, expected) => {
    expect(warningsFor(state)).toEqual([expect.stringMatching(expected)]);
  });

  it.each<[string, BuilderState]>([
    ['a measure', { ...newState('metrics'), kind: 'metrics', name: 'cpu' } as BuilderState],
    ['one aggregate', { ...table, columns: [{ column: 'exe' }, count], groupBy: [{ column: 'exe' }] }],
    ['a series', { ...table, time: { column: 'time', interval: 'auto' }, columns: [count] }],
    ['a state without a table', { ...table, table: '' }],
  ])('accepts %s in the builder', (_name, state) => {
    expect(warningsFor(state)).toEqual([]);
  });

  it('ignores the builder state of edited SQL', () => {
    expect(warningsFor(table, { query: 'SELECT 1' })).toEqual([]);
    expect(warningsFor(table, { rawEditor: true })).toEqual([]);
  });

  it('prefers the result to the builder state', () => {
    const { sql } = builderQuery(table);
    expect(alertWarnings({ query: sql, builder: table, rawEditor: false }, [rows([1])])).toEqual([]);
  });
});
