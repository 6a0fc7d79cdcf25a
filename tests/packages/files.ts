/**
 * Checks names, modes and contents of the packages of all platforms, including platforms that this machine cannot run.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { defaultCache, obtain, readMembers, sha256Of } from '../../scripts/package/archives';
import { type Platform, PLATFORMS } from '../../scripts/package/platforms';
import { runtimeFiles } from '../../scripts/package/runtimes';
import { PLUGIN } from '../../scripts/plugin-name';
import { type Checklist } from '../conformance/checklist';
import { outputOf } from '../conformance/processes';
import { filesOf } from './copies';
import { licenseProblems } from './covered-files';
import { type Packages } from './packages';

const UNZIP_TIMEOUT_MS = 30_000;

/** Grafana's installer makes files with these suffixes executable, and keeps the mode of all other files. */
const EXECUTABLE_NAME = /_(linux_amd64|linux_arm64|darwin_amd64|darwin_arm64|windows_amd64\.exe)$/;

/** For each platform, checks format and processor in the first bytes of a program. */
const PROGRAMS: Readonly<Record<Exclude<Platform, 'any'>, (start: Buffer) => boolean>> = {
  linux_amd64: (start) => start.subarray(0, 5).toString('latin1') === '\x7fELF\x02' && start.readUInt16LE(18) === 62,
  linux_arm64: (start) => start.subarray(0, 5).toString('latin1') === '\x7fELF\x02' && start.readUInt16LE(18) === 183,
  darwin_amd64: (start) => start.readUInt32LE(0) === 0xfeedfacf && start.readUInt32LE(4) === 0x01000007,
  darwin_arm64: (start) => start.readUInt32LE(0) === 0xfeedfacf && start.readUInt32LE(4) === 0x0100000c,
  windows_amd64: (start) => {
    const header = start.readUInt32LE(60);
    return start.toString('latin1', 0, 2) === 'MZ' && start.toString('latin1', header, header + 6) === 'PE\0\0\x64\x86';
  },
};

/** Checks the packages that exist. Packages that do not exist are listed as skipped. */
export async function checkFiles(list: Checklist, packages: Packages, say: (line: string) => void): Promise<void> {
  for (const platform of PLATFORMS) {
    const found = packages.find(platform);
    if ('missing' in found) {
      list.skip(`files, ${platform}`, found.missing);
    } else {
      await checkPackage(list, platform, found.path, packages);
    }
  }
  say('   The packages for macOS and Windows were not run, because they need these systems.');
}

async function checkPackage(list: Checklist, platform: Platform, path: string, packages: Packages): Promise<void> {
  if (statSync(path).isFile()) {
    await list.check(`files, ${platform}: the hash is that of the file beside the zip`, async () => {
      assert.equal(readFileSync(`${path}.sha256`, 'utf8'), `${await sha256Of(path)}  ${basename(path)}\n`);
      assert.equal(basename(path), `${PLUGIN_ID}-${PLUGIN.version}.${platform}.zip`);
    });
    await list.check(`files, ${platform}: one folder with regular files, whose modes suit Grafana's installer`, () =>
      checkEntries(path)
    );
  }
  await list.check(
    `files, ${platform}: plugin.json has the version, the executable of the platform exists, and so do the dashboards`,
    async () => {
      const plugin = await packages.unpack(platform);
      const { id, info, executable, includes } = JSON.parse(readFileSync(join(plugin, 'plugin.json'), 'utf8'));
      assert.deepEqual([id, info.version], [PLUGIN_ID, PLUGIN.version]);
      const executables = platform === 'any' ? PLATFORMS.filter((name) => /^(linux|darwin)_/.test(name)) : [platform];
      for (const each of executables) {
        const file = `${executable}_${each}${each.startsWith('windows') ? '.exe' : ''}`;
        assert.ok(existsSync(join(plugin, file)), `${file} is missing`);
      }
      const listed = includes.map(({ path: file }: { path: string }) => file);
      assert.deepEqual(
        listed.sort(),
        readdirSync(join(plugin, 'dashboards'))
          .map((name) => `dashboards/${name}`)
          .sort()
      );
    }
  );
  await list.check(
    `files, ${platform}: ${platform === 'any' ? 'no runtime' : 'the runtime is unmodified, for this platform'}`,
    async () => checkRuntimeFiles(platform, await packages.unpack(platform))
  );
  await list.check(
    `files, ${platform}: the licence of the plugin or a component of the SBOM covers each file, and each component has its licence`,
    async () => assert.deepEqual(licenseProblems(await packages.unpack(platform)), [])
  );
}

async function checkEntries(zip: string): Promise<void> {
  const listing = await outputOf('unzip', ['-Z', zip], { timeoutMs: UNZIP_TIMEOUT_MS });
  const entries = listing.split('\n').flatMap((line) => {
    const match = /^([-dlrwxst?]{10}) .* (\S+)$/.exec(line);
    return match === null ? [] : [{ mode: match[1], name: match[2] }];
  });
  assert.ok(entries.length > 10, `${entries.length} entries`);
  for (const { mode, name } of entries) {
    assert.ok(name.startsWith(`${PLUGIN_ID}/`) && !name.split('/').includes('..'), name);
    assert.equal(mode, EXECUTABLE_NAME.test(name) ? '-rwxr-xr-x' : '-rw-r--r--', name);
  }
}

/**
 * Compares the files of the runtime with the archives that contain them. The executable for Windows is built, so only
 * its first bytes are checked.
 */
async function checkRuntimeFiles(platform: Platform, plugin: string): Promise<void> {
  const folder = join(plugin, 'runtime');
  const files = runtimeFiles(platform).filter(({ path }) => path.startsWith('runtime/'));
  const paths = existsSync(folder) ? filesOf(folder) : [];
  assert.deepEqual(paths.toSorted(), files.map(({ path }) => join(plugin, path)).toSorted());
  for (const archive of new Set(files.map((file) => file.archive))) {
    const ofArchive = files.filter((file) => file.archive === archive);
    const members = ofArchive.map(({ member }) => member);
    const originals = await readMembers(await obtain(archive, defaultCache()), members);
    for (const { path, member } of ofArchive) {
      assert.ok(
        originals.get(member)?.equals(readFileSync(join(plugin, path))),
        `${path} is not that of ${archive.file}`
      );
    }
  }
  if (platform !== 'any') {
    const programs = platform === 'windows_amd64' ? [join(plugin, 'gpx_micromegas_windows_amd64.exe')] : paths;
    programs.forEach((file) => assert.ok(PROGRAMS[platform](readFileSync(file)), file));
  }
}
