/**
 * The browser of the end-to-end tests: the Chromium that an npm package brings, or the one that CHROMIUM_PATH names.
 */
import bundledChromium from '@sparticuz/chromium';
import { type LaunchOptions } from 'playwright-core';

/** Options for Playwright's `chromium.launch`. */
export async function chromiumLaunchOptions(): Promise<LaunchOptions> {
  const path = process.env.CHROMIUM_PATH;
  if (path) {
    return { executablePath: path, args: ['--no-sandbox'] };
  }
  return {
    executablePath: await bundledChromium.executablePath(),
    // Containers run as root, where Chromium's own sandbox cannot start. The pages are our own. The package's arguments are
    // for functions in a cloud: in a single process the browser would end with its first window.
    args: bundledChromium.args
      .filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
      .concat('--no-sandbox'),
  };
}
