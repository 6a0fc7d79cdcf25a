/** The fixtures of `@grafana/plugin-e2e`, the addresses of the services, and the plugin's forms as page objects. */
import {
  type DataSourceConfigPage,
  type DataSourceSettings,
  expect as pluginExpect,
  type Panel,
  test as base,
} from '@grafana/plugin-e2e';
import { type BrowserContext, type Locator, type Page, type Response } from '@playwright/test';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { BROWSER, resetContext, withContext } from '../support/shared-context';
import { fromEnvironment, type TestServices } from './services';

interface Fixtures {
  bootData: BootData;
  /** For tests that add scripts to their browser context. */
  hasOwnContext: boolean;
  settings: SettingsPage;
  /**
   * A data source that signs in with the API key, removed after the test. List this fixture before a page: a page shows
   * only the data sources that existed when the page was loaded.
   */
  micromegas: DataSourceSettings;
}

export const expect = pluginExpect;

/** The options of each browser context. */
export const CONTEXT_OPTIONS = { locale: 'en-US', timezoneId: 'UTC', viewport: { width: 1440, height: 1200 } };

/** What `@grafana/plugin-e2e` reads from a page of Grafana before each test. */
interface BootData {
  version: string;
  namespace: string;
  selectorsUrl: string | undefined;
}

let bootData: BootData | undefined;

async function readBootData(context: BrowserContext): Promise<BootData> {
  const page = await context.newPage();
  await page.goto('/');
  const read: BootData = await page.evaluate(`(() => {
    const { assets, settings } = window.grafanaBootData;
    const script = assets?.jsFiles?.[0]?.filePath;
    return {
      version: settings.buildInfo.version,
      namespace: settings.namespace,
      selectorsUrl: script && new URL(script.replace(/[^/]+$/, 'e2e-selectors.json'), document.baseURI).href,
    };
  })()`);
  await page.close();
  return read;
}

/**
 * Grafana 12 loads a page of a shared context from the browser's cache. For Grafana 13 and newer, `@grafana/plugin-e2e`
 * sets feature flags with routes, and these routes switch the cache off.
 */
const usesCache = Number.parseInt(process.env.GRAFANA_VERSION ?? '', 10) < 13;

const withPage = usesCache ? base.extend({ page: async ({ context }, use) => use(await context.newPage()) }) : base;

/** The pages of the tests share a browser context, except for tests with `hasOwnContext`. */
export const test = withPage.extend<Fixtures, { services: TestServices; sharedContext: BrowserContext }>({
  bootData: async ({ context }, use) => {
    bootData ??= await readBootData(context);
    await use(bootData);
  },
  sharedContext: [
    ({ browser }, use) => withContext(browser, { ...CONTEXT_OPTIONS, baseURL: process.env.GRAFANA_URL }, use),
    { scope: 'worker' },
  ],
  hasOwnContext: [false, { option: true }],
  context: async ({ context, sharedContext, hasOwnContext, storageState }, use) => {
    if (hasOwnContext || typeof storageState !== 'object') {
      await use(context);
      return;
    }
    await sharedContext.addCookies(storageState.cookies);
    await use(sharedContext);
    await resetContext(sharedContext);
  },
  services: [async ({}, use) => use(fromEnvironment()), { scope: 'worker' }],
  browser: BROWSER,
  // Signs in for each test: Grafana replaces the token of a session after ten minutes.
  storageState: async ({ playwright, baseURL, user }, use) => {
    const context = await playwright.request.newContext({ baseURL });
    const response = await context.post('/login', { data: user });
    if (!response.ok()) {
      throw new Error(`Grafana rejected the sign-in of ${user?.user}: ${await response.text()}`);
    }
    await use(await context.storageState());
    await context.dispose();
  },
  settings: async ({ page, services, createDataSourceConfigPage }, use) =>
    use(new SettingsPage(page, services, await createDataSourceConfigPage({ type: PLUGIN_ID }))),
  micromegas: async ({ services, createDataSource, grafanaAPIClient }, use) => {
    const dataSource = await createDataSource({
      name: `Micromegas ${test.info().testId}`,
      type: PLUGIN_ID,
      access: 'proxy',
      jsonData: { host: services.lakehouse, selectedAuthType: 'token' },
      secureJsonData: { token: services.apiKey },
    });
    await use(dataSource);
    await grafanaAPIClient.deleteDataSourceByUID(dataSource.uid);
  },
});

/** A frame in the response of `/api/ds/query`. */
export interface Frame {
  schema: { fields: Array<{ name: string; type: string; labels?: Record<string, string> }> };
  data: { values: Array<Array<number | null>> };
}

/** The next successful response to a query of the page. @param part A string that the request must contain. */
export function queryResponse(page: Page, part = ''): Promise<Response> {
  const isWanted = (response: Response) => response.request().postData()?.includes(part) === true;
  return page.waitForResponse(
    (response) => response.url().includes('/api/ds/query') && response.ok() && isWanted(response)
  );
}

