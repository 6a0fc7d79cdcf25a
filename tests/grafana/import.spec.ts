/** Tests queries whose data source is changed from Loki or Prometheus to Micromegas. */
import { type CreateDataSourceArgs, type DataSourceSettings } from '@grafana/plugin-e2e';
import { expect, QueryEditor, test as base } from './grafana';

/** Data sources whose servers do not run. Only their queries are used. */
const test = base.extend<{ loki: DataSourceSettings; prometheus: DataSourceSettings }>({
  loki: async ({ createDataSource, grafanaAPIClient }, use) => {
    const dataSource = await createDataSource(closedSource('loki'));
    await use(dataSource);
    await grafanaAPIClient.deleteDataSourceByUID(dataSource.uid);
  },
  prometheus: async ({ createDataSource, grafanaAPIClient }, use) => {
    const dataSource = await createDataSource(closedSource('prometheus'));
    await use(dataSource);
    await grafanaAPIClient.deleteDataSourceByUID(dataSource.uid);
  },
});

function closedSource(type: string): CreateDataSourceArgs {
  return { name: `${type} ${test.info().testId}`, type, access: 'proxy', url: 'http://127.0.0.1:1' };
}

test('keeps the line filter and range of Loki in Explore', async ({ micromegas, loki, explorePage, page }) => {
  const expr = 'sum by (app) (count_over_time({app=~".+"} |= "frame" | json [5m]))';
  const pane = {
    datasource: loki.uid,
    queries: [{ refId: 'A', datasource: { type: 'loki', uid: loki.uid }, expr, queryType: 'range' }],
    range: { from: 'now-6h', to: 'now' },
  };
  await page.goto(`/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`);
  await expect(page.getByText('count_over_time').first()).toBeVisible();
  await explorePage.datasource.set(micromegas.name);
  const row = explorePage.getQueryEditorRow('A');
  await expect(row.getByText(`of ${loki.name}: ${expr}`)).toBeVisible();
  await expect(row.getByText('Parts that are lost: | json, sum by (app) (…).')).toBeVisible();
  const editor = new QueryEditor(page, row);
  await editor.openGenerated();
  await expect(editor.generated).toContainText("msg ILIKE '%frame%'");
  await expect(editor.generated).toContainText("$__timeGroup(time, '5m', 0)");
});

test('keeps Grafana expressions and the label matchers of Prometheus queries in a panel', async ({
  micromegas,
  prometheus,
  request,
  gotoPanelEditPage,
  page,
}) => {
  const datasource = { type: 'prometheus', uid: prometheus.uid };
  const expression = { type: '__expr__', uid: '__expr__' };
  const panel = {
    id: 1,
    type: 'timeseries',
    title: 'Frames',
    gridPos: { x: 0, y: 0, w: 24, h: 8 },
    datasource,
    targets: [
      { refId: 'A', datasource, expr: 'sum by (job) (rate(frame_time_ms{job=~"ember.*"}[$__rate_interval]))' },
      { refId: 'B', datasource: expression, type: 'reduce', reducer: 'max', expression: 'A' },
    ],
  };
  const dashboard = { title: `Import ${prometheus.uid}`, schemaVersion: 41, panels: [panel] };
  const response = await request.post('/api/dashboards/db', { data: { dashboard } });
  const { uid }: { uid: string } = await response.json();
  const editPage = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await expect(page.getByText('frame_time_ms').first()).toBeVisible();
  await editPage.datasource.set(micromegas.name);
  const row = editPage.getQueryEditorRow('A');
  await expect(row.getByText(`of ${prometheus.name}: sum by (job)`)).toBeVisible();
  const editor = new QueryEditor(page, row);
  await editor.openGenerated();
  await expect(editor.generated).toContainText("exe ~ '^(?:ember.*)$'");
  await expect(editPage.getQueryEditorRow('B')).toBeVisible();
  await request.delete(`/api/dashboards/uid/${uid}`);
});
