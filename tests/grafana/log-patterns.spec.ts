/** Patterns of log lines in Explore. */
import { expect, openExplore, test } from './grafana';

const LINES = 'SELECT time, level, target, msg FROM log_entries WHERE $__timeFilter(time)';
const PATTERN = 'session pool exhausted: <*> waiting for <*> connections';

test('Explore shows the patterns of a logs query, and opens the lines of a pattern', async ({ page, micromegas }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await openExplore(page, micromegas, { version: 2, query: LINES, format: 'patterns', patterns: { order: 'new' } });
  const row = page.getByRole('row').filter({ hasText: PATTERN });
  await expect(row).toBeVisible();
  const lines = row.getByRole('link', { name: /^[\d,.]+$/ });
  const opened = page.waitForEvent('popup');
  await lines.click();
  const explore = await opened;
  await expect(explore.getByText(/session pool exhausted: \d+ waiting/).first()).toBeVisible();
});