/**
 * Opens Explore with the data source and a query. Do not change the data source of an open page instead: some time
 * after the change, Explore replaces the query, and the typed SQL is lost.
 *
 * @param query Default: a new query.
 */
export async function openExplore(
  page: Page,
  { uid, type }: Pick<DataSourceSettings, 'uid' | 'type'>,
  query: object = {}
): Promise<void> {
  const queries = [{ refId: 'A', datasource: { uid, type }, ...query }];
  const panes = { a: { datasource: uid, queries, range: { from: 'now-1h', to: 'now' } } };
  await page.goto(`/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify(panes))}`);
}

/** Cells of a table. Their role is `gridcell` or, in some builds of Grafana, `cell`. */
export function cellsOf(panel: Panel): Locator {
  return panel.locator.getByRole('gridcell').or(panel.locator.getByRole('cell'));
}

/** A text field of the settings, found by its label. Labels of required fields end with an asterisk. */
export function settingsField(page: Page, label: string): Locator {
  return page.getByLabel(new RegExp(`^${label}( \\*)?$`));
}

/** The settings page of a new data source. */
export class SettingsPage {
  readonly #page: Page;
  readonly #services: TestServices;

  constructor(
    page: Page,
    services: TestServices,
    readonly config: DataSourceConfigPage
  ) {
    this.#page = page;
    this.#services = services;
  }

  async fillApiKey(key = this.#services.apiKey): Promise<void> {
    await this.#fillHost('API Key');
    await this.#field('API Key').fill(key);
  }

  async fillOAuth(clientSecret = this.#services.clientSecret): Promise<void> {
    await this.#fillHost('OAuth 2.0 Client Credentials');
    await this.#field('OIDC Issuer').fill(this.#services.issuer);
    await this.#field('Client ID').fill(this.#services.clientId);
    await this.#field('Client Secret').fill(clientSecret);
    await this.#field('Audience').fill(this.#services.audience);
  }

  async #fillHost(method: string): Promise<void> {
    await this.#field('Host').fill(this.#services.lakehouse);
    await this.#page.getByRole('combobox', { name: 'Auth Method', exact: true }).click();
    await this.#page.getByRole('option').filter({ hasText: method }).first().click();
  }

  #field(label: string): Locator {
    return settingsField(this.#page, label);
  }
}

async function chooseRadio(group: Locator, label: string): Promise<void> {
  const radio = group.getByRole('radio', { name: label, exact: true });
  // The button and its label cover each other.
  await radio.click({ force: true });
  await expect(radio).toBeChecked();
}

/** The plugin's query editor. */
export class QueryEditor {
  readonly #page: Page;
  readonly #row: Locator;

  constructor(page: Page, row: Locator) {
    this.#page = page;
    this.#row = row;
  }

  async chooseFormat(label: string): Promise<void> {
    await this.#row.getByLabel('Format', { exact: true }).click();
    await this.#page.getByRole('option', { name: label }).click();
  }

  /** Switches to the builder or to the SQL. A new query opens in the builder. */
  async switchTo(mode: 'Builder' | 'Code'): Promise<void> {
    await chooseRadio(this.#row.getByRole('radiogroup', { name: 'Editor mode' }), mode);
  }

  /** Chooses the kind of query in the builder. */
  async lookAt(kind: string): Promise<void> {
    await chooseRadio(this.#row.getByRole('radiogroup', { name: 'What to look at' }), kind);
  }

  async chooseMeasure(name: string): Promise<void> {
    await this.measure.fill(name);
    await this.#page
      .getByRole('option', { name: new RegExp(`^${name}`) })
      .first()
      .click();
  }

  get measure(): Locator {
    return this.#row.getByLabel('Measure', { exact: true });
  }

  /** Opens the SQL that the builder wrote. It stays open until the end of the test. */
  async openGenerated(): Promise<void> {
    await this.#row.getByRole('button', { name: 'Generated SQL' }).click();
  }

  /** The SQL that the builder wrote, after `openGenerated`. */
  get generated(): Locator {
    return this.#row.getByLabel('Generated SQL');
  }

  /** If the query comes from a link, Explore shows this one-line summary in place of the editor. */
  get summary(): Locator {
    return this.#row.getByRole('group', { name: 'Summary of the query' });
  }

  /** The SQL in code mode. */
  get code(): Locator {
    return this.#row.locator('.monaco-editor').first();
  }

  /** The filters that are saved with the query. */
  get filters(): Locator {
    return this.#row.getByRole('group', { name: 'Filters' });
  }

  /** Replaces the SQL. */
  async type(sql: string): Promise<void> {
    await this.switchTo('Code');
    await this.#row.locator('.monaco-editor').first().click();
    await this.#page.keyboard.press('ControlOrMeta+A');
    await this.#page.keyboard.insertText(sql);
  }

  async run(): Promise<void> {
    await this.#row.getByRole('button', { name: 'Run query' }).click();
  }
}
