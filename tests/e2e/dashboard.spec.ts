import { CRASHED_PROCESS, expect, test } from './playground';

test.beforeEach(async ({ page }) => {
  await page.goto('dashboard/micromegas/demo?user=ada');
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toBeVisible();
});

test('shows annotations of process starts', async ({ page }) => {
  const annotations = page.getByRole('list', { name: 'Annotations' }).first();
  await expect(annotations).toContainText('ember-server started on atlas-07');
});

test('filters panels and the next variable by the values of a variable', async ({ page }) => {
  await page.getByRole('combobox', { name: 'Program' }).click();
  await page.keyboard.type('ember-editor');
  await page.getByRole('option', { name: 'ember-editor' }).click();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('cell', { name: 'atlas-07', exact: true })).toHaveCount(0);
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toBeVisible();

  await page.getByRole('combobox', { name: 'Process' }).click();
  await expect(page.getByRole('option', { name: /ember-editor on rowan-desk/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /ember-server/ })).toHaveCount(0);
});

test('filters panels by a value of a table cell, even a panel whose query has a CTE', async ({ page }) => {
  const cell = page.getByRole('cell', { name: 'ember-editor' }).first();
  await cell.hover();
  await cell.getByRole('button', { name: 'Filter for value' }).click();
  await expect(page.getByText('exe = ember-editor')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'atlas-07', exact: true })).toHaveCount(0);

  // This panel reads log_entries in a CTE. The filter leaves only the lines of ember-editor: warnings, but no errors.
  const problems = page.locator('section').filter({ hasText: 'Warnings and errors' });
  await expect(problems.getByText('warning', { exact: true })).toBeVisible();
  await expect(problems.getByText('error', { exact: true })).toHaveCount(0);
});

test('offers keys and values of the tables for ad hoc filters', { tag: '@full' }, async ({ page }) => {
  await page.getByPlaceholder('+ label = value').click();
  await page.getByRole('option', { name: 'computer', exact: true }).click();
  await page.getByRole('option', { name: /^= / }).click();
  await page.getByRole('option', { name: 'rowan-desk' }).click();
  await expect(page.getByText('computer = rowan-desk')).toBeVisible();
  // While the list of the next key is open, elements outside of it cannot be found by role.
  await page.keyboard.press('Escape');
  await expect(page.getByRole('cell', { name: 'atlas-07', exact: true })).toHaveCount(0);
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toBeVisible();
});

test('shows the images of a process in a table', { tag: '@full' }, async ({ page }) => {
  const panel = page.locator('section').filter({ hasText: 'Images of the server that crashed' });
  await panel.scrollIntoViewIfNeeded();
  await expect(panel.locator('img[src^="data:image/png"]').first()).toBeVisible();
});

test('opens the link of a table cell in the time range of the dashboard', { tag: '@full' }, async ({ page }) => {
  const cell = page.getByRole('cell', { name: CRASHED_PROCESS, exact: true });
  await cell.scrollIntoViewIfNeeded();
  await cell.getByRole('link', { name: CRASHED_PROCESS, exact: true }).click();
  await page.waitForURL(/explore/);
  const { range } = JSON.parse(new URL(page.url()).searchParams.get('left') ?? '{}');
  // If the link had no range, Explore would open its default range, which is relative, such as "now-1h".
  expect(Number(range.to) - Number(range.from)).toBe(3_600_000);
});

test.describe('in a browser that prefers light pages', () => {
  test.use({ hasOwnContext: true, colorScheme: 'light' });

  test('begins with the light theme, and stays on the dashboard when the theme changes', async ({ page }) => {
    await page.goto('dashboard?user=ada');
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    await expect(page.getByRole('button', { name: 'Switch to the light theme' })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe('/dashboard');
    await expect(page.locator('body')).toHaveClass(/theme-dark/);
  });
});
