import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { digestOf } from './digest';

/** A string that changes when a file is written or replaced. */
export function versionOfStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** A file whose content was read. */
export class ReadFile {
  readonly #path: string;
  /** The version of the file when its content had `#digest`. */
  #version: string | undefined;
  /** Undefined if the file could not be read. */
  readonly #digest: string | undefined;

  private constructor(path: string, version: string | undefined, digest: string | undefined) {
    this.#path = path;
    this.#version = version;
    this.#digest = digest;
  }

  /** Reads a file. A link is followed. `content` is undefined if the file cannot be read. */
  static read(path: string): { file: ReadFile; content: string | undefined } {
    // The version is read before the content. So a file that is written between the two reads is compared again later.
    const version = presentVersion(path);
    const content = presentContent(path);
    return { file: new ReadFile(path, version, content === undefined ? undefined : digestOf(content)), content };
  }

  /** False if the content has changed. True while the file cannot be read: another program may be replacing it. */
  isUnchanged(): boolean {
    const version = presentVersion(this.#path);
    if (version === this.#version) {
      return true;
    }
    const content = presentContent(this.#path);
    if (content === undefined) {
      return true;
    }
    const isEqual = digestOf(content) === this.#digest;
    if (isEqual) {
      // The content is not read again until the next change.
      this.#version = version;
    }
    return isEqual;
  }
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
