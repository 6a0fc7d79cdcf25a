/** Finds the packages of the files in a bundle. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The innermost package in a path: a package may contain other packages in a `node_modules` folder of its own. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/**
 * Returns the folders of the packages, sorted. Of a version that is installed in several folders, only the first folder is returned.
 *
 * @param files Absolute paths. Files outside of `node_modules`, and files of the build directly in `node_modules`, belong to
 *   no package.
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
  const invalid = [...folders].find((folder) => !existsSync(join(folder, 'package.json')));
  if (invalid !== undefined) {
    throw new Error(`${invalid} is bundled, but has no package.json.`);
  }
  const byVersion = new Map<string, string>();
  for (const folder of [...folders].sort()) {
    const { name, version }: { name: string; version: string } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8')
    );
    const key = `${name} ${version}`;
    byVersion.set(key, byVersion.get(key) ?? folder);
  }
  return [...byVersion.values()];
}
