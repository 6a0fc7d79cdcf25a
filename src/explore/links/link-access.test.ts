/** @jest-environment jsdom */
import {
  createDataFrame,
  type CurrentUserDTO,
  type DataLink,
  type Field,
  type FieldConfig,
  FieldType,
  MappingType,
} from '@grafana/data';
import { config, setCurrentUser } from '@grafana/runtime';
import { canExplore, withoutUnavailableLinks } from './link-access';

const INTERNAL: DataLink = {
  title: 'Logs of the process',
  url: '',
  internal: { datasourceUid: 'lake', datasourceName: 'Lake', query: { refId: 'A' } },
};
const ADDRESS: DataLink = { title: 'Metrics of the process', url: '/explore?schemaVersion=1&panes=x' };
const OTHERS: DataLink[] = [
  { title: 'Source', url: 'https://example.com/explore' },
  { title: 'File', url: '/api/datasources/uid/lake/resources/perfetto' },
  { title: 'Dashboard', url: '/d/explored' },
];

it('removes only the links that open Explore', () => {
  const fields = [
    { name: 'a', type: FieldType.string, values: ['x'], config: { links: [INTERNAL, ...OTHERS, ADDRESS] } },
    { name: 'b', type: FieldType.string, values: ['x'], config: { unit: 's' } },
  ];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  expect(frame.fields[0].config.links).toEqual(OTHERS);
  expect(frame.fields[1].config).toEqual({ unit: 's' });
});

it('removes columns that consist of links to Explore', () => {
  const linked = (name: string, values: string[], links: DataLink[]) => ({
    name,
    type: FieldType.string,
    values,
    config: { links },
  });
  const fields = [
    linked('exe', ['game', 'exe'], [INTERNAL]),
    linked('Metrics', ['Metrics', 'Metrics'], [ADDRESS]),
    linked('Perfetto', ['Perfetto', 'Perfetto'], OTHERS),
  ];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  expect(frame.fields.map(({ name }: { name: string }) => name)).toEqual(['exe', 'Perfetto']);
});

it('on public dashboards, removes links to files, and columns that consist of them', () => {
  config.publicDashboardAccessToken = 'token';
  const [source, file, dashboard] = OTHERS;
  const column = (name: string, links: DataLink[]) => ({
    name,
    type: FieldType.string,
    values: [name],
    config: { links },
  });
  const fields = [column('Perfetto', [file]), column('Others', OTHERS)];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  config.publicDashboardAccessToken = '';
  expect(frame.fields).toMatchObject([{ name: 'Others', config: { links: [source, dashboard] } }]);
});

it('keeps columns of an empty result', () => {
  const fields = [{ name: 'process_id', type: FieldType.string, values: [], config: { links: [INTERNAL] } }];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  expect(frame.fields).toMatchObject([{ name: 'process_id', config: { links: [] } }]);
});

it('removes columns that show only their own name in each row', () => {
  const shownAs = (displayName: string, options: Record<string, { text: string }>) => ({
    displayName,
    mappings: [{ type: MappingType.ValueToText as const, options }],
    links: [INTERNAL],
  });
  const values = ['1700000000000000001', '1700000000000000002'];
  const labels = (...texts: string[]) => Object.fromEntries(texts.map((text, row) => [values[row], { text }]));
  const column = (name: string, config: FieldConfig) => ({ name, type: FieldType.string, values, config });
  const fields = [
    { name: 'Function', type: FieldType.string, values: ['draw', 'update'], config: {} },
    column('timelineBeginNs', shownAs('Timeline', labels('Timeline', 'Timeline'))),
    column('partly', shownAs('Timeline', labels('Timeline'))),
    column('named', shownAs('Process', labels('game', 'editor'))),
  ];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  expect(frame.fields.map(({ name }: { name: string }) => name)).toEqual(['Function', 'partly', 'named']);
});

it('names a column by its field if its header was the title of a removed link', () => {
  const column = (displayName: string) => ({
    name: 'streamId',
    type: FieldType.string,
    values: ['x'],
    config: { displayName, links: [INTERNAL] },
  });
  const fields = [column(INTERNAL.title), column('Thread')];
  const [frame] = withoutUnavailableLinks({ data: [createDataFrame({ fields })] }).data;
  expect(frame.fields.map(({ config: { displayName } }: Field) => displayName)).toEqual([undefined, 'Thread']);
});

it('allows Explore if it is enabled, and the viewer has the permission', () => {
  const user = { permissions: {} } as Partial<CurrentUserDTO> as CurrentUserDTO;
  setCurrentUser(user);
  config.exploreEnabled = true;
  expect(canExplore()).toBe(false);
  user.permissions = { 'datasources:explore': true };
  expect(canExplore()).toBe(true);
  config.exploreEnabled = false;
  expect(canExplore()).toBe(false);
});
