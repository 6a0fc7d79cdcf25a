/**
 * Unpacks Debian packages into folders. The plugin's packages are tested with these folders as file systems. apt
 * downloads the Debian packages from `DEBIAN_MIRROR`, or from its own mirror, into a cache folder, and verifies them
 * with Debian's keys. Nothing is installed on this machine.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tool } from '../conformance/decisions';
import { cacheFolder, outputOf } from '../conformance/processes';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const TIMEOUT_MS = 5 * 60_000;

/** A release of Debian and a processor, with Debian's names. */
export interface Release {
  suite: 'bullseye' | 'trixie';
  arch: 'amd64' | 'arm64';
}

export class DebianPackages {
  readonly #mirror: string;
  readonly #cache = cacheFolder('micromegas-package-check');

  private constructor(mirror: string) {
    this.#mirror = mirror;
  }

  /** @param env `DEBIAN_MIRROR` is the base URL of a mirror. Default: the mirror of apt's configuration. */
  static async find(env: NodeJS.ProcessEnv): Promise<Tool<DebianPackages>> {
    if (!existsSync(KEYRING)) {
      return { missing: `Debian's keys for apt (${KEYRING}) are not installed` };
    }
    const mirror = env.DEBIAN_MIRROR ?? (await configuredMirror());
    return mirror === undefined
      ? { missing: "apt's configuration has no mirror of Debian, and DEBIAN_MIRROR is not set" }
      : new DebianPackages(mirror);
  }

  /**
   * Unpacks packages into a folder, without running their scripts.
   *
   * @param names For example `libc6`.
   * @throws {Error} with the messages of apt.
   */
  async unpack(release: Release, names: readonly string[], into: string): Promise<void> {
    for (const name of names) {
      await run('dpkg-deb', ['-x', await this.#file(release, name), into]);
    }
  }

  /**
   * Unpacks one file of a package into a folder.
   * @param path Its path in the package, for example `usr/bin/busybox`.
   */
  async unpackFile(release: Release, name: string, path: string, into: string): Promise<string> {
    const command = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" "./$3"';
    await run('/bin/sh', ['-euc', command, 'sh', await this.#file(release, name), into, path]);
    return join(into, path);
  }

  /** Path of a package in the cache. */
  async #file(release: Release, name: string): Promise<string> {
    const folder = join(this.#cache, `${release.suite}-${release.arch}`);
    const file = join(folder, `${name}.deb`);
    if (!existsSync(file)) {
      const download = join(folder, 'download');
      rmSync(download, { recursive: true, force: true });
      mkdirSync(download, { recursive: true });
      await run('apt-get', [...(await this.#aptOptions(release)), 'download', name], download);
      renameSync(join(download, readdirSync(download)[0]), file);
    }
    return file;
  }

  /** Options for apt-get that replace the configuration of this machine. Downloads the index of the release once. */
  async #aptOptions(release: Release): Promise<string[]> {
    const state = join(this.#cache, 'apt', `${release.suite}-${release.arch}`);
    const sources = join(state, 'debian.sources');
    const options = {
      'Dir::Etc::SourceList': sources,
      'Dir::Etc::SourceParts': '-',
      'Dir::State::Lists': join(state, 'lists'),
      // The list of installed packages is empty, so that packages on this machine have no effect.
      'Dir::State::Status': '/dev/null',
      'Dir::Cache': join(state, 'cache'),
      'APT::Architecture': release.arch,
      'APT::Architectures': release.arch,
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
    };
    const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const isUpdated = join(state, 'updated');
    if (!existsSync(isUpdated)) {
      mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
      mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
      const lines = ['Types: deb', `URIs: ${this.#mirror}`, `Suites: ${release.suite}`, 'Components: main'];
      writeFileSync(sources, [...lines, `Signed-By: ${KEYRING}`, ''].join('\n'));
      await run('apt-get', [...settings, '--error-on=any', 'update']);
      writeFileSync(isUpdated, '');
    }
    return settings;
  }
}

/** The mirror of Debian that apt uses on this machine. */
async function configuredMirror(): Promise<string | undefined> {
  const args = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
  const uris = await outputOf('apt-get', args, { timeoutMs: TIMEOUT_MS }).catch(() => '');
  return uris.split('\n').find((uri) => /\/debian\/?$/.test(uri));
}

async function run(program: string, args: readonly string[], cwd?: string): Promise<void> {
  await outputOf(program, args, { cwd, timeoutMs: TIMEOUT_MS });
}
