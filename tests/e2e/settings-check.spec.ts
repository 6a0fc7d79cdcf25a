import { TEST_IDS } from '../../src/shared/test-ids';
import { expect, test } from './playground';

test('shows the stages, the token and the recorded user after a passed Save & test', async ({
  settings,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await settings.open();
  await settings.fillOAuth();
  await settings.saveAndTest();
  await expect(settings.checkSummary).toHaveText(/^Passed.*Connected to/);
  for (const stage of ['settings', 'discovery', 'token', 'server', 'query', 'tables']) {
    await expect(settings.stage(stage)).toHaveAttribute('data-status', 'ok');
  }
  await expect(page.getByTestId(TEST_IDS.tokenRule('algorithm'))).toHaveAttribute('data-status', 'ok');
  const config = await page.getByTestId(TEST_IDS.serverConfig).innerText();
  expect(JSON.parse(config)).toMatchObject({ issuers: [{ issuer: await settings.hint('issuer') }] });
  await page.getByRole('button', { name: 'Copy the server configuration' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(config);
  const identity = page.getByRole('table', { name: 'Recorded identity' });
  await expect(identity.getByRole('row', { name: /^User/ })).toContainText('grafana-demo');
  await expect(page.getByText('There are unsaved changes')).toHaveCount(0);
});

for (const signIn of ['API key', 'OAuth']) {
  for (const attribution of ['on', 'off']) {
    test(
      `shows the user of the audit log: ${signIn}, attribution ${attribution}`,
      { tag: '@full' },
      async ({ settings, page }) => {
        await settings.open();
        await (signIn === 'OAuth' ? settings.fillOAuth() : settings.fillApiKey());
        if (attribution === 'off') {
          await settings.switchOffAttribution();
        }
        await settings.saveAndTest();
        await expect(settings.checkSummary).toHaveText(/^Passed/);
        const record = page.getByTestId(TEST_IDS.auditRecord);
        await expect(record).toHaveAttribute('data-status', 'found', { timeout: 20_000 });
        await expect(page.getByText("Read from the server's audit trail")).toBeVisible();
        await expect(record).toBeEmpty();
        const identity = page.getByRole('table', { name: 'Recorded identity' });
        await expect(identity).toContainText(`Attribution ${attribution}, as saved`);
        const user = signIn === 'OAuth' ? 'grafana-demo' : attribution === 'on' ? 'ada' : 'grafana-demo-key';
        await expect(identity.getByRole('row', { name: /^User/ }).getByRole('cell').first()).toHaveText(user);
      }
    );
  }
}

test('names the failed stage, and passes after the user has corrected the secret', async ({ settings }) => {
  await settings.open();
  await settings.fillOAuth();
  await settings.fillSecret('Client Secret', 'not-the-secret');
  await settings.saveAndTest();
  await expect(settings.checkSummary).toHaveText(/^Failed/);
  await expect(settings.stage('discovery')).toHaveAttribute('data-status', 'ok');
  await expect(settings.stage('token')).toHaveAttribute('data-status', 'failed');
  await expect(settings.stage('token')).toContainText('Client Secret');
  await expect(settings.stage('query')).toHaveCount(0);
  await settings.fillSecret('Client Secret', await settings.hint('clientSecret'));
  await settings.saveAndTest();
  await expect(settings.checkSummary).toHaveText(/^Passed/);
});

test(
  'checks a provisioned data source when the user presses the button "Check connection"',
  { tag: '@full' },
  async ({ settings, page }) => {
    await settings.open('micromegas-provisioned');
    await expect(page.getByText('Not checked yet.')).toBeVisible();
    await page.getByRole('button', { name: 'Check connection' }).click();
    await expect(settings.checkSummary).toHaveText(/^Passed/);
    await expect(settings.stage('token')).toHaveCount(0);
  }
);

test('shows only the result to a viewer', { tag: '@full' }, async ({ settings, page }) => {
  await settings.open('micromegas-provisioned', 'grace');
  await page.getByRole('button', { name: 'Check connection' }).click();
  await expect(settings.checkSummary).toBeVisible();
  await expect(page.getByRole('list', { name: 'Stages of the check' })).toHaveCount(0);
});

test('reports unsaved changes', { tag: '@full' }, async ({ settings, page }) => {
  await settings.open();
  await settings.field('Host').fill('elsewhere.example.com:1');
  await expect(page.getByText('There are unsaved changes.')).toBeVisible();
});
