import { type BigIntStats, statSync } from 'node:fs';

/** A string that changes when a file is written or replaced. */
export function versionOfStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** A file, and its version when it was read. */
export interface FileVersion {
  readonly path: string;
  /** Empty if the file could not be read. */
  readonly version: string;
}

/** The present version of a file. A link is followed. */
export function readFileVersion(path: string): FileVersion {
  try {
    return { path, version: versionOfStats(statSync(path, { bigint: true })) };
  } catch {
    return { path, version: '' };
  }
}

/** True if the file was neither written nor replaced since its version was read. */
export function isUnchanged({ path, version }: FileVersion): boolean {
  return readFileVersion(path).version === version;
}
