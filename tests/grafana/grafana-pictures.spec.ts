/**
 * Takes pictures of the editors of annotations and alert rules, which only Grafana can show, for the documentation:
 * `UPDATE_PICTURES=1 npm run test:grafana -- grafana-pictures`.
 */
import { join } from 'node:path';
import { expect, QueryEditor, test as base } from './grafana';
import { saveTestDashboard } from './test-dashboard';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

function pathOf(name: string, theme: string): string {
  return join(FOLDER, `${name}${theme === 'dark' ? '-dark' : ''}.png`);
}

const test = base.extend<{ dashboardUid: string }>({
  dashboardUid: async ({ request, micromegas }, use) => {
    const uid = await saveTestDashboard(request, micromegas);
    await use(uid);
    await request.delete(`/api/dashboards/uid/${uid}`);
  },
});

for (const theme of ['light', 'dark']) {
  test(`takes a picture of the annotation editor in the ${theme} theme`, async ({ dashboardUid, page }) => {
    await page.setViewportSize({ width: 1100, height: 1400 });
    // Index 2 is the annotation without a query, because Grafana puts its own annotations first.
    await page.goto(`/d/${dashboardUid}?editview=annotations&editIndex=2&theme=${theme}`);
    const presets = page.getByRole('region', { name: 'Presets' });
    await expect(presets).toBeVisible();
    await presets.scrollIntoViewIfNeeded();
    const title = await page.getByRole('heading', { name: 'Query', exact: true }).boundingBox();
    const box = await presets.boundingBox();
    const last = await presets.getByRole('button').last().boundingBox();
    const top = (title?.y ?? 0) - 8;
    await page.screenshot({
      path: pathOf('annotation', theme),
      clip: { x: box?.x ?? 0, y: top, width: box?.width ?? 0, height: (last?.y ?? 0) + (last?.height ?? 0) + 8 - top },
      animations: 'disabled',
    });
  });

  test(`takes a picture of the editor of an alert rule in the ${theme} theme`, async ({
    micromegas,
    alertRuleEditPage,
    page,
  }) => {
    await page.setViewportSize({ width: 1100, height: 1400 });
    await page.goto(`/alerting/new/alerting?theme=${theme}`);
    const { datasource, locator } = await alertRuleEditPage.getQueryRow();
    await datasource.set(micromegas.name);
    const editor = new QueryEditor(page, locator);
    await editor.type(
      "SELECT exe, level, count(*) AS messages\nFROM log_entries\nWHERE computer <> '$build_host'\nGROUP BY 1, 2"
    );
    await editor.chooseFormat('Table');
    await expect(locator.getByText(/Alert rules have no dashboard variables/).first()).toBeVisible();
    await page.locator(':focus').blur();
    const top = ((await locator.getByRole('button', { name: 'Run query' }).boundingBox())?.y ?? 0) - 6;
    const { x, y, width, height } = (await locator.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.screenshot({
      path: pathOf('alert-rule', theme),
      clip: { x, y: top, width, height: y + height - top },
      animations: 'disabled',
    });
  });
}
