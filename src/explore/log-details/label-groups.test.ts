/** @jest-environment jsdom */
import { createDataFrame, type DataSourceInstanceSettings, type QueryResultMeta } from '@grafana/data';
import { MicromegasDataSource } from '../../datasource';
import { type MicromegasOptions } from '../../shared/types';

const settings = { uid: 'mm', type: 'mm', name: 'mm', jsonData: {} } as Partial<
  DataSourceInstanceSettings<MicromegasOptions>
> as DataSourceInstanceSettings<MicromegasOptions>;
const datasource = new MicromegasDataSource(settings, { replace: (template = '') => template } as never);

const LABELS = { columns: ['exe', 'process.id'], processPrefixes: ['process.', 'process_properties.'] };

const groupOf = (label: string, meta?: QueryResultMeta) =>
  datasource.getLabelDisplayTypeFromFrame(label, createDataFrame({ fields: [], meta }), 0);

it.each([
  ['exe', 'Columns'],
  ['process.id', 'Columns'],
  ['process.version', 'Process properties'],
  ['process_properties.exe', 'Process properties'],
  ['otel.trace_id', 'Properties'],
  ['properties.exe', 'Properties'],
])('puts the label %s under the heading %s', (label, heading) => {
  expect(groupOf(label, { custom: { labels: LABELS } })).toBe(heading);
});

it('has no heading for a frame without a description of its labels', () => {
  expect(groupOf('exe')).toBeNull();
  expect(groupOf('exe', { custom: { labels: null } })).toBeNull();
  expect(datasource.getLabelDisplayTypeFromFrame('exe', undefined, null)).toBeNull();
});
