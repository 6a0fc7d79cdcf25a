/**
 * Takes pictures of results for docs/user/: `UPDATE_PICTURES=1 npm run test:e2e -- explore-pictures`. The names of
 * pictures in the dark theme end in `-dark`.
 */
import { type Locator } from '@playwright/test';
import { join } from 'node:path';
import { CRASHED_PROCESS, expect, exploreLink, test } from './playground';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');
test.setTimeout(300_000);

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ hasOwnContext: true, viewport: { width: 1100, height: 1400 } });

    const take = async (element: Locator, name: string) => {
      await element.page().mouse.move(0, 0);
      const path = join(FOLDER, `${name}${theme === 'dark' ? '-dark' : ''}.png`);
      await element.screenshot({ path, animations: 'disabled' });
    };

    test('takes a picture of the trace of a request that failed', async ({ page }) => {
      const query =
        "SELECT time, level, msg, process_id, properties FROM log_entries WHERE msg LIKE '%no session within%' ORDER BY time LIMIT 20";
      await page.goto(
        exploreLink({ query, format: 'logs', rawEditor: true, timeFilter: true }, { range: [44, 42], theme })
      );
      const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
      await lines.first().getByRole('button').first().click({ timeout: 120_000 });
      await page.getByRole('link', { name: 'Trace', exact: true }).click();
      await expect(page.getByTestId('trace')).toBeVisible({ timeout: 120_000 });
      await take(page.locator('section').filter({ has: page.getByTestId('trace') }), 'trace');
    });

    test('takes a picture of the map of services', async ({ page }) => {
      await page.goto(
        exploreLink({ queryType: 'traces', traces: { view: 'service-map' } }, { range: [44, 42], theme })
      );
      const map = page.getByTestId('node graph');
      await expect(map).toBeVisible({ timeout: 120_000 });
      await take(page.locator('section').filter({ has: map }), 'service-map');
    });

    test('takes a picture of a flame graph', async ({ page }) => {
      const profile = { view: 'flame-graph', processId: CRASHED_PROCESS };
      await page.goto(exploreLink({ queryType: 'profile', profile }, { range: [40.1, 40], theme }));
      const graph = page.getByTestId('flame graph');
      await expect(graph.locator('canvas').first()).toBeVisible({ timeout: 180_000 });
      await take(graph, 'flame-graph');
    });

    test('takes a picture of a live tail', async ({ page }) => {
      await page.setViewportSize({ width: 1100, height: 900 });
      const query =
        "SELECT time, level, target, msg, process_id FROM log_entries WHERE exe LIKE 'ember%' ORDER BY time DESC LIMIT 100";
      await page.goto(
        exploreLink({ query, format: 'logs', rawEditor: true, timeFilter: true }, { range: [5, 0], theme })
      );
      await page.getByRole('button', { name: 'Live', exact: true }).click({ timeout: 120_000 });
      const logs = page.locator('section').filter({ hasText: /^Live logs/ });
      await expect(logs).toBeVisible({ timeout: 120_000 });
      await take(logs, 'live-tail');
    });
  });
}
