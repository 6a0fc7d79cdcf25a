/** Takes pictures of dashboards for the README: `UPDATE_PICTURES=1 npm run test:e2e -- dashboard-pictures`. */
import { join } from 'node:path';
import { expect, test } from './playground';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

/** Height of the page above the variables of a dashboard, in pixels. */
const TOP = 184;

/** `ready`: text of the element that appears last. `height`: of the picture, in pixels. */
const DASHBOARDS = [
  { name: 'fleet', ready: 'ember/matchmaker', height: 850 },
  { name: 'frame-time', ready: 'atlas-07', height: 660 },
  { name: 'services', ready: 'match.assemble', height: 845 },
  { name: 'query-cost', ready: 'imke', height: 845 },
] as const;

for (const { name, ready, height } of DASHBOARDS) {
  test(`takes a picture of the dashboard ${name}`, async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: TOP + height + 200 });
    await page.goto(`dashboard/micromegas/${name}?user=ada`);
    await expect(page.getByText(ready).first()).toBeVisible();
    await expect(page.getByLabel('Panel loading bar')).toHaveCount(0);
    const clip = { x: 16, y: TOP, width: 1408, height };
    await page.screenshot({ path: join(FOLDER, `dashboard-${name}.png`), clip, animations: 'disabled' });
  });
}
