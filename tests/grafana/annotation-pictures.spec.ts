/**
 * Takes pictures of the annotation editor, which only Grafana can show, for the documentation: `UPDATE_PICTURES=1 npm
 * run test:grafana -- annotation-pictures`.
 */
import { join } from 'node:path';
import { expect, test as base } from './grafana';
import { saveTestDashboard } from './test-dashboard';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

const test = base.extend<{ dashboardUid: string }>({
  dashboardUid: async ({ request, micromegas }, use) => {
    const uid = await saveTestDashboard(request, micromegas);
    await use(uid);
    await request.delete(`/api/dashboards/uid/${uid}`);
  },
});

for (const theme of ['light', 'dark']) {
  test(`takes a picture in the ${theme} theme`, async ({ dashboardUid, page }) => {
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
      path: join(FOLDER, `annotation${theme === 'dark' ? '-dark' : ''}.png`),
      clip: { x: box?.x ?? 0, y: top, width: box?.width ?? 0, height: (last?.y ?? 0) + (last?.height ?? 0) + 8 - top },
      animations: 'disabled',
    });
  });
}
