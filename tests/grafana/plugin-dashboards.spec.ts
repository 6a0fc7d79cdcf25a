/** Imports the dashboards that the plugin includes, with the request that the tab Dashboards of a data source sends. */
import { PLUGIN_ID } from '../../contract/plugin-id';
import { shippedDashboards } from '../support/shipped-dashboards';
import { expect, test } from './grafana';

const SHIPPED = shippedDashboards();

interface ListedDashboard {
  path: string;
  title: string;
  revision: number;
}

test('imports all dashboards, and opens one with the data source of the tab', async ({
  micromegas,
  createDataSource,
  grafanaAPIClient,
  gotoDashboardPage,
  request,
  page,
}) => {
  // By default, a variable selects the first data source in alphabetical order. This data source is the first.
  const first = await createDataSource({
    name: `A first source ${test.info().testId}`,
    type: PLUGIN_ID,
    access: 'proxy',
  });
  const response = await request.get(`/api/plugins/${PLUGIN_ID}/dashboards`);
  const listed: ListedDashboard[] = await response.json();
  expect(listed.map(({ path, title, revision }) => ({ path, title, revision }))).toEqual(
    SHIPPED.map(({ file, title, revision }) => ({ path: `dashboards/${file}`, title, revision })).sort(byListed(listed))
  );
  for (const { path } of listed) {
    const inputs = [{ name: '*', type: 'datasource', pluginId: PLUGIN_ID, value: micromegas.name }];
    const data = { pluginId: PLUGIN_ID, path, overwrite: true, inputs };
    expect((await request.post('/api/dashboards/import', { data })).ok()).toBe(true);
  }
  const [fleet] = SHIPPED.filter(({ uid }) => uid === 'micromegas-fleet');
  await gotoDashboardPage({ uid: fleet.uid });
  await expect(page.getByText(micromegas.name, { exact: true }).first()).toBeVisible();
  await expect(page.getByText('Crashed', { exact: true })).toBeVisible();
  await expect(page.getByTestId(/Panel status error/)).toHaveCount(0);
  for (const { uid } of SHIPPED) {
    await request.delete(`/api/dashboards/uid/${uid}`);
  }
  await grafanaAPIClient.deleteDataSourceByUID(first.uid);
});

/** Sorts like `listed`, which has the order of `plugin.json`. */
function byListed(listed: readonly ListedDashboard[]) {
  const position = ({ path }: { path: string }) => listed.findIndex((each) => each.path === path);
  return (a: { path: string }, b: { path: string }) => position(a) - position(b);
}
