/** @jest-environment jsdom */
/** Tests ad hoc filters and groups that a dashboard attaches to the queries of its panels, with `@grafana/scenes`. */
import { LoadingState } from '@grafana/data';
import {
  AdHocFiltersVariable,
  EmbeddedScene,
  SceneFlexItem,
  SceneFlexLayout,
  SceneQueryRunner,
  SceneTimeRange,
  SceneVariableSet,
} from '@grafana/scenes';
import { waitFor } from '@testing-library/react';
import { type Dashboard, MICROMEGAS, startDashboard } from '../../testing/dashboard-services';
import { type MicromegasQuery } from '../../shared/types';

const SQL = 'SELECT * FROM log_entries';
const FILTER = { key: 'exe', operator: '=', value: "o'brien" };

let close: () => void = () => undefined;
afterEach(() => close());

interface Open extends Dashboard {
  filters: AdHocFiltersVariable;
  panel: SceneFlexItem;
}

function open(queries: MicromegasQuery[], initial: Array<typeof FILTER> = []): Open {
  const dashboard = startDashboard(() => [{ name: 'n', type: 'number', values: [1] }]);
  const filters = new AdHocFiltersVariable({
    name: 'Filters',
    datasource: MICROMEGAS,
    filters: initial,
    enableGroupBy: true,
  });
  const panel = new SceneFlexItem({
    body: undefined,
    $data: new SceneQueryRunner({ datasource: MICROMEGAS, maxDataPoints: 100, queries }),
  });
  const body = new SceneFlexLayout({ children: [panel] });
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: '2026-01-02T11:00:00Z', to: '2026-01-02T13:00:00Z' }),
    $variables: new SceneVariableSet({ variables: [filters] }),
    body,
  });
  // In Grafana, React activates the objects that it renders.
  const deactivations = [scene, body, filters, panel].map((object) => object.activate());
  close = () => deactivations.forEach((deactivate) => deactivate());
  return { ...dashboard, filters, panel };
}

const isDone = ({ panel }: Open) => panel.state.$data?.state.data?.state === LoadingState.Done;
const attached = ({ sent }: Open) => sent.map(({ adHocFilters }) => adHocFilters);

it('attaches the filters of the dashboard as data, and leaves the SQL and the saved filters unchanged', async () => {
  const own: MicromegasQuery['filters'] = [{ key: 'level', operator: '<=', value: '2' }];
  const page = open([{ refId: 'A', query: SQL, filters: own }], [FILTER]);
  await waitFor(() => expect(isDone(page)).toBe(true));
  expect(page.sent).toMatchObject([{ query: SQL, filters: own, adHocFilters: [FILTER] }]);
});

it('runs the panel again with the new filters, without saving them in its query', async () => {
  const page = open([{ refId: 'A', query: SQL }], [FILTER]);
  await waitFor(() => expect(isDone(page)).toBe(true));
  page.filters.updateFilters([
    { ...FILTER, operator: '=|', values: ['a', 'b'] },
    { ...FILTER, key: '' },
  ]);
  await waitFor(() => expect(page.sent).toHaveLength(2));
  expect(attached(page)).toEqual([[FILTER], [{ ...FILTER, operator: '=|', values: ['a', 'b'] }]]);
  const runner = page.panel.state.$data as SceneQueryRunner;
  expect(runner.state.queries).toEqual([{ refId: 'A', query: SQL }]);
});

it('attaches the keys by which the dashboard groups', async () => {
  const page = open([{ refId: 'A', query: SQL }], [FILTER, { key: 'level', operator: 'groupBy', value: 'level' }]);
  await waitFor(() => expect(isDone(page)).toBe(true));
  expect(page.sent).toMatchObject([{ adHocFilters: [FILTER], groupByKeys: ['level'] }]);
});

it('sends no hidden query', async () => {
  const page = open(
    [
      { refId: 'A', query: SQL, hide: true },
      { refId: 'B', query: SQL },
    ],
    [FILTER]
  );
  await waitFor(() => expect(isDone(page)).toBe(true));
  expect(page.sent.map(({ refId }) => refId)).toEqual(['B']);
});

it('offers the keys of the tables of the dashboard', async () => {
  const page = open([{ refId: 'A', query: SQL }]);
  jest.spyOn(page.datasource.schema, 'columns').mockResolvedValue([{ name: 'exe', type: 'Utf8' }]);
  await waitFor(() => expect(isDone(page)).toBe(true));
  const keys = await page.filters._getKeys(null);
  expect(keys).toMatchObject([{ label: 'exe', value: 'exe' }]);
});
