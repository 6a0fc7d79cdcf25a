/**
 * Reads files with secrets, only from the folders that the operator allows.
 *
 * The real paths of file and folder are compared, so neither `..` nor a symbolic link leads out of a folder. Links
 * inside the folder are allowed, because platforms mount secrets as links. No error reveals which files exist outside
 * of the folders: a path outside is rejected before the file is accessed, and a link that leads out is rejected even if
 * its target does not exist.
 */
import { constants } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import systemPath, { basename, dirname, isAbsolute, join, type PlatformPath, resolve, sep } from 'node:path';
import { message } from '../../../contract/messages/message';
import { noFileHandles } from '../../base/errors/no-file-handles';
import { ProxyError } from '../../base/errors/proxy-error';
import { versionOfStats } from '../../base/file-version';

/** Maximum size of a file, in bytes. Secrets and assertions are smaller. */
const MAX_BYTES = 65_536;

/**
 * True for a path below one of the folders. On Windows, the comparison ignores case.
 * @param system `path.posix` or `path.win32`. Default: the one of this system.
 */
export function isInside(path: string, folders: readonly string[], system: PlatformPath = systemPath): boolean {
  return folders.some((folder) => {
    const way = system.relative(folder, path);
    return way !== '' && way !== '..' && !way.startsWith(`..${system.sep}`) && !system.isAbsolute(way);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  ENOTDIR: 'There is no such file',
  EACCES: 'The user that runs the backend of the plugin may not read it',
  EPERM: 'The user that runs the backend of the plugin may not read it',
  ELOOP: 'Its symbolic links form a loop',
};

function unreadable(path: string, problem: string, cause?: unknown): ProxyError {
  return new ProxyError('file_unreadable', { detail: `${problem}: ${path}.`, cause });
}

/** Explains an error of the file system. */
function failure(path: string, reason: unknown): ProxyError {
  if (reason instanceof ProxyError) {
    return reason;
  }
  const handles = noFileHandles(reason);
  if (handles !== undefined) {
    return handles;
  }
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown error';
  return unreadable(path, REASONS[code] ?? `Reading it failed with ${code}`, reason);
}

/** The content of an open regular file. Reading a pipe or device could block forever. */
async function contentOf(file: FileHandle, path: string): Promise<string> {
  if (!(await file.stat()).isFile()) {
    throw unreadable(path, 'It is not a regular file');
  }
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let size = 0;
  for (let read = -1; read !== 0 && size < buffer.length; size += read) {
    ({ bytesRead: read } = await file.read(buffer, size, buffer.length - size));
  }
  if (size > MAX_BYTES) {
    throw unreadable(path, 'It is larger than 64 KiB');
  }
  const content = buffer.toString('utf8', 0, size).trim();
  if (content === '') {
    throw unreadable(path, 'It is empty');
  }
  return content;
}

/** Maximum number of links that are followed for a path without an existing file. The limit ends loops. */
const MAX_LINKS = 40;

/**
 * The real path of a file or folder. If the file does not exist, the path that it would have after all links are
 * followed.
 *
 * @param left The number of links that may still be followed.
 */
async function realLocation(path: string, left = { links: MAX_LINKS }): Promise<string> {
  const existing = await realpath(path).catch(() => undefined);
  const parent = dirname(path);
  if (existing !== undefined || parent === path) {
    return existing ?? path;
  }
  const folder = await realLocation(parent, left);
  const location = join(folder, basename(path));
  const link = left.links > 0 ? await readlink(location).catch(() => undefined) : undefined;
  if (link === undefined) {
    return location;
  }
  left.links -= 1;
  // Not `join`: it shortens `a/../b` to `b`, which is wrong if `a` is a link.
  return realLocation(isAbsolute(link) ? link : `${folder}${sep}${link}`, left);
}

/**
 * Opens a file for `use`, and closes it.
 *
 * @throws {ProxyError} `file_not_allowed`, `file_unreadable`, `no_file_handles`.
 */
async function withAllowedFile<T>(
  path: string,
  folders: readonly string[],
  use: (file: FileHandle) => Promise<T>
): Promise<T> {
  const rejection = new ProxyError('file_not_allowed', {
    detail: folders.length === 0 ? `It is ${path}, and no folder is allowed.` : `It is ${path}.`,
  });
  const wanted = resolve(path);
  if (!isAbsolute(path) || folders.length === 0) {
    throw rejection;
  }
  // If an allowed folder is a link, the path may begin with the link or with its target.
  const real = await Promise.all(folders.map((folder) => realLocation(folder)));
  if (!isInside(wanted, [...folders, ...real])) {
    throw rejection;
  }
  let file: FileHandle | undefined;
  try {
    const target = await realLocation(wanted);
    if (!isInside(target, real)) {
      // The target is not named: only the operator may know which files exist.
      throw new ProxyError('file_not_allowed', { detail: [message('file-link-leads-out', { path })] });
    }
    // The flags matter when the file was replaced by a link or a pipe in the meantime.
    file = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    return await use(file);
  } catch (reason) {
    throw failure(path, reason);
  } finally {
    await file?.close();
  }
}

/**
 * Content of a file without white space around it.
 *
 * @param folders Absolute paths of the allowed folders.
 * @throws {ProxyError} `file_not_allowed`, `file_unreadable`, `no_file_handles`.
 */
export function readAllowedFile(path: string, folders: readonly string[]): Promise<string> {
  return withAllowedFile(path, folders, (file) => contentOf(file, path));
}

/**
 * A string that changes when the file is written or replaced, or when a link to it leads to another file. The content
 * is not read.
 *
 * @param folders Absolute paths of the allowed folders.
 * @throws {ProxyError} `file_not_allowed`, `file_unreadable`, `no_file_handles`.
 */
export function versionOfAllowedFile(path: string, folders: readonly string[]): Promise<string> {
  return withAllowedFile(path, folders, async (file) => versionOfStats(await file.stat({ bigint: true })));
}

/** The position after white space and before an absolute path. */
const BEFORE_PATH = /(?<=\s)(?=\/)/;
const BEFORE_WINDOWS_PATH = /(?<=\s)(?=[a-z]:[\\/]|\\\\)/i;

/**
 * Splits a list of folders at commas, line breaks, and white space before an absolute path. Other white space is part
 * of a folder's name.
 *
 * @param system `path.posix` or `path.win32`. Default: the one of this system.
 * @returns The folders, and the entries that are not absolute paths.
 */
export function readAllowedFolders(
  list: string | undefined,
  system: PlatformPath = systemPath
): { folders: string[]; unreadable: string[] } {
  const entries = (list ?? '')
    .split(/[,\n]/)
    .flatMap((entry) => entry.split(system.sep === '/' ? BEFORE_PATH : BEFORE_WINDOWS_PATH))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return {
    folders: entries.filter((entry) => system.isAbsolute(entry)).map((entry) => system.resolve(entry)),
    unreadable: entries.filter((entry) => !system.isAbsolute(entry)),
  };
}
