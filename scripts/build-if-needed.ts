/**
 * Builds the plugin when dist/ is incomplete or was built from other sources.
 *
 * The files are compared by content, not by date, because a checkout gives every file a new date. dist/ is compared
 * too, because `npm run dev` writes there. The hashes are stored in node_modules/.cache, because dist/ contains only
 * files that are shipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { filesHash } from './files-hash';

const ROOT = resolve(__dirname, '..');
const STAMP = join(ROOT, 'node_modules/.cache/micromegas-build-stamp');

/** The files that determine the content of dist/. */
const INPUTS = [
  'src/**/*',
  'contract/**/*',
  'proxy/**/*',
  'migration/**/*',
  'packages/*/src/**/*',
  '.config/**/*',
  'scripts/**/*',
  'dashboards/*.json',
  'plugin.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'webpack.config.ts',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];
const NOT_BUILT = /\.test\.tsx?$/;

/** Files that exist after a complete build. */
const OUTPUTS = [
  'plugin.json',
  'module.js',
  'proxy.cjs',
  'migration-report.cjs',
  'sql-parser.cjs',
  'sql-parser.wasm',
  'tracing.cjs',
  'gpx_micromegas_linux_amd64',
  'THIRD_PARTY_LICENSES.txt',
  'sbom.cdx.json',
];

function sourcesHash(): string {
  return filesHash(ROOT, INPUTS, NOT_BUILT);
}

function stampOf(sources: string): string {
  return `${sources} ${filesHash(join(ROOT, 'dist'), ['**/*'])}`;
}

function reasonToBuild(sources: string): string | undefined {
  const missing = OUTPUTS.find((name) => !existsSync(join(ROOT, 'dist', name)));
  if (missing !== undefined) {
    return `dist/${missing} is missing`;
  }
  const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  if (!built.startsWith(sources)) {
    return 'the sources have changed';
  }
  return built === stampOf(sources) ? undefined : 'dist/ has changed since the last build';
}

function build(reason: string, sources: string): number {
  const startedAtMs = Date.now();
  console.log(`Building the plugin: ${reason}.`);
  // The build writes to stderr, so that stdout has only the lines of this script and of the command that package.json
  // runs after this script.
  const { status, error } = spawnSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`The build failed${error ? `: ${error.message}` : '. See its output above.'}`);
    return status ?? 1;
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  // A copy of this folder can share its files by hard links. Its stamp must not change with this one.
  rmSync(STAMP, { force: true });
  writeFileSync(STAMP, stampOf(sources));
  console.log(`Built in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
  return 0;
}

const sources = sourcesHash();
const reason = reasonToBuild(sources);
if (reason === undefined) {
  console.log('The build in dist/ is up to date.');
} else {
  process.exitCode = build(reason, sources);
}
