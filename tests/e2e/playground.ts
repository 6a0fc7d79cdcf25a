/** Fixtures of the browser tests: the playground as `npm start` runs it, a browser, and page objects. */
import { type BrowserContext, expect, type Locator, type Page, test as base } from '@playwright/test';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { type GrafanaMajor } from '../../demo/playground/grafana-libraries';
import { NEW_DATA_SOURCE } from '../../demo/playground/playground-data';
import { TEST_IDS } from '../../src/shared/test-ids';
import { BROWSER, resetContext, withContext } from '../support/shared-context';

const ROOT = join(__dirname, '..', '..');

/** Options of a Playwright project. */
export interface PlaygroundOptions {
  /** Major version of Grafana's packages in the page. */
  grafana: GrafanaMajor;
}

interface Playground {
  /** Base URL, with a slash at the end. */
  address: string;
}

async function startPlayground(grafana: GrafanaMajor): Promise<Playground & { stop(): Promise<void> }> {
  const args = [join(ROOT, 'demo/main.ts'), '--grafana', grafana];
  const child = spawn(join(ROOT, 'node_modules/.bin/tsx'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+/.exec(line);
      if (found !== null) {
        // The printed URL is the URL of a dashboard.
        resolve(new URL('/', found[0]).href);
      }
    });
    void closed.then(() => reject(new Error('The playground ended before it printed its address.')));
  });
  return {
    address,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** The options of each browser context. */
export const CONTEXT_OPTIONS = {
  locale: 'en-US',
  timezoneId: 'UTC',
  viewport: { width: 1280, height: 900 },
  colorScheme: 'dark' as const,
};

/**
 * Each worker has its own playground, and each test a new page. Without `hasOwnContext`, the pages of a worker share a
 * browser context, so that the browser compiles the scripts of the page once.
 */
export const test = base.extend<
  { hasOwnContext: boolean; settings: SettingsPage; explore: ExplorePage },
  PlaygroundOptions & { playground: Playground; sharedContext: BrowserContext }
>({
  grafana: ['12', { option: true, scope: 'worker' }],
  playground: [
    async ({ grafana }, use) => {
      const playground = await startPlayground(grafana);
      storyStartMs = Date.now();
      await use(playground);
      await playground.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  browser: BROWSER,
  sharedContext: [
    ({ browser, playground }, use) => withContext(browser, { ...CONTEXT_OPTIONS, baseURL: playground.address }, use),
    { scope: 'worker' },
  ],
  // For tests that add scripts to their browser context, or set its options.
  hasOwnContext: [false, { option: true }],
  context: async ({ context, sharedContext, hasOwnContext }, use) => {
    if (hasOwnContext) {
      await use(context);
      return;
    }
    await use(sharedContext);
    await resetContext(sharedContext);
  },
  baseURL: async ({ playground }, use) => use(playground.address),
  settings: async ({ page }, use) => {
    const settings = new SettingsPage(page);
    // The worker's playground keeps the settings that the previous test saved.
    await settings.empty();
    await use(settings);
  },
  explore: async ({ page }, use) => use(new ExplorePage(page)),
});

export { expect } from '@playwright/test';

/** The settings page of a data source. Default of each `uid`: the data source that `empty` resets before each test. */
export class SettingsPage {
  readonly #page: Page;
  readonly result: Locator;
  /** Title and message of the connection check. */
  readonly checkSummary: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.result = page.getByTestId('data-testid Alert test result');
    this.checkSummary = page.getByTestId(TEST_IDS.checkSummary);
  }

  async open(uid: string = NEW_DATA_SOURCE, user: 'ada' | 'grace' = 'ada', theme = 'dark'): Promise<void> {
    await this.#page.goto(`settings/${uid}?user=${user}&theme=${theme}`);
    await expect(this.field('Host')).toBeVisible();
  }

  /** Deletes all settings and secrets of the data source. */
  async empty(uid: string = NEW_DATA_SOURCE): Promise<void> {
    const url = `api/datasources/uid/${uid}`;
    const saved = await this.#page.request.get(url);
    const { name, secureJsonFields }: { name: string; secureJsonFields: object } = await saved.json();
    const secureJsonData = Object.fromEntries(Object.keys(secureJsonFields).map((key) => [key, '']));
    const emptied = await this.#page.request.put(url, { data: { name, jsonData: {}, secureJsonData } });
    expect(emptied.ok()).toBe(true);
  }

  field(label: string): Locator {
    return this.#page.getByLabel(new RegExp(`^${label}( \\*)?$`));
  }

  /** A value from the note about the demo, such as the address of the lakehouse. */
  async hint(name: string): Promise<string> {
    return this.#page.getByTestId(`demo ${name}`).innerText();
  }

  async chooseMethod(label: string): Promise<void> {
    await this.choose('Auth Method', label);
  }

  async chooseProvider(label: string): Promise<void> {
    await this.choose('Provider', label);
  }

  /** Chooses an option of a list. */
  async choose(list: string, label: string): Promise<void> {
    await this.#page.getByRole('combobox', { name: list, exact: true }).click();
    await this.#page.getByRole('option').filter({ hasText: label }).first().click();
  }

  async blur(): Promise<void> {
    await this.#page.locator(':focus').blur();
  }

  /** Removes the note about the demo from the page, for pictures. */
  async hideDemoNote(): Promise<void> {
    await this.#page
      .getByRole('status', { name: /To sign in to the demo lakehouse/ })
      .evaluate((note) => note.remove());
  }

  /** Types a secret. If a secret is stored, resets the field first. */
  async fillSecret(label: string, value: string): Promise<void> {
    const field = this.field(label);
    await expect(field).toBeVisible();
    if (await field.isDisabled()) {
      await this.#page.getByRole('button', { name: 'Reset' }).click();
    }
    await field.fill(value);
  }

  async fillOAuth(): Promise<void> {
    await this.field('Host').fill(await this.hint('lakehouse'));
    await this.chooseMethod('OAuth 2.0 Client Credentials');
    await this.field('OIDC Issuer').fill(await this.hint('issuer'));
    await this.field('Client ID').fill(await this.hint('clientId'));
    await this.fillSecret('Client Secret', await this.hint('clientSecret'));
    await this.field('Audience').fill(await this.hint('audience'));
  }

  async fillApiKey(): Promise<void> {
    await this.field('Host').fill(await this.hint('lakehouse'));
    await this.chooseMethod('API Key');
    await this.fillSecret('API Key', await this.hint('apiKey'));
  }

  async switchOffAttribution(): Promise<void> {
    const box = this.field('Enable User Attribution');
    // The visible control covers the checkbox.
    await box.uncheck({ force: true });
  }

  async saveAndTest(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Save & test' }).click();
  }

  /** Saves without waiting for the connection test. Used for settings with hosts that do not exist. */
  async save(): Promise<void> {
    const saved = this.#page.waitForResponse((response) => response.request().method() === 'PUT' && response.ok());
    await this.saveAndTest();
    await saved;
  }

  /** The saved `jsonData`. */
  async saved(uid: string = NEW_DATA_SOURCE): Promise<unknown> {
    const response = await this.#page.request.get(`api/datasources/uid/${uid}`);
    const { jsonData }: { jsonData: unknown } = await response.json();
    return jsonData;
  }

  /** A stage of the connection check. */
  stage(name: string): Locator {
    return this.#page.getByTestId(TEST_IDS.checkStage(name));
  }
}

const MINUTE_MS = 60_000;

export interface ExploreLink {
  /** In minutes before the start of the playground. Default: the last hour before the start. */
  range?: [from: number, to: number];
  theme?: 'light' | 'dark';
}

/** The time at which the playground of this worker started. The demo's story is relative to this time. */
let storyStartMs = Date.now();

/** The URL of Explore with a query. Explore runs the query when it opens. */
export function exploreLink(query: object, { range = [60, 0], theme = 'dark' }: ExploreLink = {}): string {
  const [from, to] = range.map((minutes) => String(Math.round(storyStartMs - minutes * MINUTE_MS)));
  const left = { datasource: 'micromegas', queries: [{ refId: 'A', version: 2, ...query }], range: { from, to } };
  return `explore?user=ada&theme=${theme}&left=${encodeURIComponent(JSON.stringify(left))}`;
}

/** Id of the server process that crashes in the demo's story. */
export const CRASHED_PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';

/** Explore with the provisioned data source, which has credentials. */
export class ExplorePage {
  constructor(readonly page: Page) {}

  /** Opens Explore in code mode. */
  async open(user: 'ada' | 'grace' = 'ada', theme = 'dark'): Promise<void> {
    await this.openBuilder(user, theme);
    await this.switchTo('Code');
    await expect(this.editor).toBeVisible();
  }

  /** Opens Explore with a new query, in the builder. */
  async openBuilder(user: 'ada' | 'grace' = 'ada', theme = 'dark'): Promise<void> {
    await this.page.goto(`explore/micromegas-provisioned?user=${user}&theme=${theme}`);
    await expect(this.mode('Builder')).toBeVisible();
  }

  mode(name: 'Builder' | 'Code'): Locator {
    return this.page.getByRole('radiogroup', { name: 'Editor mode' }).getByRole('radio', { name });
  }

  async switchTo(name: 'Builder' | 'Code'): Promise<void> {
    // The visible label covers the radio button.
    await this.mode(name).click({ force: true });
  }

  /** The row of the query: its header and the query editor. */
  get queryRow(): Locator {
    return this.page.getByRole('region', { name: 'Query A' });
  }

  /** The line that Explore shows instead of the editor if the query came from a link. */
  get summary(): Locator {
    return this.page.getByRole('group', { name: 'Summary of the query' });
  }

  /** Expands or collapses the row of options. */
  async toggleOptions(): Promise<void> {
    await this.page.getByRole('button', { name: 'Options', exact: true }).click();
  }

  get editor(): Locator {
    return this.page.getByTestId(TEST_IDS.sqlEditor).first();
  }

  /** Waits until completion and hover are loaded, then replaces the SQL in the editor. */
  async type(sql: string): Promise<void> {
    await expect(this.editor).toHaveAttribute('data-status', 'ready');
    await this.editor.click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(sql);
  }

  async chooseFormat(label: string): Promise<void> {
    await this.choose('Format', label);
  }

  /** Chooses an option of a list. */
  async choose(list: string, label: string): Promise<void> {
    await this.page.getByLabel(list, { exact: true }).click();
    await this.page.getByRole('option', { name: label }).click();
  }

  async addLabelColumn(name: string): Promise<void> {
    await this.labelColumns.fill(name);
    await this.page.keyboard.press('Enter');
  }

  get labelColumns(): Locator {
    return this.page.getByLabel('Label columns', { exact: true });
  }

  async run(): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+Enter');
  }
}
