/** Finds out if a process listens at a unix socket. */
import { connect } from 'node:net';
import { systemErrorCode } from './system-error';

/** The error codes for a socket at which no process listens, and for a path without a socket. */
const NO_LISTENER: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOENT']);

/**
 * False if the system reports that no process listens. True after any other error, because a process may listen: the
 * system reports EAGAIN if too many connections wait to be accepted, and EACCES if this user may not connect. (macOS
 * also reports ECONNREFUSED if too many connections wait.)
 */
export function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => resolve(!NO_LISTENER.has(systemErrorCode(error))));
  });
}
