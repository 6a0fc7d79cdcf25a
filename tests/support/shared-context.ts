/** A browser context that the tests of a worker share, so that the browser loads and compiles scripts once. */
import { type BrowserContext } from '@playwright/test';

/** Closes the pages of the context, and deletes what a test may have left: local storage, cookies and permissions. */
export async function resetContext(context: BrowserContext): Promise<void> {
  const pages = context.pages();
  await Promise.all(pages.map((page) => page.evaluate(() => localStorage.clear()).catch(() => undefined)));
  await Promise.all(pages.map((page) => page.close()));
  await context.clearCookies();
  await context.clearPermissions();
}
