import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { digestOf } from './digest';

/** A string that changes when a file is written or replaced. */
export function versionOfStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** A file whose content was read. */
export interface ReadFile {
  readonly path: string;
  /** Of the file when it was read. */
  readonly version: string | undefined;
  /** Of the content. Undefined if the file could not be read. */
  readonly digest: string | undefined;
}

/** Reads a file. A link is followed. `content` is undefined if that fails. */
export function readVersionedFile(path: string): { file: ReadFile; content: string | undefined } {
  // The version is read first. So a file that is written in the meantime counts as changed later.
  const version = presentVersion(path);
  const content = presentContent(path);
  return { file: { path, version, digest: content === undefined ? undefined : digestOf(content) }, content };
}

/** False if the content of a file has changed. True while the file cannot be read, because it may be replaced. */
export function isUnchanged({ path, version, digest }: ReadFile): boolean {
  if (presentVersion(path) === version) {
    return true;
  }
  const content = presentContent(path);
  return content === undefined || digestOf(content) === digest;
}

function presentVersion(path: string): string | undefined {
  try {
    return versionOfStats(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

function presentContent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
