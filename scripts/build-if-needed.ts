/**
 * Builds the plugin when dist/ is missing or was made from other sources.
 *
 * The sources are compared by content, not by date: a checkout gives every file a new date. The stamp lies in
 * node_modules/.cache, since dist/ holds only what ships.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const STAMP = join(ROOT, 'node_modules/.cache/micromegas-build-stamp');

/** Everything that ends up in dist/ or decides how it gets there. */
const INPUTS = [
  'src/**/*',
  'contract/**/*',
  'proxy/**/*',
  'packages/*/src/**/*',
  '.config/**/*',
  'scripts/**/*',
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

/** What a complete build has left behind. */
const OUTPUTS = ['plugin.json', 'module.js', 'proxy.cjs', 'gpx_micromegas_linux_amd64', 'THIRD_PARTY_LICENSES.txt'];

function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = globSync(INPUTS, { cwd: ROOT }).filter((path) => !NOT_BUILT.test(path));
  for (const path of files.sort()) {
    const file = join(ROOT, path);
    if (statSync(file).isFile()) {
      hash.update(`${path}\0`).update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

function reasonToBuild(hash: string): string | undefined {
  const missing = OUTPUTS.find((name) => !existsSync(join(ROOT, 'dist', name)));
  if (missing !== undefined) {
    return `dist/${missing} is missing`;
  }
  const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  return built === hash ? undefined : 'the sources have changed';
}

function build(reason: string, hash: string): number {
  const startedAtMs = Date.now();
  console.log(`Building the plugin: ${reason}.`);
  // Webpack's words go to stderr: stdout stays for what the caller prints.
  const { status, error } = spawnSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`The build failed${error ? `: ${error.message}` : '. Its messages are above.'}`);
    return status ?? 1;
  }
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, hash);
  console.log(`Built in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s.`);
  return 0;
}

const hash = sourcesHash();
const reason = reasonToBuild(hash);
if (reason === undefined) {
  console.log('The build in dist/ is up to date.');
} else {
  process.exitCode = build(reason, hash);
}
