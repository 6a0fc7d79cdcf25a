/** From the files that a bundler put into a bundle to the packages that they belong to. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The innermost package of a path: a package may hold others in a `node_modules` of its own. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/**
 * Folders of the packages, each once, sorted.
 *
 * @param files Absolute paths. Files outside of `node_modules` are our own, and a file directly inside of it is made by the
 *   build itself: neither belongs to a package.
 * @throws {Error} for a folder in `node_modules` without a package.json.
 */
export function packageFolders(files: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const [folder] = PACKAGE.exec(file) ?? [];
    if (folder !== undefined) {
      folders.add(folder);
    }
  }
  const strange = [...folders].find((folder) => !existsSync(join(folder, 'package.json')));
  if (strange !== undefined) {
    throw new Error(`${strange} is bundled, but has no package.json.`);
  }
  return [...folders].sort();
}
