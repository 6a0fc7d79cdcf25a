import { readFileSync } from 'node:fs';
import { type DiagnosticsFile } from '../../contract/resources/diagnostics';
import { TEST_IDS } from '../../src/shared/test-ids';
import { expect, test } from './playground';

test('downloads the diagnostics of a provisioned data source after a check', async ({ settings, page }) => {
  await settings.open('micromegas-provisioned');
  await page.getByRole('button', { name: 'Check connection' }).click();
  await expect(settings.checkSummary).toHaveText(/^Passed/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download diagnostics' }).click(),
  ]);
  await expect(page.getByTestId(TEST_IDS.diagnostics)).toHaveAttribute('data-status', 'done');
  expect(download.suggestedFilename()).toMatch(/^micromegas-diagnostics-micromegas-provisioned-\d{4}-[\dTZ-]+\.json$/);
  const json = readFileSync(await download.path(), 'utf8');
  expect(json).toMatch(/^\{\n {2}"format"/);
  const { dataSource }: DiagnosticsFile = JSON.parse(json);
  expect(dataSource).toMatchObject({ uid: 'micromegas-provisioned', lastCheck: { status: 'ok' } });
});

test('offers the diagnostics after the settings were saved', { tag: '@full' }, async ({ settings, page }) => {
  const button = page.getByRole('button', { name: 'Download diagnostics' });
  await settings.open();
  await expect(button).toBeDisabled();
  await settings.fillApiKey();
  await expect(page.getByText('Save the settings first.')).toBeVisible();
  await settings.saveAndTest();
  await expect(button).toBeEnabled();
});

test('does not offer the diagnostics to a viewer', { tag: '@full' }, async ({ settings, page }) => {
  await settings.open('micromegas-provisioned', 'grace');
  await expect(page.getByRole('button', { name: 'Download diagnostics' })).toBeDisabled();
  await expect(page.getByText('Only users with the role Admin can download it.')).toBeVisible();
});
