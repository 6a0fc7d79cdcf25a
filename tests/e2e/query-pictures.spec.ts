/**
 * Takes pictures of the query editor for the documentation:
 * `UPDATE_PICTURES=1 npm run test:e2e -- query-pictures`. The picture in the dark theme has a name with `-dark`.
 */
import { type Locator, type Page } from '@playwright/test';
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
  const kinds = page.getByRole('radiogroup', { name: 'What to look at' });
  await kinds.getByRole('radio', { name: kind, exact: true }).click({ force: true });
}

async function blur(page: Page): Promise<void> {
  for (const focused of await page.locator(':focus').all()) {
    await focused.blur();
  }
}

/** Takes a picture of the upper part of an element, with the menus and widgets that lie over it. */
async function takeUpperPart(page: Page, element: Locator, path: string, height: number): Promise<void> {
  const box = await element.boundingBox();
  const clip = { x: box?.x ?? 0, y: box?.y ?? 0, width: box?.width ?? 0, height };
  await page.screenshot({ path, clip, animations: 'disabled' });
}

for (const theme of ['light', 'dark'] as const) {
  test.describe(`in the ${theme} theme`, () => {
    const pathOf = (name: string) => join(FOLDER, `${name}${theme === 'dark' ? '-dark' : ''}.png`);
    const take = (element: Locator, name: string) => element.screenshot({ path: pathOf(name), animations: 'disabled' });

    test.beforeEach(async ({ page }) => page.setViewportSize({ width: 1100, height: 1400 }));

    test('takes a picture of the builder with a measure', async ({ explore, page }) => {
      await explore.openBuilder('ada', theme);
      await lookAt(explore, 'Metrics');
      await page.getByLabel('Measure', { exact: true }).fill('frame');
      await page.getByRole('option', { name: /^frame_time_ms/ }).click();
      await expect(page.locator('.u-over').first()).toBeVisible();
      await blur(page);
      await take(explore.queryRow, 'builder');
      await explore.switchTo('Code');
      await explore.type(
        "SELECT $__dateBin(time) AS time, unit, max(value) AS value\nFROM measures\nWHERE $__timeFilter(time)\n  AND name = 'frame_time_ms' -- all maps\nGROUP BY 1, 2\nORDER BY 1"
      );
      await explore.switchTo('Builder');
      const dialog = page.getByRole('dialog', { name: 'The builder cannot show this SQL' });
      await expect(dialog.getByRole('row').nth(1)).toBeVisible();
      await take(dialog, 'builder-difference');
    });

    test('takes a picture of a log search, and of the process dialog', async ({ explore, page }) => {
      await explore.openBuilder('ada', theme);
      await lookAt(explore, 'Logs');
      await explore.choose('Minimum level', 'info');
      await page.getByRole('button', { name: 'Program', exact: true }).click();
      await page.getByLabel('Value of filter 2').click();
      await page.getByRole('option', { name: 'ember-server' }).click();
      await blur(page);
      await take(explore.queryRow, 'builder-logs');
      await page.getByRole('button', { name: 'Choose process' }).click();
      const dialog = page.getByRole('dialog', { name: 'Choose a process' });
      await expect(dialog.getByRole('row').nth(1)).toBeVisible();
      await take(dialog, 'builder-processes');
    });

    test('takes pictures of completion and of a marked error', async ({ explore, page }) => {
      await explore.open('ada', theme);
      await explore.type("SELECT time, msg\nFROM log_entries\nWHERE exe = '");
      await page.keyboard.press('Control+Space');
      await expect(page.locator('.suggest-widget.visible .monaco-list-row').nth(2)).toBeVisible();
      await takeUpperPart(page, explore.editor, pathOf('code-completion'), 190);
      await page.keyboard.press('Escape');
      await explore.type("SELECT time, msg\nFROM log_entries\nWHERE exe = 'ember-server' level <= 2");
      await page.keyboard.press('Escape');
      await expect(async () => {
        await explore.editor.locator('.squiggly-error').hover({ force: true, timeout: 2000 });
        await expect(page.locator('.monaco-hover:visible').first()).toContainText('found', { timeout: 2000 });
      }).toPass();
      await takeUpperPart(page, explore.editor, pathOf('code-error'), 190);
    });

    test('takes a picture of filters from a log line', async ({ explore, page }) => {
      await explore.open('ada', theme);
      await explore.type('SELECT time, level, target, msg, properties\nFROM log_entries\nORDER BY time DESC');
      await explore.chooseFormat('Logs');
      const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
      await lines.filter({ hasText: 'POST /v1/match' }).first().getByRole('button').first().click();
      const target = page
        .getByRole('table', { name: 'Log details' })
        .getByRole('row')
        .filter({ hasText: 'ember.http' })
        .filter({ hasText: 'target' });
      await target.getByRole('button', { name: 'Filter for value' }).click();
      await expect(page.getByRole('group', { name: 'Filters' })).toBeVisible();
      await blur(page);
      await take(explore.queryRow, 'filter-chips');
    });

    test('takes a picture of the variable editor', async ({ page }) => {
      await page.goto(`variables/micromegas-provisioned?user=ada&theme=${theme}`);
      await page.getByRole('combobox', { name: 'Values from' }).click();
      await page.getByRole('option', { name: /^Processes/ }).click();
      const preview = page.getByRole('region', { name: 'Preview of values' });
      await expect(preview).toContainText('ember-server');
      await blur(page);
      await takeUpperPart(page, page.locator('main'), pathOf('variable-editor'), 870);
    });

    test('takes a picture of a dashboard with an ad hoc filter', async ({ page }) => {
      await page.goto(`dashboard/micromegas/demo?user=ada&theme=${theme}`);
      const cell = page.getByRole('cell', { name: 'ember-server' }).first();
      // The table is rendered again while the dashboard opens, so the button under the mouse may disappear.
      await expect(async () => {
        await cell.hover();
        await cell.getByRole('button', { name: 'Filter for value' }).click({ timeout: 2000 });
      }).toPass();
      await expect(page.getByText('exe = ember-server')).toBeVisible();
      await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toHaveCount(0);
      await blur(page);
      await page.mouse.move(0, 0);
      await takeUpperPart(page, page.locator('main'), pathOf('dashboard-filter'), 560);
    });
  });
}
