/** @jest-environment jsdom */
import {
  createDataFrame,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
} from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { firstValueFrom, of } from 'rxjs';
import { toVariableQuery } from '../shared/interpolation/variable-query';
import { type MicromegasApi, type MicromegasQuery } from '../shared/types';
import { VariableFailures } from '../shared/variable-failures';
import { fixedTemplates } from '../testing/fixed-templates';
import { frameValues, MicromegasVariableSupport, variableFrame } from './variable-support';

const frame = (columns: Record<string, unknown[]>): DataFrame =>
  createDataFrame({
    fields: Object.entries(columns).map(([name, values]) => ({ name, values, type: FieldType.other })),
  });

const values = (...labels: string[]) => labels.map((label) => ({ text: label, value: label }));

interface Case {
  name: string;
  frames: DataFrame[];
  expected: Array<{ text: string; value: string }>;
}

const cases: Case[] = [
  {
    name: 'uses every column of every frame',
    frames: [frame({ a: ['x'], b: ['y'] }), frame({ c: ['z'] })],
    expected: values('x', 'y', 'z'),
  },
  {
    name: 'removes duplicates and keeps the order',
    frames: [frame({ a: ['x', 'y', 'x'], b: ['y', 'z', 'x'] })],
    expected: values('x', 'y', 'z'),
  },
  {
    name: 'converts numbers and booleans to strings',
    frames: [frame({ a: [1, 2.5, true] })],
    expected: values('1', '2.5', 'true'),
  },
  { name: 'converts objects to JSON', frames: [frame({ a: [{ k: 1 }] })], expected: values('{"k":1}') },
  { name: 'drops null values', frames: [frame({ a: [null, 'x', undefined] })], expected: values('x') },
  {
    name: 'pairs the columns value and text',
    frames: [frame({ text: ['One', 'Two'], value: [1, 2] })],
    expected: [
      { text: 'One', value: '1' },
      { text: 'Two', value: '2' },
    ],
  },
  {
    name: 'pairs the columns __value and __text',
    frames: [frame({ __value: ['a'], __text: ['A'] })],
    expected: [{ text: 'A', value: 'a' }],
  },
  {
    name: 'uses every column of a frame that has the column value, but not text',
    frames: [frame({ value: ['a'], exe: ['b'] })],
    expected: values('a', 'b'),
  },
  { name: 'returns nothing for an empty result', frames: [], expected: [] },
];

it.each(cases)('$name', ({ frames, expected }) => {
  expect(frameValues(frames)).toEqual(expected);
});

it('returns string columns', () => {
  const { fields, length } = variableFrame([frame({ a: [1, 2] })]);
  expect(length).toBe(2);
  expect(fields.map(({ name, type }) => [name, type])).toEqual([
    ['text', 'string'],
    ['value', 'string'],
  ]);
});

interface SavedCase {
  name: string;
  saved: unknown;
  expected: object;
}

const MARKS = { format: 'table', purpose: 'variable' };
const savedCases: SavedCase[] = [
  {
    name: 'SQL as a string',
    saved: 'SELECT 1',
    expected: { query: 'SELECT 1', refId: 'MicromegasVariable-exe', ...MARKS },
  },
  {
    name: 'a query of version 1',
    saved: { refId: 'A', queryText: 'SELECT 1' },
    expected: { queryText: 'SELECT 1', refId: 'A', ...MARKS },
  },
  {
    name: 'a query of version 2 with an unknown field',
    saved: { refId: 'A', query: 'SELECT 1', version: 2, colour: 'red', format: 'time_series' },
    expected: { query: 'SELECT 1', refId: 'A', version: 2, colour: 'red', ...MARKS },
  },
  {
    name: 'a query that Grafana wrapped',
    saved: { refId: 'W', query: { query: 'SELECT 1', autoLimit: true } },
    expected: { query: 'SELECT 1', refId: 'W', autoLimit: true, ...MARKS },
  },
  { name: 'a missing query', saved: undefined, expected: { refId: 'MicromegasVariable-exe', ...MARKS } },
];

it.each(savedCases)('reads $name', ({ saved, expected }) => {
  expect(toVariableQuery(saved, 'exe')).toEqual(expected);
});

it('keeps the error of a query until the query succeeds', async () => {
  setTemplateSrv({ ...fixedTemplates({}), containsTemplate: () => false, updateTimeRange: () => undefined });
  const responses: DataQueryResponse[] = [{ data: [], errors: [{ message: 'No field named computr.' }] }, { data: [] }];
  const variableFailures = new VariableFailures();
  const support = new MicromegasVariableSupport({
    variableFailures,
    filterQuery: () => true,
    query: () => of(responses.shift()),
  } as unknown as MicromegasApi);
  const query = 'SELECT computr FROM processes WHERE exe = $program';
  const run = () =>
    firstValueFrom(
      support.query({
        targets: [{ refId: 'A', query }],
        scopedVars: {},
      } as unknown as DataQueryRequest<MicromegasQuery>)
    );
  await run();
  expect(variableFailures.messageOf(query)).toBe('No field named computr.');
  await run();
  expect(variableFailures.messageOf(query)).toBeUndefined();
});
