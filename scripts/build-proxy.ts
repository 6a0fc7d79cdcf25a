/**
 * Builds the backend into dist/: the bundle, the SQL parser, the migration report, tracing, and the launchers that
 * Grafana starts. plugin.json names the launchers.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PLUGIN_ID } from '../contract/plugin-id';
import { bundleMigrationReport, bundleParser, bundleProxy, bundleTracing, PROXY_ENTRY } from './proxy-bundle';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const LAUNCHER = join(__dirname, 'launcher', 'gpx_micromegas.sh');

/** `<os>_<arch>` with Go's names, as in the file name that Grafana starts. Windows cannot start a shell script. */
const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];

const pluginJson = z.object({
  id: z.literal(PLUGIN_ID),
  backend: z.literal(true),
  executable: z.string().regex(/^gpx_[a-z]+$/),
});

/** Copies the launcher to a file for each platform. */
export function copyLaunchers(executable: string, folder: string): void {
  for (const platform of PLATFORMS) {
    const target = join(folder, `${executable}_${platform}`);
    copyFileSync(LAUNCHER, target);
    chmodSync(target, 0o755);
  }
}

async function main(): Promise<void> {
  const { executable } = pluginJson.parse(JSON.parse(readFileSync(join(ROOT, 'plugin.json'), 'utf8')));
  mkdirSync(DIST, { recursive: true });
  await bundleProxy(PROXY_ENTRY, join(DIST, 'proxy.cjs'));
  await bundleParser(DIST);
  await bundleMigrationReport(DIST);
  await bundleTracing(DIST);
  copyLaunchers(executable, DIST);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
