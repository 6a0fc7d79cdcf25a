/**
 * Takes pictures of the settings page for the documentation, one per provider and some of the connection check:
 * `UPDATE_PICTURES=1 npm run test:e2e -- settings-pictures`.
 */
import { type Page } from '@playwright/test';
import { join } from 'node:path';
import { expect, type SettingsPage, test } from './playground';
import { NEW_DATA_SOURCE } from '../../demo/playground/playground-data';

const FOLDER = process.env.PICTURES_FOLDER ?? join(__dirname, '..', '..', 'docs', 'pictures');

interface ProviderPicture {
  file: string;
  provider: string;
  /** Label (a regular expression) and value of each field. */
  fields: Array<[label: string, text: string]>;
}

const TENANT = '6f1d3c8a-2b57-4e0f-9a64-0c1b8f7d2e35';

const providers: ProviderPicture[] = [
  {
    file: 'auth0',
    provider: 'Auth0',
    fields: [
      ['Domain', 'example.eu.auth0.com'],
      ['Client ID', 'x8Jq2ZLd0cVbT5rKfYw7'],
      ['Client Secret', 'not-a-real-secret'],
      ['Audience \\(API Identifier\\)', 'https://micromegas.example.com'],
    ],
  },
  {
    file: 'entra-id',
    provider: 'Microsoft Entra ID',
    fields: [
      ['Directory \\(tenant\\) ID', TENANT],
      ['Client ID', '1c9f0a57-7d2e-4b63-8f35-b2a4d6e80c19'],
      ['Client Secret', 'not-a-real-secret'],
      ['Application ID URI', 'api://micromegas'],
    ],
  },
  {
    file: 'okta',
    provider: 'Okta',
    fields: [
      ['OIDC Issuer', 'https://example.okta.com/oauth2/default'],
      ['Client ID', '0oa4kq7example9Xb5d7'],
      ['Client Secret', 'not-a-real-secret'],
      ['Scope', 'micromegas'],
    ],
  },
  {
    file: 'google',
    provider: 'Google',
    fields: [
      [
        'Service account key \\(JSON\\)',
        JSON.stringify({
          type: 'service_account',
          project_id: 'example-project',
          private_key_id: '0f3c9a',
          private_key: '-----BEGIN PRIVATE KEY-----\nnot-a-real-key\n-----END PRIVATE KEY-----\n',
          client_email: 'grafana@example-project.iam.gserviceaccount.com',
        }),
      ],
      ['Target audience', 'https://micromegas.example.com'],
    ],
  },
  {
    file: 'keycloak',
    provider: 'Keycloak',
    fields: [
      ['Server URL', 'https://keycloak.example.com'],
      ['Realm', 'observability'],
      ['Client ID', 'grafana'],
      ['Client Secret', 'not-a-real-secret'],
    ],
  },
  {
    file: 'other',
    provider: 'Other OIDC provider',
    fields: [
      ['OIDC Issuer', 'https://id.example.com'],
      ['Client ID', 'grafana'],
      ['Client Secret', 'not-a-real-secret'],
      ['Audience', 'micromegas'],
    ],
  },
];

interface Part {
  /** First heading in the picture. */
  from: string;
  /** First heading below the picture. Default: the end of the page. */
  to?: string;
}

const MARGIN_PX = 16;

/** Takes a picture of the page, or of a part of it. */
async function picture(page: Page, file: string, part?: Part): Promise<void> {
  const main = page.locator('main');
  // The window is higher than the page, so that there is no scroll bar.
  const height = await main.evaluate((element) => element.scrollHeight + 500);
  const width = page.viewportSize()?.width ?? 1280;
  await page.setViewportSize({ width, height });
  await main.evaluate((element) => element.scrollTo(0, 0));
  const topOf = async (heading: string) => (await page.getByRole('heading', { name: heading }).boundingBox())?.y ?? 0;
  const box = await main.boundingBox();
  const top = part === undefined ? (box?.y ?? 0) : (await topOf(part.from)) - MARGIN_PX;
  const button = await page.getByRole('button', { name: 'Save & test' }).boundingBox();
  const end = (button?.y ?? height) + (button?.height ?? 0) + MARGIN_PX;
  const bottom = part?.to === undefined ? end : (await topOf(part.to)) - 3 * MARGIN_PX;
  await page.screenshot({
    path: join(FOLDER, `${file}.png`),
    clip: { x: 0, y: top, width, height: bottom - top },
    animations: 'disabled',
  });
}

const FORM: Part = { from: 'Authentication', to: 'User Attribution' };
const CHECK: Part = { from: 'Connection check' };

async function openForm(settings: SettingsPage, { provider, fields }: ProviderPicture, theme: string): Promise<void> {
  await settings.open(NEW_DATA_SOURCE, 'ada', theme);
  await settings.hideDemoNote();
  await settings.field('Host').fill('micromegas.example.com:50051');
  await settings.field('TLS').check({ force: true });
  await settings.chooseMethod('OAuth 2.0 Client Credentials');
  await settings.chooseProvider(provider);
  for (const [label, value] of fields) {
    await settings.field(label).fill(value);
  }
  // The picture must not show a focused field.
  await settings.blur();
}

async function check(settings: SettingsPage, theme: string, secret?: string): Promise<void> {
  await settings.open(NEW_DATA_SOURCE, 'ada', theme);
  await settings.fillOAuth();
  if (secret !== undefined) {
    await settings.fillSecret('Client Secret', secret);
  }
  await settings.saveAndTest();
  await expect(settings.checkSummary).toBeVisible();
  await expect(settings.result).toBeVisible();
  await settings.hideDemoNote();
}

for (const provider of providers) {
  test(`takes a picture of the settings form of ${provider.provider}`, async ({ page, settings }) => {
    await page.setViewportSize({ width: 900, height: 900 });
    await openForm(settings, provider, 'light');
    await picture(page, `settings-${provider.file}`, FORM);
  });
}

test('takes a picture of a settings form in a narrow window, dark', async ({ page, settings }) => {
  await page.setViewportSize({ width: 400, height: 900 });
  await openForm(settings, providers[1], 'dark');
  await picture(page, 'settings-entra-id-dark-narrow', FORM);
});

test('takes a picture of a passed check', async ({ page, settings }) => {
  await page.setViewportSize({ width: 1000, height: 900 });
  await check(settings, 'light');
  await picture(page, 'settings-check-passed', CHECK);
});

for (const theme of ['light', 'dark']) {
  test(`takes a picture of a failed check, ${theme}`, async ({ page, settings }) => {
    await page.setViewportSize({ width: 1000, height: 900 });
    await check(settings, theme, 'not-the-secret');
    await picture(page, theme === 'light' ? 'settings-check-failed' : 'settings-check-failed-dark', CHECK);
  });
}

test('takes a picture of the whole page', async ({ page, settings }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await check(settings, 'dark');
  await picture(page, 'settings');
});
