/**
 * Reads secrets and assertions from files that a platform, such as Kubernetes, renews. A file is read at each use and
 * never cached.
 */
import { untilAborted } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';

/**
 * Reads a file in a folder that the operator allows.
 *
 * @throws {ProxyError} `file_not_allowed`, `file_hosts_unrestricted`, `file_unreadable`.
 */
export type ReadFile = (path: string) => Promise<string>;

/**
 * The file's content without the line break at its end, which editors and shells add.
 *
 * @throws {ProxyError} The errors of `readFile`. `file_unreadable` also for an empty file, and if `signal` aborts
 *   before the file is read.
 */
export async function readSecretFile(path: string, readFile: ReadFile, signal: AbortSignal): Promise<Secret> {
  const content = await untilAborted(readFile(path), signal).catch((reason: unknown) => {
    const error = ProxyError.from(reason, 'file_unreadable');
    throw error.code === 'query_cancelled'
      ? new ProxyError('file_unreadable', { detail: `Reading it took too long: ${path}.`, cause: reason })
      : error;
  });
  const secret = content.replace(/\r?\n$/, '');
  if (secret.trim() === '') {
    throw new ProxyError('file_unreadable', { detail: `It is empty: ${path}.` });
  }
  return new Secret(secret);
}
