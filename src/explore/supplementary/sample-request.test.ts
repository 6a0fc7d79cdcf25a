/** @jest-environment jsdom */
import { type DataQueryRequest, getDefaultTimeRange } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQuery } from '../../shared/types';
import { sampleQuery, sampleRequest } from './sample-request';

const LEVEL = { column: 'level', type: 'number' as const, operator: '<=' as const, values: ['error'] };
const ERRORS: BuilderState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto' },
  columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'errors' }],
  groupBy: [{ column: 'exe' }],
  conditions: [LEVEL, { raw: 'length(msg) > 10' }],
};

function built(state: BuilderState, fields: Partial<MicromegasQuery> = {}): MicromegasQuery {
  const { sql, format } = builderQuery(state);
  return { refId: 'A', version: 2, rawEditor: false, builder: state, query: sql, format, ...fields };
}

it('reads the lines of a graph with its conditions and filters', () => {
  const filters = [{ key: 'exe', operator: '=' as const, value: 'ember-server' }];
  const sample = sampleQuery(built(ERRORS, { filters, legend: '{{exe}}', fillMode: 'zero' }));
  expect(sample).toMatchObject({ refId: 'log-sample-A', format: 'logs', rowLimit: 100, filters, rawEditor: false });
  expect(sample?.query).toMatch(/level <= 2[^]*length\(msg\) > 10[^]*ORDER BY time DESC[^]*LIMIT 100/);
  expect(sample).not.toHaveProperty('legend');
  expect(sample).not.toHaveProperty('fillMode');
});

it('reads the lines of one process', () => {
  const instanceId = '5169014b-e479-4e83-bd6b-d6b4f8c74932';
  expect(sampleQuery(built({ ...ERRORS, instanceId }))?.query).toContain(instanceId);
});

it.each<[string, MicromegasQuery]>([
  ['lines', built(newState('logs'))],
  ['a hidden query', built(ERRORS, { hide: true })],
  ['edited SQL', built(ERRORS, { query: 'SELECT 1' })],
  ['SQL in code mode', built(ERRORS, { rawEditor: true })],
  ['another table', built({ ...ERRORS, table: 'measures', conditions: [] })],
  ['a measure', built({ ...newState('metrics'), name: 'frame_time_ms' })],
  [
    'a state that this builder did not make',
    built(ERRORS, { builder: JSON.parse('{"kind":"table","table":"log_entries"}') }),
  ],
  ['a view query', built(ERRORS, { queryType: 'traces', traces: { view: 'search' } })],
])('has no sample for %s', (_name, query) => {
  expect(sampleQuery(query)).toBeUndefined();
});

it('requests the samples of the queries that have one', () => {
  const request = (...targets: MicromegasQuery[]): DataQueryRequest<MicromegasQuery> => ({ app: 'explore', requestId: 'explore_left', interval: '5s', intervalMs: 5000, range: getDefaultTimeRange(), scopedVars: {}, targets, timezone: 'utc', startTime: 0 }); // prettier-ignore
  const both = request(built(ERRORS), built(newState('logs'), { refId: 'B' }));
  expect(sampleRequest(both)?.targets.map(({ refId }) => refId)).toEqual(['log-sample-A']);
  expect(sampleRequest(request(built(newState('logs'))))).toBeUndefined();
});
