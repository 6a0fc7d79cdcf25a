/**
 * Takes the pictures of the story in docs/explore.md: `UPDATE_PICTURES=1 npm run test:e2e -- explore-pictures`. The picture in the
 * dark theme has a name with `-dark`.
 */
import { type Locator, type Page } from '@playwright/test';
import { join } from 'node:path';
import { expect, test } from './playground';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');
const MINUTE_MS = 60_000;
/** The server of the demo's story that crashed. */
const CRASHED = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';

test.setTimeout(300_000);

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    async function open(page: Page, query: object, minutes: [from: number, to: number]): Promise<void> {
      await page.setViewportSize({ width: 1100, height: 1400 });
      const [from, to] = minutes.map((before) => String(Date.now() - before * MINUTE_MS));
      const left = { datasource: 'micromegas', queries: [{ refId: 'A', version: 2, ...query }], range: { from, to } };
      await page.goto(`explore?user=ada&theme=${theme}&left=${encodeURIComponent(JSON.stringify(left))}`);
    }

    const take = async (element: Locator, name: string) => {
      await element.page().mouse.move(0, 0);
      const path = join(FOLDER, `${name}${theme === 'dark' ? '-dark' : ''}.png`);
      await element.screenshot({ path, animations: 'disabled' });
    };

    test('takes a picture of the trace of a request that failed', async ({ page }) => {
      const query =
        "SELECT time, level, msg, process_id, properties FROM log_entries WHERE msg LIKE '%no session within%' ORDER BY time LIMIT 20";
      await open(page, { query, format: 'logs', rawEditor: true, timeFilter: true }, [44, 42]);
      const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
      await lines.first().getByRole('button').first().click({ timeout: 120_000 });
      await page.getByRole('link', { name: 'The trace', exact: true }).click();
      await expect(page.getByTestId('trace')).toBeVisible({ timeout: 120_000 });
      await take(page.getByTestId('trace'), 'trace');
    });

    test('takes a picture of the map of services', async ({ page }) => {
      await open(page, { queryType: 'traces', traces: { view: 'service-map' } }, [44, 42]);
      const map = page.getByTestId('node graph');
      await expect(map).toBeVisible({ timeout: 120_000 });
      await take(map, 'service-map');
    });

    test('takes a picture of a flame graph', async ({ page }) => {
      await open(page, { queryType: 'profile', profile: { view: 'flame-graph', processId: CRASHED } }, [40.1, 40]);
      const graph = page.getByTestId('flame graph');
      await expect(graph.locator('canvas').first()).toBeVisible({ timeout: 180_000 });
      await take(graph, 'flame-graph');
    });
  });
}
