/** Writes zip files whose bytes depend only on the names, modes and contents of their files, and on a day. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface PackedFile {
  /** With forward slashes. */
  path: string;
  mode: 0o755 | 0o644;
  content: Buffer;
}

/** Bit that marks a regular file, in the upper half of the attributes of a zip entry. */
const REGULAR_FILE = 0o100000;

function byPath(left: PackedFile, right: PackedFile): number {
  return left.path < right.path ? -1 : left.path > right.path ? 1 : 0;
}

/**
 * @param day `YYYY-MM-DD`. Zip files have local times without a zone, so all files get noon of this day, which exists
 *   in every zone.
 */
export async function zipOf(files: readonly PackedFile[], day: string): Promise<Buffer> {
  const [year, month, date] = day.split('-').map(Number);
  const mtime = new Date(year, month - 1, date, 12);
  const zip = new ZipFile();
  for (const { path, mode, content } of files.toSorted(byPath)) {
    zip.addBuffer(content, path, { mode: REGULAR_FILE | mode, mtime, forceDosTimestamp: true });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** Writes the file, and beside it `<file>.sha256` in the format of `sha256sum --check`. */
export function writeWithHash(path: string, content: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const hash = createHash('sha256').update(content).digest('hex');
  writeFileSync(`${path}.sha256`, `${hash}  ${basename(path)}\n`);
}

/**
 * Deletes the packages of other versions, because the Dockerfiles and docker-compose.yml expect one version.
 */
export function removeOtherVersions(folder: string, { name, version }: { name: string; version: string }): void {
  mkdirSync(folder, { recursive: true });
  const others = readdirSync(folder).filter(
    (file) => file.startsWith(`${name}-`) && !file.startsWith(`${name}-${version}.`)
  );
  others.forEach((file) => rmSync(join(folder, file)));
}
