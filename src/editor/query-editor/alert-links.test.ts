/** @jest-environment jsdom */
import {
  createDataFrame,
  type CurrentUserDTO,
  DataFrameType,
  type DataLink,
  type DataLinkClickEvent,
  FieldType,
} from '@grafana/data';
import { config, setCurrentUser } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQuery } from '../../shared/types';
import { withLoadedAlertLinks } from './load-alert-links';

const p95: BuilderState = { ...newState('metrics'), name: 'latency', aggregation: 'p95' };
const errors: BuilderState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: '*', aggregation: 'count' }],
  limit: undefined,
};

const built = (refId: string, state: BuilderState): MicromegasQuery => {
  const { sql, ...options } = builderQuery(state);
  return { refId, version: 2, rawEditor: false, builder: state, query: sql, ...options };
};
const TARGETS = [built('A', p95), built('B', errors), { refId: 'C', query: 'SELECT 1', rawEditor: true }];

const seriesOf = (refId: string, type = DataFrameType.TimeSeriesWide) =>
  createDataFrame({
    refId,
    meta: { type },
    fields: [
      { name: 'time', type: FieldType.time, values: [0] },
      {
        name: 'a',
        type: FieldType.number,
        values: [1],
        config: { links: [{ title: 'Logs around this time', url: '/a' }] },
      },
      { name: 'b', type: FieldType.number, values: [2] },
    ],
  });

/** The links of each column. */
async function linksOf(frame = seriesOf('A')): Promise<DataLink[][]> {
  const datasource = { uid: 'mm', type: 'micromegas' };
  const response = withLoadedAlertLinks({ data: [frame] }, datasource, { targets: TARGETS, scopedVars: {} });
  const { data } = await firstValueFrom(response);
  return data[0].fields.map(({ config: { links = [] } }: { config: { links?: DataLink[] } }) => links);
}

const titlesOf = async (frame?: ReturnType<typeof seriesOf>) =>
  (await linksOf(frame)).map((links) => links.map(({ title }) => title));

/** The limit of the rule that the link of a point with this value opens. */
async function limitOf(refId: string, value: string): Promise<number> {
  const link = (await linksOf(seriesOf(refId)))[2][0];
  const event: Pick<DataLinkClickEvent, 'replaceVariables' | 'origin'> = {
    origin: undefined,
    replaceVariables: (template) => (template === '${__value.numeric}' ? value : template),
  };
  const url = new URL(link.onBuildUrl?.(event) ?? '', 'http://grafana');
  const { queries } = JSON.parse(url.searchParams.get('defaults') ?? '');
  return queries[2].model.conditions[0].evaluator.params[0];
}

const user = { permissions: {} } as Partial<CurrentUserDTO> as CurrentUserDTO;
setCurrentUser(user);

beforeEach(() => {
  user.permissions = { 'alert.rules:create': true };
  config.unifiedAlertingEnabled = true;
});

it('adds a link to each series of a query that has a number, after the other links', async () => {
  expect(await titlesOf()).toEqual([[], ['Logs around this time', 'Alert on this'], ['Alert on this']]);
  expect(await titlesOf(seriesOf('B'))).toEqual([[], ['Logs around this time', 'Alert on this'], ['Alert on this']]);
});

it('adds no link to a query without such a number, and none to a table', async () => {
  expect(await titlesOf(seriesOf('C'))).toEqual([[], ['Logs around this time'], []]);
  expect(await titlesOf(seriesOf('A', DataFrameType.NumericWide))).toEqual([[], ['Logs around this time'], []]);
});

it('adds no link for a viewer who may not create rules, and none without alerting', async () => {
  config.unifiedAlertingEnabled = false;
  expect(await titlesOf()).toEqual([[], ['Logs around this time'], []]);
  config.unifiedAlertingEnabled = true;
  user.permissions = {};
  expect(await titlesOf()).toEqual([[], ['Logs around this time'], []]);
});

it('takes the value of the point as the limit, and 0 for a count or an unknown value', async () => {
  expect(await limitOf('A', '12.5')).toBe(12.5);
  expect(await limitOf('A', '${__value.numeric}')).toBe(0);
  expect(await limitOf('B', '12')).toBe(0);
});
