/** Panels of the included dashboards whose queries fail: no panel may state a fact about the telemetry. */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { shippedDashboards } from '../support/shipped-dashboards';
import { expect, test as base } from './grafana';

/** No server listens on port 1. */
const UNREACHABLE = '127.0.0.1:1';
/** Grafana draws a panel when it is scrolled to. This page shows all panels. */
const TALL_PAGE = { width: 1440, height: 3000 };

/** Grafana's own strings of a panel without data, and the time range of a panel with a range of its own. */
const WITHOUT_FACT = /^(No data|Data is missing fields: [\w, ]+|Last \d+ minutes)$/;

/** A panel of a process sends no query if its variable has no value, because the query of the variable failed. */
const needsProcess = (target: MicromegasQueryFields) =>
  target.queryType === 'profile' || (target.queryType === 'processes' && target.processes?.view === 'images');

const test = base.extend<{ source: DataSourceSettings }>({
  source: async ({ createDataSource, grafanaAPIClient }, use) => {
    const source = await createDataSource({
      name: `Micromegas ${test.info().testId}`,
      type: PLUGIN_ID,
      access: 'proxy',
      jsonData: { host: UNREACHABLE, selectedAuthType: 'none' },
    });
    await use(source);
    await grafanaAPIClient.deleteDataSourceByUID(source.uid);
  },
});

for (const { file, uid, title, panels } of shippedDashboards()) {
  test(`shows only errors on ${title} if the lakehouse is unreachable`, async ({ source, request, page }) => {
    const inputs = [{ name: '*', type: 'datasource', pluginId: PLUGIN_ID, value: source.name }];
    const data = { pluginId: PLUGIN_ID, path: `dashboards/${file}`, overwrite: true, inputs };
    expect((await request.post('/api/dashboards/import', { data })).ok()).toBe(true);
    await page.setViewportSize(TALL_PAGE);
    await page.goto(`/d/${uid}?var-datasource=${source.uid}`);

    const shown = page.getByTestId(/^data-testid Panel header/);
    const failed = panels.filter(({ targets }) => !targets.every(needsProcess));
    await expect(shown.getByTestId(/Panel status error/)).toHaveCount(failed.length);
    await expect(shown).toHaveCount(panels.length);
    for (const panel of await shown.all()) {
      const [, ...lines] = (await panel.innerText()).split('\n').filter((line) => line.trim() !== '');
      expect(lines).not.toHaveLength(0);
      expect(lines.filter((line) => !WITHOUT_FACT.test(line))).toEqual([]);
    }
    await request.delete(`/api/dashboards/uid/${uid}`);
  });
}

/** With `calculate`, the heatmap of Grafana 12.4 stops with a TypeError at a frame without fields. */
const SERIES_PANELS = [
  { type: 'heatmap' },
  { type: 'heatmap', options: { calculate: true } },
  { type: 'state-timeline' },
  { type: 'status-history' },
  { type: 'timeseries' },
];

test('shows No data in all panels of time series if the lakehouse is unreachable', async ({
  source: { uid, type },
  request,
  page,
}) => {
  const query = 'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries GROUP BY 1 ORDER BY 1';
  const panels = SERIES_PANELS.map((panel, index) => ({
    ...panel,
    id: index + 1,
    title: `${panel.type} ${index}`,
    gridPos: { x: 0, y: 8 * index, w: 24, h: 8 },
    datasource: { uid, type },
    targets: [{ refId: 'A', version: 2, format: 'time_series', query }],
  }));
  const dashboard = { title: `Failed ${uid}`, schemaVersion: 41, panels };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(saved.ok(), await saved.text()).toBe(true);
  const { uid: dashboardUid, url }: { uid: string; url: string } = await saved.json();
  await page.setViewportSize(TALL_PAGE);
  await page.goto(url);
  const shown = page.getByTestId(/^data-testid Panel header/);
  await expect(shown.getByTestId(/Panel status error/)).toHaveCount(panels.length);
  await expect(shown.getByText('No data', { exact: true })).toHaveCount(panels.length);
  await request.delete(`/api/dashboards/uid/${dashboardUid}`);
});
