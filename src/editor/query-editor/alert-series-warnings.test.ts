/** @jest-environment jsdom */
import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type MetricsState, type TableState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { alertWarnings } from './alert-warnings';

const HOUR_MS = 3_600_000;
const EXPRESSION = { type: '__expr__', uid: '__expr__' };
const source = (refId: string): DataQuery => ({ refId, datasource: { uid: 'mm' } });
const expression = (refId: string, fields: object): DataQuery => ({ refId, datasource: EXPRESSION, ...fields });
const LAST = expression('B', { type: 'reduce', expression: 'A', reducer: 'last' });

const SUM = expression('B', { type: 'reduce', expression: 'A', reducer: 'sum' });

/** A rule that does not read the last value. */
const ADDED = [source('A'), SUM];

const SERIES = { format: 'time_series' } as const;
const unfilled = { ...SERIES, query: "SELECT $__dateBin(time, '5m') AS time, exe, count(*) AS n FROM t GROUP BY 1, 2" };
const filled = { ...SERIES, query: unfilled.query.replace("'5m'", "'5m', 0") };

/** A frame for each series, from the times of its rows. */
const frames = (...series: number[][]): DataFrame[] =>
  series.map((times) =>
    toDataFrame({
      fields: [
        { name: 'time', type: FieldType.time, values: times },
        { name: 'n', type: FieldType.number, values: times.map(() => 1) },
      ],
    })
  );

interface Rule {
  frames?: DataFrame[];
  queries?: DataQuery[];
  intervalMs?: number;
  hours?: number;
}

function warningsOf(query: MicromegasQueryFields, rule: Rule = {}): string[] {
  const { queries = [source('A'), LAST], intervalMs = 1000, hours = 6 } = rule;
  const context = { refId: 'A', intervalMs, rangeMs: hours * HOUR_MS, queries };
  return alertWarnings(query, rule.frames ?? [], [], context);
}

const table: TableState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: '5m' },
  columns: [{ column: '*', aggregation: 'count' }],
  groupBy: [{ column: 'exe' }],
  limit: undefined,
};
const metrics: MetricsState = {
  ...newState('metrics'),
  name: 'sent',
  aggregation: 'sum',
  interval: '5m',
  groupBy: [{ column: 'exe' }],
};
const built = (state: TableState | MetricsState) => ({
  query: builderQuery(state).sql,
  builder: state,
  rawEditor: false,
});

