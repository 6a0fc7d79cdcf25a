/**
 * The steps that a person on call takes in the playground, from a point of a chart to the cause of the demo's incident.
 * `tests/grafana` has the same steps in Grafana, starting at the alert.
 */
import { type Page } from '@playwright/test';
import { countEffort } from '../support/effort';
import { expect, exploreLink, test } from './playground';

// Each test needs its own browser context, because `countEffort` adds scripts to the context.
test.use({ hasOwnContext: true });

// A test opens several screens. Each of them waits for the demo lakehouse, which is slow on a busy machine.
test.describe.configure({ timeout: 120_000 });

/** A chart of one program, with the points of the incident in the middle. */
function chart(measure: string, exe: string): string {
  const query = `SELECT $__dateBin(time) AS time, exe, max(value) AS value FROM measures WHERE name = '${measure}' AND exe = '${exe}' GROUP BY 1, 2 ORDER BY 1`;
  return exploreLink(
    { query, format: 'time_series', rawEditor: true, timeFilter: true, autoLimit: false },
    { range: [53, 33] }
  );
}

/** Opens a chart, waits for the lookup that all links of a point need, and clicks the point in the middle. */
async function clickPointOf(page: Page, url: string): Promise<void> {
  const lookup = page.waitForResponse((response) => response.url().endsWith('/resources/lookup'));
  await page.goto(url);
  await lookup;
  const { width = 0 } = (await page.locator('.u-over').boundingBox()) ?? {};
  await page.locator('.u-over').click({ position: { x: width / 2, y: 60 } });
}

const point = (page: Page) => page.getByRole('region', { name: 'Point' });
const spans = (page: Page) => page.getByRole('list', { name: 'Spans' }).getByRole('listitem');

test('leads in five clicks from a point of a chart to the list of what changed', async ({ page, context }) => {
  const effort = await countEffort(context);
  await clickPointOf(page, chart('request_latency', 'ember/web-gateway'));
  const opened = context.waitForEvent('page');
  await point(page).getByRole('link', { name: 'Traces around this time' }).click();
  const explore = await opened;
  const failed = explore.getByRole('row').filter({ has: explore.getByRole('link', { name: /^[1-9]\d*$/ }) });
  await failed.first().getByRole('link').first().click();
  const acquire = spans(explore).filter({ hasText: 'session_pool.acquire' }).first();
  await acquire.getByRole('button').first().click();
  await acquire.getByRole('link', { name: 'What changed' }).click();
  const rows = explore.getByRole('row').filter({ hasText: 'ember.' });
  await expect(rows.filter({ hasText: 'ember.config' })).toBeVisible();
  const targets = await rows.allInnerTexts();
  expect(targets.findIndex((target) => target.includes('ember.config'))).toBeLessThan(3);
  await expect.poll(() => effort).toEqual({ clicks: 5, characters: 0 });
});

test('leads in four clicks from a point of a chart to the source of the slow function', async ({ page, context }) => {
  const url = 'api/datasources/uid/micromegas';
  const { name, jsonData }: { name: string; jsonData: object } = await (await page.request.get(url)).json();
  // No server listens at this address, because the test checks only the URL.
  const sourceUrl = 'http://127.0.0.1:9/game/{file}#L{line}';
  const saved = await page.request.put(url, { data: { name, jsonData: { ...jsonData, sourceUrl } } });
  expect(saved.ok()).toBe(true);
  try {
    const effort = await countEffort(context);
    await clickPointOf(page, chart('frame_time_ms', 'ember-server'));
    const opened = context.waitForEvent('page');
    await point(page).getByRole('link', { name: 'Flame graph around this time' }).click();
    const explore = await opened;
    const row = explore.getByRole('row').filter({ hasText: 'rescan_waiting_players' });
    await row.getByRole('link', { name: 'rescan_waiting_players' }).click();
    const link = row.getByRole('link', { name: /\.rs$/ });
    await expect(link).toHaveAttribute('href', /^http:\/\/127\.0\.0\.1:9\/game\/.+#L\d+$/);
    await link.click();
    await expect.poll(() => effort).toEqual({ clicks: 4, characters: 0 });
  } finally {
    await page.request.put(url, { data: { name, jsonData } });
  }
});
