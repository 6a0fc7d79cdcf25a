import { NEW_DATA_SOURCE } from '../../demo/playground/playground-data';
import { expect, test } from './playground';

interface Form {
  provider: string;
  /** Label (a regular expression) and typed value of each field. */
  fields: Array<[label: string, text: string]>;
  /** Values that the page computes from the fields and shows. */
  derived: string[];
  saved: Record<string, string>;
}

const TENANT = '6f1d3c8a-2b57-4e0f-9a64-0c1b8f7d2e35';

const forms: Form[] = [
  {
    provider: 'Auth0',
    fields: [
      ['Domain', 'example.eu.auth0.com'],
      ['Client ID', 'client'],
      ['Audience \\(API Identifier\\)', 'https://micromegas.example.com'],
    ],
    derived: ['https://example.eu.auth0.com/'],
    saved: {
      oauthProvider: 'auth0',
      oauthIssuer: 'https://example.eu.auth0.com/',
      oauthAudience: 'https://micromegas.example.com',
    },
  },
  {
    provider: 'Microsoft Entra ID',
    fields: [
      ['Directory \\(tenant\\) ID', TENANT],
      ['Client ID', 'client'],
      ['Application ID URI', 'api://micromegas'],
    ],
    derived: [`https://login.microsoftonline.com/${TENANT}/v2.0`, 'api://micromegas/.default'],
    saved: {
      oauthProvider: 'entra',
      oauthIssuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      oauthScope: 'api://micromegas/.default',
    },
  },
  {
    provider: 'Okta',
    fields: [
      ['OIDC Issuer', 'https://example.okta.com/oauth2/default'],
      ['Client ID', 'client'],
      ['Scope', 'micromegas'],
    ],
    derived: [],
    saved: { oauthProvider: 'okta', oauthIssuer: 'https://example.okta.com/oauth2/default', oauthScope: 'micromegas' },
  },
  {
    provider: 'Google',
    fields: [
      ['Client ID', 'grafana@example.iam.gserviceaccount.com'],
      ['Target audience', 'https://micromegas.example.com'],
    ],
    derived: [],
    saved: {
      oauthProvider: 'google',
      oauthIssuer: 'https://accounts.google.com',
      oauthClientId: 'grafana@example.iam.gserviceaccount.com',
    },
  },
  {
    provider: 'Keycloak',
    fields: [
      ['Server URL', 'https://keycloak.example.com'],
      ['Realm', 'observability'],
      ['Client ID', 'client'],
    ],
    derived: ['https://keycloak.example.com/realms/observability'],
    saved: { oauthProvider: 'keycloak', oauthIssuer: 'https://keycloak.example.com/realms/observability' },
  },
];

for (const { provider, fields, derived, saved } of forms) {
  test(
    `${provider}: saves the fields of its settings form and shows them again`,
    { tag: '@full' },
    async ({ settings, page }) => {
      await settings.open();
      await settings.chooseMethod('OAuth 2.0 Client Credentials');
      await settings.chooseProvider(provider);
      for (const [label, value] of fields) {
        await settings.field(label).fill(value);
      }
      for (const value of derived) {
        await expect(page.getByText(value, { exact: true })).toBeVisible();
      }
      await settings.save();
      expect(await settings.saved()).toMatchObject(saved);
      await page.reload();
      await expect(page.getByRole('combobox', { name: 'Provider', exact: true })).toHaveValue(provider);
      for (const [label, value] of fields) {
        await expect(settings.field(label)).toHaveValue(value);
      }
    }
  );
}

test('Google: reads an uploaded key and never shows or returns it', async ({ settings, page }) => {
  await settings.open();
  await settings.chooseMethod('OAuth 2.0 Client Credentials');
  await settings.chooseProvider('Google');
  const key = {
    type: 'service_account',
    private_key_id: 'key-1',
    private_key: '-----BEGIN PRIVATE KEY-----\nNEVERSHOWN\n-----END PRIVATE KEY-----\n',
    client_email: 'uploaded@example.iam.gserviceaccount.com',
  };
  await page.getByLabel('Upload key file').setInputFiles({
    name: 'key.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(key)),
  });
  await expect(settings.field('Client ID')).toHaveValue(key.client_email);
  await expect(page.getByText(/JSON key of uploaded@example.*key ID key-1/)).toBeVisible();
  await settings.save();
  await page.reload();
  await expect(settings.field('Service account key \\(JSON\\)')).toHaveValue('configured');
  expect(await page.content()).not.toContain('NEVERSHOWN');
  const response = await page.request.get(`api/datasources/uid/${NEW_DATA_SOURCE}`);
  expect(await response.text()).not.toContain('NEVERSHOWN');
});

test('shows at the field why a value is invalid', async ({ settings, page }) => {
  await settings.open();
  await settings.chooseMethod('OAuth 2.0 Client Credentials');
  await settings.chooseProvider('Okta');
  await settings.field('OIDC Issuer').fill('https://example.okta.com');
  await expect(page.getByText("This is Okta's org server")).toBeVisible();
  await settings.chooseProvider('Microsoft Entra ID');
  await settings.field('Directory \\(tenant\\) ID').fill('common');
  await expect(page.getByText('means all tenants')).toBeVisible();
});

test(
  'keeps a saved secret parameter when another parameter is removed',
  { tag: '@full' },
  async ({ settings, page }) => {
    await settings.open();
    await settings.chooseMethod('OAuth 2.0 Client Credentials');
    await page.getByRole('button', { name: 'Expand section Advanced token request' }).click();
    for (const number of [1, 2]) {
      await page.getByRole('button', { name: 'Add parameter' }).click();
      await page.getByLabel(`Token parameter ${number} name`).fill(`p${number}`);
      await page.getByLabel(`Token parameter ${number} is secret`).check({ force: true });
      await page.getByLabel(`Token parameter ${number} value`).fill(`v${number}`);
    }
    await settings.save();
    await page.reload();
    await page.getByRole('button', { name: 'Remove token parameter 1' }).click();
    await settings.save();
    await page.reload();
    await expect(page.getByLabel('Token parameter 1 name')).toHaveValue('p2');
    await expect(page.getByLabel('Token parameter 1 value')).toHaveValue('configured');
  }
);

test('moves the focus through the fields with the keyboard', { tag: '@full' }, async ({ settings, page }) => {
  await settings.open();
  await settings.field('Host').focus();
  await page.keyboard.press('Tab');
  await expect(settings.field('TLS')).toBeFocused();
  await page.keyboard.press('Space');
  await expect(settings.field('TLS')).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: /section TLS settings/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(settings.field('With CA Certificate')).toBeVisible();
});

test('fits a window of 400 pixels', { tag: '@full' }, async ({ settings, page }) => {
  await page.setViewportSize({ width: 400, height: 900 });
  await settings.open();
  await settings.chooseMethod('OAuth 2.0 Client Credentials');
  await settings.chooseProvider('Microsoft Entra ID');
  await page.getByRole('button', { name: 'Check connection' }).scrollIntoViewIfNeeded();
  const overflow = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
  expect(overflow).toBe(0);
});
