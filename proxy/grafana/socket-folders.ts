/**
 * The folders for the plugin's socket, and the removal of folders whose process was killed.
 *
 * Other users may write in the parent folders. So a folder is removed only if it belongs to this user, no other user
 * may enter it, and it contains at most a socket at which no process listens. Links are not followed.
 */
import { StringSet } from '../../contract/string-map';
import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasListener } from './has-listener';

/** `mkdtemp` appends six random characters. */
export const FOLDER_PREFIX = 'micromegas-';
export const SOCKET_FILE = 'proxy.sock';

const FOLDER_NAME = new RegExp(`^${FOLDER_PREFIX}[A-Za-z0-9]{6}$`);
/** A folder is kept until it has this age in milliseconds, because its process may not have created the socket yet. */
const MIN_AGE_MS = 60_000;
/** Maximum number of entries of a parent folder that are read. */
const MAX_ENTRIES = 100_000;

/** Parent folders, in the order in which they are tried: the system's temp folder, `/tmp`, shared memory. */
export function parentFolders(platform: NodeJS.Platform): string[] {
  return platform === 'win32'
    ? []
    : [...new StringSet([tmpdir(), '/tmp', ...(platform === 'linux' ? ['/dev/shm'] : [])])];
}

interface StaleFolderOptions {
  parents: readonly string[];
  /** Milliseconds since 1970. */
  nowMs: number;
  /** Id of the user of this process. Undefined if the system has no such ids: then no folder is removed. */
  userId: number | undefined;
}

/**
 * Removes the folders of processes that were killed. Never rejects: a folder that cannot be read or removed is kept.
 */
export async function removeStaleFolders({ parents, nowMs, userId }: StaleFolderOptions): Promise<void> {
  for (const parent of parents) {
    for (const name of await foldersIn(parent)) {
      await removeIfStale(join(parent, name), nowMs, userId).catch(() => undefined);
    }
  }
}

async function foldersIn(parent: string): Promise<string[]> {
  const names: string[] = [];
  try {
    let entries = 0;
    for await (const entry of await opendir(parent)) {
      if (++entries > MAX_ENTRIES) {
        break;
      }
      if (entry.isDirectory() && FOLDER_NAME.test(entry.name)) {
        names.push(entry.name);
      }
    }
  } catch {
    // The parent folder does not exist, or may not be read.
  }
  return names;
}

async function removeIfStale(folder: string, nowMs: number, userId: number | undefined): Promise<void> {
  const { uid, mode, mtimeMs } = lstatSync(folder);
  const isPrivate = uid === userId && (mode & 0o077) === 0;
  if (!isPrivate || nowMs - mtimeMs < MIN_AGE_MS) {
    return;
  }
  const files = readdirSync(folder);
  const socket = join(folder, SOCKET_FILE);
  if (files.length === 1 && files[0] === SOCKET_FILE && lstatSync(socket).isSocket() && !(await hasListener(socket))) {
    rmSync(socket, { force: true });
  }
  // Fails if the folder is not empty.
  rmdirSync(folder);
}
