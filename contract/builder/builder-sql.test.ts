import { parseSql, type ParseStatements } from '../sql-syntax/sql-parser';
import { loadParser } from '../sql-syntax/testing/load-parser';
import { builderQuery } from './builder-sql';
import { type BuilderState } from './builder-state';
import { newState } from './new-state';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const examples: Array<[name: string, state: BuilderState]> = [
  ['a measure', { ...newState('metrics'), name: 'frame_time_ms', unit: 'ms' }],
  [
    'a measure by column and property',
    {
      ...newState('metrics'),
      name: 'latency',
      aggregation: 'p95',
      interval: '5m',
      groupBy: [{ column: 'exe' }, { column: 'properties', property: 'Region' }],
      conditions: [{ type: 'text', column: 'target', operator: 'in', values: ["it's", '$target'] }],
    },
  ],
  ['a rate', { ...newState('metrics'), name: 'requests', aggregation: 'rate', groupBy: [{ column: 'exe' }] }],
  ['a number', { ...newState('metrics'), name: 'requests', aggregation: 'max', shape: 'number' }],
  [
    'logs',
    {
      ...newState('logs'),
      minLevel: 3,
      conditions: [{ type: 'text', column: 'msg', operator: 'not-contains', values: ['50%'] }],
    },
  ],
  ['processes', newState('processes')],
  [
    'OpenTelemetry spans',
    {
      ...newState('spans'),
      processId: '$process',
      conditions: [{ type: 'number', column: 'duration', operator: '>', values: ['5'] }],
    },
  ],
  ['spans of threads', { ...newState('spans'), spans: 'thread', processId: 'abc' }],
  [
    'a table',
    {
      ...newState('table'),
      table: 'log_stats',
      time: { column: 'time_bin', interval: 'auto' },
      columns: [{ column: 'level' }, { column: 'count', aggregation: 'sum' }],
      groupBy: [{ column: 'level' }],
    },
  ],
  ['keys', { ...newState('values'), of: 'property-keys', table: 'log_entries', value: { column: 'properties' } }],
  ['values', { ...newState('values'), table: 'processes', value: { column: 'exe' } }],
  ['process ids', { ...newState('values'), of: 'processes' }],
];

it.each(examples)('writes SQL that the parser accepts: %s', (_name, state) => {
  const { sql } = builderQuery(state);
  expect(parseSql(sql, parse)).toMatchObject({ kind: 'parsed', statement: expect.anything() });
});
