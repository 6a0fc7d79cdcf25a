/**
 * The browser of the end-to-end tests: the Chromium at CHROMIUM_PATH, or else the Chromium in @sparticuz/chromium.
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
    // Chromium's sandbox cannot start in containers, which run as root. The two removed arguments, which are meant for
    // cloud functions, make Chromium use a single process, which exits when the first window closes.
    args: bundledChromium.args
      .filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
      .concat('--no-sandbox'),
  };
}
