/**
 * Prepares the browser before the workers start. On a fresh machine, `chromiumLaunchOptions` unpacks Chromium. If two
 * workers did that at the same time, one would start the file that the other one is still writing (ETXTBSY).
 */
import { chromiumLaunchOptions } from '../support/chromium';

export default async function setUp(): Promise<void> {
  await chromiumLaunchOptions();
}
