/** *Filter and group by* of Grafana 13.2: the viewer groups the panels of a dashboard and accepts suggested filters. */
import { expect, test } from './playground';

const GROUP_INPUT = 'data-testid ad hoc filters combobox group by input';

test.beforeEach(async ({ page }) => {
  await page.goto('dashboard/micromegas/demo?user=ada');
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toBeVisible();
});

test('groups the panels that aggregate, and does not change the others', async ({ page }) => {
  const problems = page.locator('section').filter({ hasText: 'Warnings and errors' });
  await expect(problems.getByText('warning', { exact: true })).toBeVisible();
  await page.getByTestId(GROUP_INPUT).click();
  await page.getByRole('option', { name: 'exe', exact: true }).click();
  await page.keyboard.press('Escape');
  // This panel is grouped too, although its query reads log_entries in a CTE.
  await expect(problems.getByText('error, ember-server', { exact: true })).toBeVisible();
  await expect(problems.getByText('warning', { exact: true })).toHaveCount(0);
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toBeVisible();
  await expect(page.getByTestId(/Panel status (error|message)/)).toHaveCount(0);
});

test('recommends a filter with a value', async ({ page }) => {
  await page.getByRole('button', { name: 'Show recommendations' }).first().click();
  await page.getByText('exe = ember-server', { exact: true }).click();
  await expect(page.getByRole('cell', { name: 'rowan-desk', exact: true })).toHaveCount(0);
});
