/** @jest-environment jsdom */
import {
  type DataQueryRequest,
  type DataSourceInstanceSettings,
  getDefaultTimeRange,
  type ScopedVars,
  SupplementaryQueryType,
} from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { MicromegasDataSource } from '../../datasource';
import { type MicromegasOptions, type MicromegasQuery } from '../../shared/types';

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

it('supports the log volume and the logs sample', () => {
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
] as Array<[string, MicromegasQuery]>)('has no volume for %s', (_name, query) => {
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
