import { expect, test } from './playground';
import { NEW_DATA_SOURCE } from '../../demo/playground/playground-data';

test('signs in with an API key and does not show the stored key', async ({ settings, page }) => {
  await settings.open();
  await settings.fillApiKey();
  await settings.saveAndTest();
  await expect(settings.result).toContainText(/Connected to .* API key; 6 tables/);
  // After the key is stored, the page does not contain the key.
  await page.reload();
  await expect(page.getByRole('button', { name: 'Reset' })).toBeVisible();
  const key = await settings.hint('apiKey');
  const inputs = await page.locator('input').evaluateAll((all: HTMLInputElement[]) => all.map(({ value }) => value));
  expect(inputs).not.toContain(key);
});

test('signs in with OAuth client credentials and shows the account', async ({ settings }) => {
  await settings.open();
  await settings.fillOAuth();
  await settings.saveAndTest();
  await expect(settings.result).toContainText(/Connected to .* OAuth as grafana-demo/);
  await expect(settings.result).toContainText(/name/);
});

test('explains a wrong client secret and passes with the right one', async ({ settings }) => {
  await settings.open();
  await settings.fillOAuth();
  await settings.fillSecret('Client Secret', 'not-the-secret');
  await settings.saveAndTest();
  await expect(settings.result).toContainText('The identity provider rejected the client credentials.');
  await expect(settings.result).toContainText('Check Client ID and Client Secret');
  await expect(settings.result).not.toContainText('not-the-secret');
  await settings.fillSecret('Client Secret', await settings.hint('clientSecret'));
  await settings.saveAndTest();
  await expect(settings.result).toContainText(/Connected to/);
});

test('explains a wrong API key', { tag: '@full' }, async ({ settings }) => {
  await settings.open();
  await settings.fillApiKey();
  await settings.fillSecret('API Key', 'not-the-key');
  await settings.saveAndTest();
  await expect(settings.result).toContainText('The server did not accept the API key.');
  await expect(settings.result).not.toContainText('not-the-key');
});

test('shows a problem at the field while the user types', { tag: '@full' }, async ({ settings, page }) => {
  await settings.open();
  await settings.field('Host').fill('https://lakehouse:50051');
  await settings.field('Host').blur();
  await expect(page.getByText('Leave out "https://"')).toBeVisible();
  await settings.field('Host').fill('lakehouse');
  await expect(page.getByText('Add the port')).toBeVisible();
  await settings.field('Host').fill('lakehouse.example.com:50051');
  await expect(page.getByText('Add the port')).toBeHidden();
});

test(
  'lets an admin test a provisioned data source, but not change it',
  { tag: '@full' },
  async ({ settings, page }) => {
    await settings.open('micromegas-provisioned');
    await expect(settings.field('Host')).toBeDisabled();
    await expect(settings.field('API Key')).toBeDisabled();
    await expect(page.getByRole('button', { name: 'Reset' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(settings.result).toContainText(/Connected to/);
    await expect(settings.checkSummary).toHaveText(/^Passed/);
  }
);

test('rejects a change by a viewer', async ({ settings, page }) => {
  await settings.open(NEW_DATA_SOURCE, 'grace');
  await settings.fillApiKey();
  await settings.saveAndTest();
  await expect(page.getByText('Only an admin may change a data source.')).toBeVisible();
});
