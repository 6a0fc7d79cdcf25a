import { expect, test } from './playground';

test('shows a table with JSONB properties', async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT exe, computer, properties FROM processes ORDER BY exe');
  await explore.run();
  await expect(page.getByRole('columnheader', { name: 'computer' })).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
});

test('shows a table of thousands of log entries', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT exe, target, msg FROM log_entries ORDER BY exe LIMIT 5000');
  await explore.run();
  await expect(page.getByRole('columnheader', { name: 'target' })).toBeVisible();
  const cells = page.getByRole('row').nth(1).getByRole('cell');
  await expect(cells.nth(0)).toHaveText(/^[a-z-]+$/);
  await expect(cells.nth(1)).toHaveText(/^\w+(::\w+)*$/);
});

test('shows a time series', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Time series');
  await explore.type(
    'SELECT $__dateBin(time) AS time, name, avg(value) AS value FROM measures WHERE $__timeFilter(time) GROUP BY 1, 2 ORDER BY 1'
  );
  await explore.run();
  await expect(page.locator('.u-over').first()).toBeVisible();
});

test('shows logs with levels', async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Logs');
  await explore.type(
    'SELECT time, level, target, msg, properties FROM log_entries WHERE level <= 3 ORDER BY time DESC'
  );
  await explore.run();
  const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
  await expect(lines.first()).toBeVisible();
  const levels = await lines.evaluateAll((all) => all.map((line) => line.getAttribute('data-level')));
  expect(new Set(levels).size).toBeGreaterThan(1);
  for (const level of levels) {
    expect(['critical', 'error', 'warning']).toContain(level);
  }
});

test('counts log lines by level, including those beyond the limit of the query', async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Logs');
  await explore.type('SELECT time, level, msg FROM log_entries WHERE level <= 4 ORDER BY time DESC LIMIT 7');
  await explore.run();
  const volume = page.getByTestId('log volume');
  await expect(volume.getByRole('button', { name: 'info', exact: true })).toBeVisible();
  expect(Number(await volume.getAttribute('data-lines'))).toBeGreaterThan(1000);
  await expect(page.getByRole('list', { name: 'Log lines' }).getByRole('listitem')).toHaveCount(7);
  await explore.type('SELECT level, msg FROM log_entries LIMIT 3');
  await explore.run();
  await expect(page.getByTestId('log volume error')).toContainText('The log lines have no time column');
  await expect(volume).toBeHidden();
});

test('shows an error with its query id and keeps the SQL', async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT nope FROM log_entries');
  await explore.run();
  await expect(page.getByTestId('query error')).toContainText('No field named nope');
  await expect(page.getByTestId('query error')).toContainText(/query_id [0-9a-f-]{36}/);
  await expect(explore.editor).toContainText('SELECT nope FROM log_entries');
});

test('keeps the typed SQL when the format changes', { tag: '@full' }, async ({ explore }) => {
  await explore.open();
  await explore.type('SELECT 1 AS kept_text');
  await explore.chooseFormat('Logs');
  await explore.chooseFormat('Table');
  await expect(explore.editor).toContainText('kept_text');
});

test('runs the query once when a format is chosen', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT time, msg FROM log_entries');
  const sent: string[] = [];
  page.on('request', (request) => {
    // The log volume is a separate query.
    if (request.url().includes('/api/ds/query') && request.postData()?.includes('logs-volume') !== true) {
      sent.push(request.url());
    }
  });
  await explore.chooseFormat('Logs');
  await expect(page.getByRole('list', { name: 'Log lines' }).getByRole('listitem').first()).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('completes table names', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT * FROM ');
  await page.keyboard.press('Control+Space');
  await expect(page.locator('.suggest-widget')).toContainText('log_entries');
});

test('reports that the row limit truncated the result', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.type('SELECT msg FROM log_entries');
  await explore.toggleOptions();
  await page.getByLabel('Row limit').fill('5');
  await explore.editor.click();
  await explore.run();
  await expect(page.getByTestId('query notice')).toContainText('Showing the first 5 rows');
});

test('sends the e-mail address of the user to the lakehouse', { tag: '@full' }, async ({ explore, page }) => {
  for (const user of ['ada', 'grace'] as const) {
    await explore.open(user);
    await explore.type(`SELECT 'asked-by-${user}' AS marker`);
    await explore.run();
    await page.getByRole('button', { name: 'Show more records' }).click();
    const row = page
      .getByRole('row')
      .filter({ hasText: `asked-by-${user}` })
      .filter({ hasText: 'explore' });
    await expect(row.first()).toContainText(`${user}@example.com`);
  }
});

test('lists the values of a variable', { tag: '@full' }, async ({ explore, page }) => {
  await page.goto('variables/micromegas-provisioned?user=ada');
  await explore.switchTo('Code');
  await explore.type('SELECT DISTINCT exe FROM processes ORDER BY exe');
  await page.getByRole('button', { name: 'Run query' }).last().click();
  await expect(page.getByRole('region', { name: 'Preview of values' })).toContainText(/game-server|gateway|server/);
});

test('shows the context of a log line, and narrows it to the target', async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Logs');
  await explore.type(
    "SELECT time, level, target, msg, process_id FROM log_entries WHERE msg LIKE 'join queue holds%' ORDER BY time DESC"
  );
  await explore.run();
  await page
    .getByRole('list', { name: 'Log lines' })
    .getByRole('button', { name: /join queue holds/ })
    .click();
  await page.getByRole('button', { name: 'Show context' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log context' });
  const lines = (name: string) => dialog.getByRole('region', { name }).getByRole('listitem');
  await expect(lines('This line')).toHaveText(/join queue holds 912 players/);
  await expect(lines('Older lines')).toHaveCount(100);
  await expect(lines('Newer lines').filter({ hasText: 'out of memory' })).toHaveCount(1);
  await expect(lines('Older lines').filter({ hasText: 'player' }).first()).toBeVisible();
  await dialog.getByRole('radio', { name: 'Same target' }).check({ force: true });
  await expect(lines('Newer lines').filter({ hasText: 'out of memory' })).toHaveCount(0);
  await expect(lines('Older lines').filter({ hasNotText: /still waiting for a session/ })).toHaveCount(0);
});

test('explains why a line without a process has no context', { tag: '@full' }, async ({ explore, page }) => {
  await explore.open();
  await explore.chooseFormat('Logs');
  await explore.type('SELECT time, level, msg FROM log_entries ORDER BY time DESC LIMIT 5');
  await explore.run();
  await page.getByRole('list', { name: 'Log lines' }).getByRole('button').first().click();
  await page.getByRole('button', { name: 'Show context' }).click();
  await expect(
    page
      .getByRole('dialog')
      .getByText(/Add the column process_id/)
      .first()
  ).toBeVisible();
});
