/**
 * The libraries of Grafana with which the playground's page is bundled: `@grafana/*`, React and the other packages
 * shared with plugins.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type GrafanaMajor = '12' | '13';

export interface GrafanaLibraries {
  /** Version of the `@grafana/*` packages, for example `12.4.2`. */
  version: string;
  /** Folder whose `node_modules` holds the packages. */
  folder: string;
}

const RUNTIME = 'node_modules/@grafana/runtime/package.json';

/** Grafana 13 has a separate folder and lockfile, because it needs React 19, and the project is built with React 18. */
function folderOf(root: string, major: GrafanaMajor): string {
  return major === '12' ? root : join(root, 'demo/playground/grafana-13');
}

function readManifest(path: string): { version?: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function install(folder: string): void {
  console.log(`Installing the packages of ${folder}.`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, error } = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    throw new Error(`npm ci failed in ${folder}.`, { cause: error });
  }
}

/**
 * Finds the libraries of a Grafana version. Installs the libraries of Grafana 13 if they are missing or have another
 * version.
 *
 * @throws {Error} If the installation fails, or if the libraries of Grafana 12 are missing.
 */
export function grafanaLibraries(root: string, major: GrafanaMajor): GrafanaLibraries {
  const folder = folderOf(root, major);
  const wanted = readManifest(join(folder, 'package.json')).dependencies?.['@grafana/runtime'];
  const installed = () => (existsSync(join(folder, RUNTIME)) ? readManifest(join(folder, RUNTIME)).version : undefined);
  if (major === '13' && installed() !== wanted) {
    install(folder);
  }
  const version = installed();
  if (version === undefined) {
    throw new Error(`@grafana/runtime is not installed in ${folder}. Run npm ci.`);
  }
  return { version, folder };
}

/** Folder of a package that `@grafana/ui` imports. */
export function packageOfGrafanaUi({ folder }: GrafanaLibraries, name: string): string {
  const grafanaUi = createRequire(join(folder, 'package.json')).resolve('@grafana/ui/package.json');
  return dirname(createRequire(grafanaUi).resolve(`${name}/package.json`));
}
