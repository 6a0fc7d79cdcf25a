import { expect, test } from './playground';

test('opens signed in, with an example query and its result', async ({ page, explore }) => {
  await page.goto('?user=ada');
  await expect(explore.summary).toContainText("name = 'request_latency'");
  await expect(page.locator('.u-over')).toBeVisible();
  await expect(page.getByText('eu-west').first()).toBeVisible();
  await expect(page.getByTestId('query error')).toHaveCount(0);
  await expect(page.getByRole('row').filter({ hasText: 'request_latency' }).first()).toContainText('OAuth');
});

test('opens an empty settings form with one click', { tag: '@full' }, async ({ page, settings }) => {
  await page.goto('?user=ada');
  await page.getByRole('button', { name: 'New data source' }).click();
  await expect(settings.field('Host')).toHaveValue('');
});

test('opens the query in the URL parameter `left`', { tag: '@full' }, async ({ page, explore }) => {
  const left = { datasource: 'micromegas', queries: [{ refId: 'A', query: 'SELECT 7 AS seven', format: 'table' }] };
  await page.goto(`explore?left=${encodeURIComponent(JSON.stringify(left))}`);
  await expect(explore.summary).toContainText('SELECT 7 AS seven');
  await expect(page.getByRole('columnheader', { name: 'seven' })).toBeVisible();
  await explore.summary.getByRole('button', { name: 'Edit' }).click();
  await expect(explore.editor).toContainText('SELECT 7 AS seven');
});

test('filters by a value and by text from a log line, and does not change the SQL', async ({ page, explore }) => {
  await explore.open();
  await explore.chooseFormat('Logs');
  const sql = 'SELECT time, level, target, msg, properties FROM log_entries WHERE level <= 4 ORDER BY time DESC';
  await explore.type(sql);
  await explore.run();
  const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await lines.filter({ hasText: 'POST /v1/match' }).first().getByRole('button').first().click();
  const details = page.getByRole('table', { name: 'Log details' });
  const target = details.getByRole('row').filter({ hasText: 'ember.http' }).filter({ hasText: 'target' });
  await target.getByRole('button', { name: 'Filter for value' }).click();
  await expect(lines.filter({ hasText: /players ready|joined from/ })).toHaveCount(0);
  await expect(lines.filter({ hasText: 'POST /v1/match' }).first()).toBeVisible();

  await lines
    .filter({ hasText: 'POST' })
    .first()
    .getByText(/POST/)
    .first()
    .dblclick({ position: { x: 10, y: 8 } });
  await page.getByRole('menuitem', { name: 'Add as line does not contain filter' }).click();
  await expect(lines.filter({ hasText: 'POST' })).toHaveCount(0);
  await expect(explore.editor).toContainText(sql);
});
