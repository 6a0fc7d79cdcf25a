/** The numbers of alert rules: their SQL, the way back from SQL to the state, and what they return without rows. */
import { useLakehouse } from '../../demo/lakehouse/lakehouse-fixture';
import { expandMacros } from '../../proxy/sql/macros/expand-macros';
import { type ParseStatements } from '../sql/sql-parser';
import { loadParser } from '../sql/testing/load-parser';
import { builderQuery } from './builder-sql';
import { type BuilderState, type MetricsState, type TableState } from './builder-state';
import { newState } from './new-state';
import { readBuilderSql } from './read-sql';
import { windowMsOf, windowNumber } from './window-number';

const fixture = useLakehouse();
const HOUR_MS = 3_600_000;

let parse: ParseStatements;
beforeAll(() => {
  parse = loadParser();
});

const errors: TableState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: '*', aggregation: 'count', alias: 'errors' }],
  conditions: [{ column: 'level', type: 'number', operator: '<=', values: ['error'] }],
  newestFirst: true,
};
const byProgram: TableState = {
  ...errors,
  columns: [{ column: 'exe' }, ...errors.columns],
  groupBy: [{ column: 'exe' }],
};
const byLevel: TableState = { ...errors, groupBy: [{ column: 'level' }, { column: 'exe' }] };
const queries: TableState = {
  ...errors,
  table: 'log_stats',
  time: { column: 'time_bin', interval: '10m' },
  columns: [{ column: 'count', aggregation: 'sum' }],
};
const frameTime: MetricsState = { ...newState('metrics'), name: 'frame_time_ms', unit: 'ms', aggregation: 'p95' };
const exe = [{ column: 'exe' }];
const share: TableState = {
  ...errors,
  columns: [{ raw: '100.0 * sum(CASE WHEN level <= 2 THEN 1 ELSE 0 END) / count(*) AS share' }],
  conditions: [],
};

const numberOf = (state: BuilderState): BuilderState => {
  const number = windowNumber(state, windowMsOf(state));
  if (number === undefined) {
    throw new Error('The state has no number.');
  }
  return number;
};

/** The rows of a query as strings, in the hour that ends `endMs` before the clock of the lakehouse. */
async function rowsOf(state: BuilderState, endMs = 0): Promise<string[]> {
  const toMs = fixture.clockMs - endMs;
  const range = { fromMs: toMs - HOUR_MS, toMs };
  const sql = expandMacros(builderQuery(state).sql, { ...range, intervalMs: 1000 }).toString();
  const headers = {
    query_range_begin: new Date(range.fromMs).toISOString(),
    query_range_end: new Date(range.toMs).toISOString(),
  };
  return (await fixture.client.rows(sql, headers)).map((row) => Object.values(row).join(' | ')).sort();
}

const series: Array<[name: string, state: BuilderState]> = [
  ['a count', errors],
  ['a count of each program', byProgram],
  ['a count of each level', byLevel],
  ['a count of each selected level', { ...errors, columns: [{ column: 'level' }, ...errors.columns] }],
  ['a sum', queries],
  ['a sum in groups', { ...queries, groupBy: [{ column: 'target' }] }],
  ['a share', share],
  ['a percentile', frameTime],
  ['a percentile of each program', { ...frameTime, groupBy: exe }],
  ['a rate', { ...frameTime, aggregation: 'rate', groupBy: exe }],
  ['a sum of a measure', { ...frameTime, aggregation: 'sum', groupBy: exe }],
  ['a rate of increments', { ...frameTime, aggregation: 'increment-rate' }],
];

it.each(series)('reads the number of %s back from its SQL', (_name, state) => {
  const number = numberOf(state);
  const { sql, format } = builderQuery(number);
  expect(format).toBe('table');
  expect(readBuilderSql(sql, number.kind, parse)).toEqual(number);
});

it.each(series)('runs the number of %s', async (_name, state) => {
  const rows = await rowsOf(numberOf(state));
  expect(rows.length).toBeGreaterThan(0);
});

it('writes a count of each program over the last five minutes of the range', () => {
  expect(builderQuery(numberOf(byProgram)).sql).toBe(
    [
      'SELECT',
      '  exe,',
      "  count(CASE WHEN time >= $__timeTo() - interval '5 minutes' THEN 1 END) AS errors",
      'FROM log_entries',
      'WHERE $__timeFilter(time)',
      '  AND level <= 2',
      'GROUP BY exe',
    ].join('\n')
  );
});

it('counts rows if the author has chosen no column', () => {
  const count: TableState = { ...errors, columns: [{ column: '', aggregation: 'count' }, { column: '' }] };
  expect(builderQuery(numberOf(count)).sql).toContain('count(CASE WHEN time >=');
  expect(builderQuery(numberOf(count)).sql).toContain('THEN 1 END) AS count');
});

it('uses the interval of the series if it is longer than five minutes', () => {
  expect(builderQuery(numberOf(queries)).sql).toContain("interval '10 minutes'");
  expect(builderQuery(numberOf({ ...errors, time: { column: 'time', interval: '30s' } })).sql).toContain(
    "interval '5 minutes'"
  );
});

it('returns 0 for a count without rows, and for programs that had rows before', async () => {
  const never: TableState = {
    ...errors,
    conditions: [{ column: 'target', type: 'text', operator: '=', values: ['x'] }],
  };
  expect(await rowsOf(numberOf(never))).toEqual(['0']);
  expect(await rowsOf(numberOf({ ...never, ...queries, conditions: never.conditions }))).toEqual(['0']);
  expect(await rowsOf(numberOf({ ...frameTime, name: 'x', aggregation: 'sum' }))).toEqual(['0']);
  const rows = await rowsOf(numberOf({ ...byProgram, conditions: [] }));
  expect(rows.filter((row) => row.endsWith(' | 0'))).toEqual(['flight-sql-srv | 0']);
});

it('has no row for a program that was never seen in the range', async () => {
  const never: TableState = {
    ...byProgram,
    conditions: [{ column: 'exe', type: 'text', operator: '=', values: ['never'] }],
  };
  expect(await rowsOf(numberOf(never))).toEqual([]);
});

it.each<[name: string, state: BuilderState]>([
  ['log lines', newState('logs')],
  ['a table without intervals', { ...errors, time: { column: 'time' } }],
  ['two numbers', { ...errors, columns: [...errors.columns, { column: 'level', aggregation: 'avg' }] }],
  ['groups in SQL', { ...errors, groupBy: [{ raw: 'lower(exe)' }] }],
  ['a number', { ...frameTime, shape: 'number' }],
  ['a measure without a name', newState('metrics')],
])('has no number for %s', (_name, state) => {
  expect(windowNumber(state, HOUR_MS)).toBeUndefined();
});
