/**
 * Takes pictures of the query editor for the documentation:
 * `UPDATE_PICTURES=1 npm run test:e2e -- query-pictures`.
 */
import { join } from 'node:path';
import { expect, type ExplorePage, test } from './playground';

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

async function lookAt({ page }: ExplorePage, kind: string): Promise<void> {
  await page.getByRole('radio', { name: kind, exact: true }).click({ force: true });
}

async function takePicture({ page, queryRow }: ExplorePage, name: string): Promise<void> {
  for (const focused of await page.locator(':focus').all()) {
    await focused.blur();
  }
  await queryRow.screenshot({ path: join(FOLDER, name), animations: 'disabled' });
}

test('takes a picture of the builder with a measure', async ({ explore, page }) => {
  await page.setViewportSize({ width: 1280, height: 1400 });
  await explore.openBuilder();
  await lookAt(explore, 'Metrics');
  await page.getByLabel('Measure', { exact: true }).fill('frame');
  await page.getByRole('option', { name: /^frame_time_ms/ }).click();
  await expect(page.locator('.u-over').first()).toBeVisible();
  await takePicture(explore, 'builder.png');
  await explore.switchTo('Code');
  await explore.type(
    "SELECT $__dateBin(time) AS time, unit, max(value) AS value\nFROM measures\nWHERE $__timeFilter(time)\n  AND name = 'frame_time_ms' -- all maps\nGROUP BY 1, 2\nORDER BY 1"
  );
  await explore.switchTo('Builder');
  const dialog = page.getByRole('dialog', { name: 'The builder cannot show this SQL' });
  await expect(dialog.getByRole('row').nth(1)).toBeVisible();
  await dialog.screenshot({ path: join(FOLDER, 'builder-difference.png'), animations: 'disabled' });
});

test('takes a picture of the builder with a log search, and of the process dialog', async ({ explore, page }) => {
  await page.setViewportSize({ width: 1280, height: 1400 });
  await explore.openBuilder('ada', 'light');
  await lookAt(explore, 'Logs');
  await explore.choose('Minimum level', 'info');
  await page.getByRole('button', { name: 'Program', exact: true }).click();
  await page.getByLabel('Value of filter 1').click();
  await page.getByRole('option', { name: 'ember-server' }).click();
  await takePicture(explore, 'builder-logs.png');
  await page.getByRole('button', { name: 'Choose process' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose a process' });
  await expect(dialog.getByRole('row').nth(1)).toBeVisible();
  await dialog.screenshot({ path: join(FOLDER, 'builder-processes.png'), animations: 'disabled' });
});
