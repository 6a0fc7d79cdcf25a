/** Finds the packages of the files in a bundle. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The innermost package in a path: a package may contain other packages in a `node_modules` folder of its own. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/**
 * Returns the folders of the packages, sorted and without duplicates.
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
  return [...folders].sort();
}
