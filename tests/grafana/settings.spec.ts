import { TEST_IDS } from '../../src/shared/test-ids';
import { expect, settingsField, test } from './grafana';

test('saves and tests an API key with one request, whose details the page shows', async ({ settings, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    const [, call] = /\/api\/datasources\/uid\/[^/]+\/(health|resources\/health)/.exec(request.url()) ?? [];
    asked.push(...(call === undefined ? [] : [call]));
  });
  await settings.fillApiKey();
  await expect(settings.config.saveAndTest()).toBeOK();
  await expect(page.getByTestId(TEST_IDS.checkStage('tables'))).toBeVisible();
  expect(asked).toEqual(['health']);
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

test('checks the settings that were just saved, although Grafana caches data sources', async ({ settings, page }) => {
  await settings.fillApiKey();
  for (const port of [1, 2, 3, 4, 5, 6]) {
    const host = `127.0.0.1:${port}`;
    await settingsField(page, 'Host').fill(host);
    await settings.config.saveAndTest();
    await expect(page.getByTestId(TEST_IDS.checkStage('settings'))).toContainText(`${host},`);
  }
});
