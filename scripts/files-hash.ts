import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @returns SHA-256, in hex, of the paths and contents of the files that match `patterns` but not `without`. */
export function filesHash(folder: string, patterns: string[], without?: RegExp): string {
  const hash = createHash('sha256');
  for (const path of globSync(patterns, { cwd: folder }).sort()) {
    const file = join(folder, path);
    if (without?.test(path) !== true && statSync(file).isFile()) {
      const content = readFileSync(file);
      // The length separates the content from the next path.
      hash.update(`${path}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}
