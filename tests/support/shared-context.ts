/** Fixtures of browser tests: a browser, and a context that the tests of a worker share. */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from '@playwright/test';
import { chromiumLaunchOptions } from './chromium';

type Use<Value> = (value: Value) => Promise<void>;

/** The fixture `browser`: the bundled Chromium, started once for each worker. */
export const BROWSER: [(_: object, use: Use<Browser>) => Promise<void>, { scope: 'worker'; timeout: number }] = [
  async ({}, use) => {
    const browser = await chromium.launch(await chromiumLaunchOptions());
    await use(browser);
    await browser.close();
  },
  { scope: 'worker', timeout: 60_000 },
];

/** Opens a context for the tests of a worker, so that the browser loads and compiles the scripts of a page once. */
export async function withContext(
  browser: Browser,
  options: BrowserContextOptions,
  use: Use<BrowserContext>
): Promise<void> {
  const context = await browser.newContext(options);
  await use(context);
  await context.close();
}

/** Closes the pages of the context, and deletes what a test may have left: local storage, cookies and permissions. */
export async function resetContext(context: BrowserContext): Promise<void> {
  const pages = context.pages();
  await Promise.all(pages.map((page) => page.evaluate(() => localStorage.clear()).catch(() => undefined)));
  await Promise.all(pages.map((page) => page.close()));
  await context.clearCookies();
  await context.clearPermissions();
}
