import { expect, test } from './grafana';

test('saves and tests an API key', async ({ settings, page }) => {
  await settings.fillApiKey();
  await expect(settings.config.saveAndTest()).toBeOK();
  await expect(settings.config).toHaveAlert('success', { hasText: /Connected to .* API key/ });
  await page.reload();
  // Grafana stores the key and does not send it back.
  await expect(page.getByRole('button', { name: 'Reset' })).toBeVisible();
});

test('saves and tests OAuth client credentials', async ({ settings, services }) => {
  await settings.fillOAuth();
  await expect(settings.config.saveAndTest()).toBeOK();
  await expect(settings.config).toHaveAlert('success', {
    hasText: new RegExp(`Connected to .* OAuth as ${services.clientId}`),
  });
});

test('reports a wrong API key', async ({ settings }) => {
  await settings.fillApiKey('not-the-key');
  await expect(settings.config.saveAndTest()).not.toBeOK();
  await expect(settings.config).toHaveAlert('error', { hasText: 'The server did not accept the API key.' });
});

test('reports a wrong client secret', async ({ settings }) => {
  await settings.fillOAuth('not-the-secret');
  await expect(settings.config.saveAndTest()).not.toBeOK();
  await expect(settings.config).toHaveAlert('error', { hasText: 'Check Client ID and Client Secret' });
});
