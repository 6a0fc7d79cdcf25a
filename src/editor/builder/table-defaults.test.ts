import { type SelectedColumn, type TableState } from '../../../contract/builder/builder-state';
import { newColumn, withTableDefaults } from './table-defaults';

const COUNT: SelectedColumn = { column: '*', aggregation: 'count' };

function stateOf(patch: Partial<TableState>): TableState {
  return {
    kind: 'table',
    table: 'log_entries',
    time: { column: 'time' },
    columns: [],
    conditions: [],
    groupBy: [],
    orderBy: [],
    ...patch,
  };
}

const GROUPED = { groupBy: [{ column: 'exe' }] };
const BINNED = { time: { column: 'time', interval: 'auto' } };

const FILLED = { time: { column: 'time', interval: 'auto', fill: 'zero' } } as const;
const AVERAGE: SelectedColumn = { column: 'level', aggregation: 'avg' };

it.each<[name: string, before: Partial<TableState>, after: Partial<TableState>, fill: string | undefined]>([
  ['zero for a new count by time', {}, BINNED, 'zero'],
  [
    'zero for a new count by time and program',
    { ...GROUPED, columns: [COUNT] },
    { ...GROUPED, ...BINNED, columns: [COUNT] },
    'zero',
  ],
  ['zero for a sum', BINNED, { ...BINNED, columns: [{ column: 'level', aggregation: 'sum' }] }, 'zero'],
  [
    'zero for a count beside the column of a group',
    { columns: [{ column: 'exe' }, COUNT], ...GROUPED },
    { columns: [{ column: 'exe' }, COUNT], ...GROUPED, ...BINNED },
    'zero',
  ],
  [
    'nothing if one of the aggregates is an average',
    { ...FILLED, columns: [COUNT] },
    { ...FILLED, columns: [COUNT, AVERAGE] },
    undefined,
  ],
  [
    'nothing for an expression',
    { ...FILLED, columns: [COUNT] },
    { ...FILLED, columns: [{ raw: 'max(level)' }] },
    undefined,
  ],
  [
    'nothing without an interval',
    { ...FILLED, columns: [COUNT] },
    { time: { column: 'time', fill: 'zero' } },
    undefined,
  ],
  ['nothing if the author chose Off', { ...FILLED, columns: [COUNT] }, { ...BINNED, columns: [COUNT] }, undefined],
  [
    'nothing for a saved count that did not fill gaps',
    { ...BINNED, columns: [COUNT] },
    { time: { column: 'time', interval: '5m' }, columns: [COUNT] },
    undefined,
  ],
  [
    'the previous value if the author has chosen it',
    { time: { ...FILLED.time, fill: 'previous' }, columns: [AVERAGE] },
    { time: { ...FILLED.time, fill: 'previous' }, columns: [COUNT] },
    'previous',
  ],
])('fills gaps with %s', (_name, before, after, fill) => {
  expect(withTableDefaults(stateOf(before), stateOf(after)).time?.fill).toBe(fill);
});

interface Case {
  name: string;
  before: Partial<TableState>;
  after: Partial<TableState>;
  columns: SelectedColumn[];
}

const cases: Case[] = [
  { name: 'counts the rows of groups', before: {}, after: GROUPED, columns: [COUNT] },
  { name: 'counts the rows of time intervals', before: {}, after: BINNED, columns: [COUNT] },
  {
    name: 'does not add a count to another aggregate',
    before: { columns: [{ column: 'level', aggregation: 'min' }] },
    after: { ...GROUPED, columns: [{ column: 'level', aggregation: 'min' }] },
    columns: [{ column: 'level', aggregation: 'min' }],
  },
  {
    name: 'removes the preset count when the groups are removed',
    before: { ...GROUPED, columns: [COUNT] },
    after: { columns: [COUNT] },
    columns: [],
  },
  {
    name: 'selects the time with the first column',
    before: { columns: [{ column: '' }] },
    after: { columns: [{ column: 'msg' }] },
    columns: [{ column: 'time' }, { column: 'msg' }],
  },
  {
    name: 'selects the time once',
    before: { columns: [{ column: '' }] },
    after: { columns: [{ column: 'time' }] },
    columns: [{ column: 'time' }],
  },
  {
    name: 'does not select the time again after the author removed it',
    before: { columns: [{ column: 'time' }, { column: 'msg' }] },
    after: { columns: [{ column: 'msg' }] },
    columns: [{ column: 'msg' }],
  },
  {
    name: 'does not select the time without a time column',
    before: { time: undefined },
    after: { time: undefined, columns: [{ column: 'msg' }] },
    columns: [{ column: 'msg' }],
  },
  {
    name: 'does not select the time with an aggregate',
    before: { columns: [{ column: '' }] },
    after: { columns: [{ column: 'level', aggregation: 'max' }] },
    columns: [{ column: 'level', aggregation: 'max' }],
  },
  {
    name: 'removes the time when a column becomes an aggregate',
    before: { columns: [{ column: 'time' }, { column: 'level' }] },
    after: { columns: [{ column: 'time' }, { column: 'level', aggregation: 'max' }] },
    columns: [{ column: 'level', aggregation: 'max' }],
  },
  {
    name: 'removes the time when the rows are grouped',
    before: { columns: [{ column: 'time' }, { column: 'exe' }] },
    after: { ...GROUPED, columns: [{ column: 'time' }, { column: 'exe' }] },
    columns: [{ column: 'exe' }, COUNT],
  },
];

it.each(cases)('$name', ({ before, after, columns }) => {
  expect(withTableDefaults(stateOf(before), stateOf(after)).columns).toEqual(columns);
});

it('adds a column with an aggregation only to a query with groups', () => {
  expect(newColumn(stateOf({}))).toEqual({ column: '' });
  expect(newColumn(stateOf(GROUPED))).toEqual({ column: '', aggregation: 'count' });
});
