/**
 * Builds the plugin and packs it: one zip per platform in dist-packages/, and beside it its SHA-256 hash.
 *
 * Run with `npm run package [-- PLATFORM...]`. `--no-build` packs the current content of dist/.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BACKEND_FILES } from '../backend-files';
import { PLUGIN } from '../plugin-name';
import { defaultCache, obtain, readMembers, removeOthers } from './archives';
import { packageFiles, type LoadedFile } from './contents';
import { type Platform, PLATFORMS, readPlatforms } from './platforms';
import { allArchives, NODE_LICENSE, NODE_VERSION, runtimeFiles } from './runtimes';
import { buildWindowsExecutable } from './windows-executable';
import { removeOtherVersions, writeWithHash, zipOf } from './zip';

const ROOT = join(__dirname, '..', '..');
const DIST = join(ROOT, 'dist');
const OUT = join(ROOT, 'dist-packages');

function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Date of SOURCE_DATE_EPOCH or of the commit, `YYYY-MM-DD` in UTC. */
function commitDay(): string {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? git('log', '-1', '--format=%ct');
  if (seconds === undefined) {
    throw new Error('This folder is no git clone. Set SOURCE_DATE_EPOCH to the time of the sources, in seconds.');
  }
  if (!/^\d{1,11}$/.test(seconds)) {
    throw new Error(`SOURCE_DATE_EPOCH is a number of seconds since 1970, not "${seconds}".`);
  }
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
}

/**
 * Builds, and deletes what earlier builds of the backend left in dist/, because it would be packed too. Webpack deletes
 * the other files. Before the build, nothing is deleted, because a demo or a Grafana may run with dist/.
 */
function build(): void {
  const startedAt = Date.now();
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error('The build failed. See its output above.');
  }
  const backend = readdirSync(DIST).filter((name) => BACKEND_FILES.test(name));
  backend
    .map((name) => join(DIST, name))
    .filter((file) => statSync(file).mtimeMs < startedAt)
    .forEach((file) => rmSync(file));
}

/** Reads the files of the runtime. Each of their archives is verified and opened once. */
async function loadRuntime(platform: Platform, cache: string): Promise<{ runtime: LoadedFile[]; nodeLicense: string }> {
  const files = runtimeFiles(platform);
  if (files.length === 0) {
    return { runtime: [], nodeLicense: '' };
  }
  const wanted = [...files, NODE_LICENSE];
  const contents = new Map<string, Buffer>();
  for (const archive of new Set(wanted.map((file) => file.archive))) {
    const members = wanted.filter((file) => file.archive === archive).map(({ member }) => member);
    for (const [member, content] of await readMembers(await obtain(archive, cache), members)) {
      contents.set(`${archive.file}/${member}`, content);
    }
  }
  const contentOf = ({ archive, member }: typeof NODE_LICENSE): Buffer =>
    contents.get(`${archive.file}/${member}`) ?? Buffer.alloc(0);
  return {
    runtime: files.map((file) => ({ ...file, content: contentOf(file) })),
    nodeLicense: contentOf(NODE_LICENSE).toString('utf8'),
  };
}

/**
 * Writes a Node.js of the pinned version that runs on this machine: only this version can prepare the bundle for
 * `node.exe`.
 */
async function writeBuilder(folder: string, cache: string): Promise<string> {
  const here = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const platform = PLATFORMS.find((name) => name === here) ?? 'any';
  for (const { path, content } of (await loadRuntime(platform, cache)).runtime) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o755 });
    if (spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${NODE_VERSION}`) {
      return file;
    }
  }
  throw new Error(
    `The executable for Windows cannot be built on ${here}, for which there is no Node.js ${NODE_VERSION}.`
  );
}

async function windowsExecutable(node: Buffer, cache: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'windows-executable-'));
  try {
    const [path, out] = [join(folder, 'node.exe'), join(folder, 'out.exe')];
    writeFileSync(path, node);
    const builder = await writeBuilder(folder, cache);
    await buildWindowsExecutable({ node: path, proxyBundle: join(DIST, 'proxy.cjs'), out, builder });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function pack(platform: Platform, day: string, cache: string): Promise<void> {
  const runtime = await loadRuntime(platform, cache);
  const files = await packageFiles({
    dist: DIST,
    day,
    ...runtime,
    windowsExecutable: (node) => windowsExecutable(node, cache),
  });
  const name = `${PLUGIN.name}-${PLUGIN.version}.${platform}.zip`;
  const zip = await zipOf(files, day);
  writeWithHash(join(OUT, name), zip);
  console.log(`dist-packages/${name}  ${(zip.length / 1e6).toFixed(1)} MB`);
}

async function main(args: readonly string[]): Promise<void> {
  const platforms = readPlatforms(args.filter((arg) => arg !== '--no-build'));
  const day = commitDay();
  const cache = defaultCache();
  if (!args.includes('--no-build')) {
    build();
  }
  const changed = git('status', '--porcelain') ?? '';
  if (changed !== '') {
    console.error('Some files differ from the commit, so the packages are not those of the commit.');
  }
  removeOtherVersions(OUT, PLUGIN);
  for (const platform of platforms) {
    await pack(platform, day, cache);
  }
  removeOthers(allArchives(), cache);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
