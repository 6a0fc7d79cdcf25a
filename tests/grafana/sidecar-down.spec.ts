/** Save & test with a sidecar that stops. Starts a Grafana of its own, whose settings name the sidecar. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { TEST_IDS } from '../../src/shared/test-ids';
import { startSidecar } from '../conformance/sidecar';
import { BROWSER } from '../support/shared-context';
import { START_SCRIPT, startGrafana } from './local-grafana';
import { fromEnvironment } from './services';

const test = base.extend<object>({ browser: BROWSER });
test.skip(!existsSync(START_SCRIPT), `There is no ${START_SCRIPT}, which starts a Grafana.`);

test('says that the sidecar does not run, and passes when it runs again', async ({ browser }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  const socket = join(folder, 'proxy.sock');
  let sidecar = await startSidecar(`unix:${socket}`);
  const grafana = await startGrafana({ settings: `[plugin.${PLUGIN_ID}]\nbackend_socket = ${socket}\n` });
  try {
    const { lakehouse, apiKey } = fromEnvironment();
    const context = await browser.newContext({ baseURL: grafana.url, locale: 'en-US' });
    await context.request.post('/login', { data: { user: 'admin', password: 'admin' } });
    const data = {
      uid: 'sidecar',
      name: 'Sidecar',
      type: PLUGIN_ID,
      access: 'proxy',
      jsonData: { host: lakehouse, selectedAuthType: 'token' },
      secureJsonData: { token: apiKey },
    };
    expect((await context.request.post('/api/datasources', { data })).ok()).toBe(true);
    const page = await context.newPage();
    await page.goto('/connections/datasources/edit/sidecar');
    const save = page.getByRole('button', { name: 'Save & test' });
    const alert = page.getByTestId('data-testid Alert').or(page.getByTestId('data-testid Alert error'));

    await save.click();
    await expect(page.getByTestId(TEST_IDS.checkSummary)).toHaveAttribute('data-status', 'ok');

    await sidecar.stop();
    await save.click();
    const message = 'The backend of the plugin does not respond (Grafana: Plugin health check failed)';
    const advice = 'the sidecar does not run, or listens at another address';
    await expect(page.getByTestId(TEST_IDS.checkSummary)).toContainText(message);
    await expect(page.getByTestId(TEST_IDS.checkSummary)).toContainText(advice);
    await expect(alert.filter({ hasText: message })).toContainText(advice);

    sidecar = await startSidecar(`unix:${socket}`);
    await expect(async () => {
      await save.click();
      await expect(page.getByTestId(TEST_IDS.checkSummary)).toHaveAttribute('data-status', 'ok', { timeout: 3_000 });
    }).toPass();
    await context.close();
  } finally {
    await grafana.stop();
    await sidecar.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
