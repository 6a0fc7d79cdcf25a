/** Finds the packages of the files in a bundle, and the hashes of packages in the registry. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const ROOT = join(__dirname, '..');

/** The innermost package in a path: a package may contain other packages in its own `node_modules` folder. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/**
 * Returns the folders of the packages, sorted. If a version is installed in several folders, only the first folder is
 * returned.
 *
 * @param files Absolute paths. Files outside of `node_modules` belong to no package. Files that the build puts directly
 *   into `node_modules` belong to no package either.
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

/**
 * Returns a function that takes the folder of an installed package and returns the hash of the package's file in the
 * registry, as in package-lock.json.
 */
export function registryHashes(): (folder: string) => string | undefined {
  const lock: { packages: Record<string, { integrity?: string }> } = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  );
  return (folder) => lock.packages[relative(ROOT, folder).replaceAll(sep, '/')]?.integrity;
}
