/** Tests the dashboards that the plugin includes, in the playground. The story of the demo fills every panel. */
import { shippedDashboards } from '../support/shipped-dashboards';
import { expect, test } from './playground';

test('opens Fleet first', async ({ page }) => {
  await page.goto('dashboard?user=ada');
  await expect(page.getByRole('combobox', { name: 'Dashboard' })).toHaveValue('Micromegas fleet');
  await expect(page.getByText('Crashed', { exact: true })).toBeVisible();
});

/** The dashboards that `npm test` opens. The integration tests run the queries of all dashboards. */
const ALWAYS = ['fleet.json', 'one-process.json', 'query-cost.json'];

test('the dashboards that npm test opens exist', () => {
  expect(shippedDashboards().map(({ file }) => file)).toEqual(expect.arrayContaining(ALWAYS));
});

/** Values of the variables in titles of panels. */
const withValues = (title: string) => title.replace('$budget', '16.7').replace('${level:text}', 'error');

for (const { file, title, panels } of shippedDashboards()) {
  test(`fills every panel of ${title}`, { tag: ALWAYS.includes(file) ? [] : '@full' }, async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 2400 });
    await page.goto(`dashboard/micromegas/${file.replace('.json', '')}?user=ada`);
    for (const { title: panelTitle } of panels) {
      const heading = page.getByRole('heading', { name: withValues(panelTitle), exact: true });
      const panel = page.locator('section').filter({ has: heading });
      const content = panel.locator('table, [role=table], svg, canvas, li, [data-testid="flame graph"], span[title]');
      await expect(content.first()).toBeVisible();
      await expect(panel.getByText('No data')).toHaveCount(0);
    }
    await expect(page.getByTestId(/Panel status error/)).toHaveCount(0);
  });
}
