/**
 * Reads files with secrets from the folders that the operator allows, and from nowhere else.
 *
 * Both the file and the folder are followed to where they really are, so that neither `..` nor a symbolic link leads out
 * of a folder; links within it are fine, for platforms mount secrets as links. A path outside is refused before the disk
 * is asked, so that nobody learns from the answer which files there are.
 */
import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { ProxyError } from '../errors/proxy-error';

/** Secrets and assertions are small; a larger file is the wrong one. */
const MAX_BYTES = 65_536;

function isInside(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`));
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  ENOTDIR: 'There is no such file',
  EACCES: 'The user of the proxy may not read it',
  EPERM: 'The user of the proxy may not read it',
  ELOOP: 'Its symbolic links lead nowhere',
};

function unreadable(path: string, problem: string, cause?: unknown): ProxyError {
  return new ProxyError('file_unreadable', { detail: `${problem}: ${path}.`, cause });
}

/** An error of the file system in words. */
function failure(path: string, reason: unknown): ProxyError {
  if (reason instanceof ProxyError) {
    return reason;
  }
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'unknown error';
  return unreadable(path, WORDS[code] ?? `Reading it failed with ${code}`, reason);
}

/** The text of an open file. A pipe or device could keep the reader waiting for ever, so it must be a regular one. */
async function textOf(file: FileHandle, path: string): Promise<string> {
  if (!(await file.stat()).isFile()) {
    throw unreadable(path, 'It is no regular file');
  }
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let size = 0;
  for (let read = -1; read !== 0 && size < buffer.length; size += read) {
    ({ bytesRead: read } = await file.read(buffer, size, buffer.length - size));
  }
  if (size > MAX_BYTES) {
    throw unreadable(path, 'It is larger than 64 KiB');
  }
  const text = buffer.toString('utf8', 0, size).trim();
  if (text === '') {
    throw unreadable(path, 'It is empty');
  }
  return text;
}

async function realFolders(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => undefined)));
  return real.filter((folder) => folder !== undefined);
}

/**
 * Text of a file without white space around it.
 *
 * @param folders Absolute.
 * @throws {ProxyError} `file_not_allowed`, `file_unreadable`.
 */
export async function readAllowedFile(path: string, folders: readonly string[]): Promise<string> {
  const refusal = new ProxyError('file_not_allowed', {
    detail: folders.length === 0 ? `It is ${path}, and no folder is allowed.` : `It is ${path}.`,
  });
  const wanted = resolve(path);
  if (!isAbsolute(path) || folders.length === 0) {
    throw refusal;
  }
  // A folder that is a link is known by either name.
  const real = await realFolders(folders);
  if (!isInside(wanted, [...folders, ...real])) {
    throw refusal;
  }
  let file: FileHandle | undefined;
  try {
    const target = await realpath(wanted);
    if (!isInside(target, real)) {
      throw refusal;
    }
    // What became a link or a pipe since then is not followed, nor waited for.
    file = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    return await textOf(file, path);
  } catch (reason) {
    throw failure(path, reason);
  } finally {
    await file?.close();
  }
}

/** Folders of a list separated by commas or white space; the space in a folder's name is no separator. */
export function readAllowedFolders(list: string | undefined): { folders: string[]; unreadable: string[] } {
  const entries = (list ?? '')
    .split(/[,\n]|(?<=\s)(?=\/)/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return {
    folders: entries.filter((entry) => isAbsolute(entry)).map((entry) => resolve(entry)),
    unreadable: entries.filter((entry) => !isAbsolute(entry)),
  };
}
