/**
 * The browser of the end-to-end tests: the Chromium at CHROMIUM_PATH, or else the Chromium in @sparticuz/chromium.
 */
import bundledChromium from '@sparticuz/chromium';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type LaunchOptions } from 'playwright-core';

// Without the graphics stack, pages have no WebGL. With the graphics stack, SwiftShader draws all pages, and takes a
// whole core.
bundledChromium.setGraphicsMode = false;

/** Options for Playwright's `chromium.launch`. */
export async function chromiumLaunchOptions(): Promise<LaunchOptions> {
  const path = process.env.CHROMIUM_PATH;
  if (path) {
    return { executablePath: path, args: ['--no-sandbox'] };
  }
  return {
    executablePath: await bundledChromium.executablePath(),
    // Chromium's sandbox cannot start in containers, which run as root. The two removed arguments are meant for cloud
    // functions: with them, Chromium is a single process, and exits when the first window closes.
    args: bundledChromium.args
      .filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
      .concat('--no-sandbox', '--disable-gpu'),
  };
}

/**
 * Unpacks the bundled Chromium into the folder for temporary files, unless it is there. If an unpacked Chromium does
 * not start, unpacks it again: an earlier run may have been interrupted while it wrote the files.
 */
export async function unpackChromium(): Promise<void> {
  if (process.env.CHROMIUM_PATH) {
    return;
  }
  const problem = problemOf(await bundledChromium.executablePath());
  if (problem === undefined) {
    return;
  }
  rmSync(await bundledChromium.executablePath());
  const remaining = problemOf(await bundledChromium.executablePath());
  if (remaining !== undefined) {
    throw new Error(`Chromium does not start: ${remaining}`);
  }
}

/** The reason why a program does not start. Undefined if it starts. */
function problemOf(program: string): string | undefined {
  const { status, signal, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? undefined : stderr.trim() || signal || `It ended with status ${status}.`;
}
