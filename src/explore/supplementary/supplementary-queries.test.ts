/** @jest-environment jsdom */
import {
  type DataQueryRequest,
  type DataSourceInstanceSettings,
  getDefaultTimeRange,
  type ScopedVars,
  SupplementaryQueryType,
} from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { MicromegasDataSource } from '../../datasource';
import { type MicromegasOptions, type MicromegasQuery } from '../../shared/types';
import { sampleQuery, sampleRequest } from './supplementary-queries';

const request = (...targets: MicromegasQuery[]): DataQueryRequest<MicromegasQuery> => ({
  app: 'explore',
  requestId: 'explore_left',
  interval: '5s',
  intervalMs: 5000,
  range: getDefaultTimeRange(),
  scopedVars: { __interval: { text: '5s', value: '5s' }, __interval_ms: { text: '5000', value: 5000 } },
  targets,
  timezone: 'utc',
  startTime: 0,
});

describe('the log volume', () => {
  const templates: TemplateSrv = {
    replace: (template = '', scoped: ScopedVars = {}) =>
      template.replace(/\$(\w+)/g, (match, name: string) => String(scoped[name]?.value ?? match)),
    getVariables: () => [],
    containsTemplate: () => false,
    updateTimeRange: () => undefined,
  };
  const settings = { id: 1, uid: 'mm', type: 'mm', name: 'mm', jsonData: {} } as Partial<
    DataSourceInstanceSettings<MicromegasOptions>
  > as DataSourceInstanceSettings<MicromegasOptions>;
  const datasource = new MicromegasDataSource(settings, templates);

  const LOGS: MicromegasQuery = { refId: 'A', format: 'logs', query: 'SELECT time, msg FROM log_entries LIMIT 100' };
  const { LogsVolume, LogsSample } = SupplementaryQueryType;

  it('is supported, and so is the logs sample', () => {
    expect(datasource.getSupportedSupplementaryQueryTypes()).toEqual([LogsVolume, LogsSample]);
  });

  it('requests the volume of logs queries, with the interval of these queries', () => {
    const logs = request(LOGS, { refId: 'B', format: 'table', query: 'SELECT 1' });
    const volume = datasource.getSupplementaryRequest(LogsVolume, logs);
    expect(volume?.targets).toEqual([
      { ...LOGS, refId: 'log-volume-A', supplementary: { type: 'logs-volume', intervalMs: 5000 } },
    ]);
    expect(logs.targets[0]).toEqual(LOGS);
    // Explore changes the interval in `scopedVars` of the request for the volume.
    expect(volume?.scopedVars).not.toBe(logs.scopedVars);
    expect(datasource.getSupplementaryRequest(LogsSample, logs)).toBeUndefined();
  });

  it.each([
    ['a table', { ...LOGS, format: 'table' }],
    ['a query without a format', { ...LOGS, format: undefined }],
    ['a hidden query', { ...LOGS, hide: true }],
    ['an empty query', { ...LOGS, query: ' ' }],
    ['a view query', { ...LOGS, queryType: 'traces', traces: { view: 'search' } }],
  ] as Array<[string, MicromegasQuery]>)('is not available for %s', (_name, query) => {
    expect(datasource.getSupplementaryQuery({ type: LogsVolume }, query)).toBeUndefined();
    expect(datasource.getSupplementaryRequest(LogsVolume, request(query))).toBeUndefined();
  });

  it('returns the query for the volume of a single query', () => {
    expect(datasource.getSupplementaryQuery({ type: LogsVolume }, LOGS)).toEqual({
      ...LOGS,
      refId: 'log-volume-A',
      supplementary: { type: 'logs-volume' },
    });
    expect(datasource.getSupplementaryQuery({ type: LogsSample }, LOGS)).toBeUndefined();
  });

  it('interpolates the interval of the logs query', () => {
    const query = { ...LOGS, query: "SELECT '$__interval' AS a, $__interval_ms AS b" };
    const [volume] = datasource.getSupplementaryRequest(LogsVolume, request(query))?.targets ?? [];
    const minutes = { __interval: { text: '1m', value: '1m' }, __interval_ms: { text: '60000', value: 60_000 } };
    expect(datasource.applyTemplateVariables(volume, minutes).query).toBe("SELECT '5s' AS a, 5000 AS b");
    expect(datasource.applyTemplateVariables(query, minutes).query).toBe("SELECT '1m' AS a, 60000 AS b");
  });
});

describe('the logs sample', () => {
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
    ['a query for log lines', built(newState('logs'))],
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
  ])('is not available for %s', (_name, query) => {
    expect(sampleQuery(query)).toBeUndefined();
  });

  it('requests the samples of the queries that have one', () => {
    const both = request(built(ERRORS), built(newState('logs'), { refId: 'B' }));
    expect(sampleRequest(both)?.targets.map(({ refId }) => refId)).toEqual(['log-sample-A']);
    expect(sampleRequest(request(built(newState('logs'))))).toBeUndefined();
  });
});