it.each<[name: string, query: MicromegasQueryFields, rule: Rule, expected: RegExp]>([
  [
    'too many intervals to draw',
    { ...SERIES, query: 'SELECT $__dateBin(time) AS time, 1.0 AS n' },
    { queries: ADDED },
    /^The range has 21,600 intervals of 1s\. Set a longer/,
  ],
  [
    'too many intervals to fill',
    { ...SERIES, query: 'SELECT $__dateBin(time) AS time, 1.0 AS n', fillMode: 'zero' },
    { queries: ADDED },
    /^Gaps are not filled: the range has 21,600 intervals of 1s, and 11,000/,
  ],
  [
    'too many intervals of the builder',
    { ...SERIES, ...built({ ...table, time: { column: 'time', interval: '1s', fill: 'zero' } }) },
    { queries: ADDED },
    /21,600 intervals of 1s/,
  ],
  [
    'the last value of a series that ends early',
    unfilled,
    { frames: frames([1, 2, 3], [1, 2]) },
    /^The rule reads the last value of each series \(expression B\)/,
  ],
  [
    'the last value of counts in groups, before the query has run',
    { ...SERIES, ...built(table) },
    {},
    /^The rule reads the last value of each series/,
  ],
  [
    'the last value of sums in groups, before the query has run',
    { ...SERIES, ...built(metrics) },
    {},
    /^The rule reads the last value of each series/,
  ],
  [
    'the last value in a classic condition',
    unfilled,
    {
      frames: frames([1], [1, 2]),
      queries: [
        expression('C', {
          type: 'classic_conditions',
          conditions: [{ query: { params: ['A'] }, reducer: { type: 'last' } }],
        }),
      ],
    },
    /^The rule reads the last value of each series \(expression C\)/,
  ],
  [
    'the last value in an expression that names the query as a variable',
    unfilled,
    {
      frames: frames([1], [1, 2]),
      queries: [expression('B', { type: 'reduce', expression: '$A', reducer: 'last' })],
    },
    /^The rule reads the last value of each series \(expression B\)/,
  ],
  [
    'the last value in an expression with a special character',
    unfilled,
    {
      frames: frames([1], [1, 2]),
      queries: [expression('<B> & C', { type: 'reduce', expression: 'A', reducer: 'last' })],
    },
    /\(expression <B> & C\)/,
  ],
  [
    'the last value of counts that are filled with zero, as in a new alert rule of a panel',
    { ...SERIES, ...built({ ...table, time: { column: 'time', interval: '30s', fill: 'zero' } }) },
    { hours: 1 },
    /an interval without rows is 0\. A row counts only while its interval is the last one.*function Sum\.$/,
  ],
  [
    'the last value of a series that the query fills with zero',
    { ...unfilled, fillMode: 'zero' },
    {},
    /an interval without rows is 0/,
  ],
  ['the last value of a series that a macro fills with zero', filled, {}, /an interval without rows is 0/],
  [
    'the last value of intervals that are shorter than a minute',
    { ...SERIES, query: "SELECT $__dateBin(time, '30s') AS time, avg(value) AS n FROM t GROUP BY 1" },
    { hours: 1 },
    /An interval is 30s, so a rule that is evaluated every minute does not read the intervals between/,
  ],
  [
    'a ratio in an expression with a special character',
    unfilled,
    { queries: [source('A'), source('B'), expression("A's rate", { type: 'math', expression: '$A / ${B}' })] },
    /^The expression A's rate only/,
  ],
  [
    'a ratio of series with gaps',
    unfilled,
    { queries: [source('A'), source('B'), expression('C', { type: 'math', expression: '$A / ${B}' })] },
    /^The expression C only joins values with the same time/,
  ],
  [
    'a result with as many rows as its row limit',
    { ...unfilled, rowLimit: 3 },
    { frames: frames([1, 2], [2]) },
    /as many rows as its limit of 3/,
  ],
  [
    'a result with as many rows as the limit of the builder',
    { ...SERIES, ...built({ ...table, limit: '2' }) },
    { frames: frames([1, 2]) },
    /its limit of 2/,
  ],
  [
    'the limit of the builder if gaps are filled',
    { ...SERIES, ...built({ ...table, time: { column: 'time', interval: '5m', fill: 'zero' }, limit: '2' }) },
    { frames: frames([1, 2]), queries: ADDED },
    /^The limit of 2 may remove rows/,
  ],
])('warns about %s', (_name, query, rule, expected) => {
  expect(warningsOf(query, rule)).toEqual([expect.stringMatching(expected)]);
});

it.each<[name: string, query: MicromegasQueryFields, rule: Rule]>([
  ['filled series', filled, { frames: frames([1, 2, 3], [1, 2]), queries: ADDED }],
  [
    'series that are filled with the previous value',
    { ...unfilled, fillMode: 'previous' },
    { frames: frames([1, 2, 3], [1, 2]) },
  ],
  ['series that end at the same time', unfilled, { frames: frames([1, 2, 3], [1, 3]) }],
  ['other reducers', unfilled, { frames: frames([1, 2], [1]), queries: [SUM] }],
  [
    'the last value of another query',
    unfilled,
    { frames: frames([1, 2], [1]), queries: [expression('C', { type: 'reduce', expression: 'B', reducer: 'last' })] },
  ],
  [
    'filled ratios',
    filled,
    { queries: [source('A'), source('B'), expression('C', { type: 'math', expression: '$A / $B' })] },
  ],
  [
    'ratios of expressions',
    unfilled,
    { queries: [source('A'), expression('B', {}), expression('C', { type: 'math', expression: '$A / $B' })] },
  ],
  [
    'a longer interval of the rule',
    { ...SERIES, query: 'SELECT $__dateBin(time) AS time, 1.0 AS n' },
    { intervalMs: 60_000 },
  ],
  ['a result below its row limit', { ...unfilled, rowLimit: 4 }, { frames: frames([1, 2], [2]) }],
  [
    'the row limit of a filled result, because a rule at the limit fails with an error anyway',
    { ...filled, rowLimit: 2 },
    { frames: frames([1, 2], [1, 2]), queries: ADDED },
  ],
  [
    'counts in groups that are filled and added',
    { ...SERIES, ...built({ ...table, time: { column: 'time', interval: '5m', fill: 'zero' } }) },
    { queries: ADDED },
  ],
])('does not warn about %s', (_name, query, rule) => {
  expect(warningsOf(query, rule)).toEqual([]);
});
