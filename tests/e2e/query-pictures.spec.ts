/**
 * Takes pictures of the query editor for the documentation:
 * `UPDATE_PICTURES=1 npm run test:e2e -- query-pictures`.
 */
import { join } from 'node:path';
import { expect, test } from './playground';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

test('takes a picture of a query with its result', async ({ explore, page }) => {
  await page.setViewportSize({ width: 1280, height: 1300 });
  await explore.open();
  await explore.type(
    "SELECT $__dateBin(time) AS time, name, avg(value) AS value\nFROM measures\nWHERE name IN ('players_online', 'pending_joins', 'queue_length')\nGROUP BY 1, 2\nORDER BY 1"
  );
  await explore.chooseFormat('Time series');
  const graph = page.locator('.u-over').first();
  await expect(graph).toBeVisible();
  await page.locator(':focus').blur();
  const legend = page.getByRole('button', { name: 'value queue_length' }).first();
  const box = await legend.boundingBox();
  const height = (box?.y ?? 0) + (box?.height ?? 0) + 32;
  await page.screenshot({
    path: join(FOLDER, 'query.png'),
    clip: { x: 0, y: 0, width: 1280, height },
    animations: 'disabled',
  });
});

test('takes a picture of the options of a time series', async ({ explore, page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await explore.open('ada', 'light');
  await explore.type(
    'SELECT $__dateBin(time) AS time, level, count(*) AS messages\nFROM log_entries\nGROUP BY 1, 2 ORDER BY 1'
  );
  await explore.chooseFormat('Time series');
  await explore.toggleOptions();
  await explore.choose('Fill gaps', 'Zero');
  await explore.addLabelColumn('level');
  // The picture must not show a focused field.
  await page.locator(':focus').blur();
  await explore.queryRow.screenshot({ path: join(FOLDER, 'query-options.png'), animations: 'disabled' });
});
