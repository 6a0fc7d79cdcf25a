/**
 * Prepares the browser before the workers start. On a fresh machine, Chromium is unpacked. If two workers did that at
 * the same time, one would start the file that the other one is still writing (ETXTBSY).
 */
import { unpackChromium } from '../support/chromium';

export default async function setUp(): Promise<void> {
  await unpackChromium();
}
