/**
 * Reads secrets and assertions from files that a platform, such as Kubernetes, renews. A file is read at each use and
 * never cached.
 */
import { untilAborted } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';

/**
 * Reads a file in a folder that the operator allows. The result is not empty and has no white space around it, like
 * values of Grafana's `$__file{}` and secrets in the settings form.
 *
 * @throws {ProxyError} `file_not_allowed`, `file_hosts_unrestricted`, `file_unreadable`.
 */
export type ReadFile = (path: string) => Promise<string>;

/**
 * The content of a file as a secret.
 *
 * @throws {ProxyError} The errors of `readFile`; also `file_unreadable` if `signal` aborts before the file is read.
 */
export async function readSecretFile(path: string, readFile: ReadFile, signal: AbortSignal): Promise<Secret> {
  const content = await untilAborted(readFile(path), signal).catch((reason: unknown) => {
    const error = ProxyError.from(reason, 'file_unreadable');
    throw error.code === 'query_cancelled'
      ? new ProxyError('file_unreadable', { detail: `Reading it took too long: ${path}.`, cause: reason })
      : error;
  });
  return new Secret(content);
}
