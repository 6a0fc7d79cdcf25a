/** Finds and unpacks the packages that `npm run package` writes. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type Platform } from '../../scripts/package/platforms';
import { type Tool } from '../conformance/decisions';
import { outputOf } from '../conformance/processes';
import { ROOT } from '../support/plugin';

const UNZIP_TIMEOUT_MS = 60_000;

export class Packages {
  readonly #folder: string;
  readonly #scratch: string;
  readonly #unpacked = new Map<Platform, Promise<string>>();

  /**
   * @param env `PACKAGES_DIR` is a folder with zips, or with a folder per platform that contains an unpacked package.
   *   Default: `dist-packages`.
   * @param scratch An empty folder.
   */
  constructor(env: NodeJS.ProcessEnv, scratch: string) {
    this.#folder = resolve(ROOT, env.PACKAGES_DIR || 'dist-packages');
    this.#scratch = scratch;
  }

  /** Path of a zip, or of a folder with an unpacked package. */
  find(platform: Platform): Tool<{ path: string }> {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const found = names.find((name) => name === platform || name.endsWith(`.${platform}.zip`));
    return found === undefined
      ? { missing: `${this.#folder} has no package for ${platform}. Run: npm run package` }
      : { path: join(this.#folder, found) };
  }

  /** Unpacks a package. @returns The plugin's folder. @throws {Error} if the package or the folder in it is missing. */
  unpack(platform: Platform): Promise<string> {
    let folder = this.#unpacked.get(platform);
    if (folder === undefined) {
      folder = this.#unpack(platform);
      this.#unpacked.set(platform, folder);
    }
    return folder;
  }

  async #unpack(platform: Platform): Promise<string> {
    const found = this.find(platform);
    if ('missing' in found) {
      throw new Error(found.missing);
    }
    const isFolder = statSync(found.path).isDirectory();
    const into = isFolder ? found.path : join(this.#scratch, platform);
    if (!isFolder) {
      mkdirSync(into, { recursive: true });
      await outputOf('unzip', ['-q', found.path, '-d', into], { timeoutMs: UNZIP_TIMEOUT_MS });
    }
    if (!existsSync(join(into, PLUGIN_ID, 'plugin.json'))) {
      throw new Error(`${found.path} has no folder ${PLUGIN_ID} with a plugin.json.`);
    }
    return join(into, PLUGIN_ID);
  }
}
