/**
 * Writes the given version of Node.js into runtimes.json and package.json, so that development and tests use the
 * Node.js of the packages. Default: the newest version with the pinned major version that npm and PyPI have for all
 * platforms. Does nothing if this version is already pinned.
 *
 * Run with `npm run package:update-runtime [-- VERSION]`. The clients npm and pip verify the hashes that the
 * registries publish.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { compare, major, valid } from 'semver';
import { z } from 'zod';
import { defaultCache, fetchArchive, namesInWheel, readMembers, sha256Of } from './archives';
import { GCC_FOLDER, npmArchive, PINS, PINS_FILE, type Pins, pinsSchema, WHEEL, wheelArchive } from './runtimes';

const COMMAND_LIMIT_MS = 60_000;
/** The path, within a wheel, of the SBOM that lists the wheel's libraries. */
const WHEEL_SBOM = /\.dist-info\/sboms\/auditwheel\.cdx\.json$/;

function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: COMMAND_LIMIT_MS });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
  }
  return stdout;
}

function npmVersions(name: string): string[] {
  return z.array(z.string()).parse(JSON.parse(output('npm', ['view', name, 'versions', '--json'])));
}

function wheelVersions(): string[] {
  const list = output('python3', ['-m', 'pip', 'index', 'versions', WHEEL]);
  const versions = /^Available versions: (.*)$/m.exec(list)?.[1];
  if (versions === undefined) {
    throw new Error(`pip lists no versions of ${WHEEL}: ${list.trim()}`);
  }
  return versions.split(', ');
}

/**
 * The newest version that all lists contain and that has the major version of `pinned`. `pinned` itself if no such
 * version is newer.
 */
export function newestCommon(pinned: string, lists: ReadonlyArray<readonly string[]>): string {
  const [first, ...others] = lists;
  const common = first.filter(
    (version) =>
      valid(version) !== null && major(version) === major(pinned) && others.every((list) => list.includes(version))
  );
  return [pinned, ...common].sort(compare).at(-1) ?? pinned;
}

/**
 * Names of the files of GCC's libraries in a wheel for musl. The names contain a hash, so they change with each build.
 */
export function gccFilesIn(names: readonly string[]): Pins['gcc']['musllinux_1_2_x86_64'] {
  const find = (prefix: string): string => {
    const found = names.find((name) => name.startsWith(`${GCC_FOLDER}/${prefix}`));
    if (found === undefined) {
      throw new Error(`The wheel has no ${prefix} in ${GCC_FOLDER}.`);
    }
    return found.slice(GCC_FOLDER.length + 1);
  };
  return { 'libstdc++': find('libstdc++'), libgcc: find('libgcc_s') };
}

const wheelSbom = z.object({ components: z.array(z.object({ name: z.string(), version: z.string() })) });

async function gccVersionIn(wheel: string, names: readonly string[]): Promise<string> {
  const member = names.find((name) => WHEEL_SBOM.test(name)) ?? 'auditwheel.cdx.json';
  const content = (await readMembers(wheel, [member])).get(member)?.toString('utf8') ?? '';
  const versions = wheelSbom
    .parse(JSON.parse(content))
    .components.filter(({ name }) => /^lib(stdc\+\+|gcc)$/.test(name));
  const [first, ...others] = versions;
  if (first === undefined) {
    throw new Error(`The list of components of ${wheel} has no library of GCC.`);
  }
  const { version } = first;
  if (others.some((other) => other.version !== version)) {
    throw new Error(`${wheel} has libraries of different versions of GCC.`);
  }
  return version;
}

async function hashes<Name extends string>(names: readonly Name[], fileOf: (name: Name) => string): Promise<object> {
  const entries: Array<[Name, string]> = [];
  for (const name of names) {
    entries.push([name, await sha256Of(fileOf(name))]);
  }
  return Object.fromEntries(entries);
}

async function pinsOf(version: string, cache: string): Promise<Pins> {
  const { npm, pypi } = pinsSchema.shape;
  const wheel = (tag: keyof Pins['pypi']): string => fetchArchive(wheelArchive(tag, version, ''), cache);
  const [amd64, arm64] = [wheel('musllinux_1_2_x86_64'), wheel('musllinux_1_2_aarch64')];
  const names = await namesInWheel(amd64);
  return pinsSchema.parse({
    node: version,
    npm: await hashes(npm.keyof().options, (name) => fetchArchive(npmArchive(name, version, ''), cache)),
    pypi: await hashes(pypi.keyof().options, wheel),
    gcc: {
      version: await gccVersionIn(amd64, names),
      musllinux_1_2_x86_64: gccFilesIn(names),
      musllinux_1_2_aarch64: gccFilesIn(await namesInWheel(arm64)),
    },
  });
}

async function main([wanted]: readonly string[]): Promise<void> {
  const lists = [wheelVersions(), ...['node', ...pinsSchema.shape.npm.keyof().options].map(npmVersions)];
  const version = wanted ?? newestCommon(PINS.node, lists);
  if (version === PINS.node) {
    console.log(`Node.js ${version} is already pinned.`);
    return;
  }
  writeFileSync(PINS_FILE, `${JSON.stringify(await pinsOf(version, defaultCache()), undefined, 2)}\n`);
  output('npm', ['install', '--package-lock-only', '--save-optional', '--save-exact', `node@${version}`]);
  console.log(`Node.js ${PINS.node} -> ${version}`);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
