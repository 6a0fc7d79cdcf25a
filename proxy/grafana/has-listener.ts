/** Finds out if a process listens at a unix socket. */
import { connect } from 'node:net';
import { systemErrorCode } from './system-error';

/** The errors of a socket at which no process listens, and of a path without a socket. */
const NO_LISTENER: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOENT']);

/**
 * False only if the system reports that no process listens. Any other error says nothing about the process: the system
 * reports EAGAIN if too many connections wait to be accepted, and EACCES if this user may not connect. (macOS reports
 * ECONNREFUSED for a full queue, too.)
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
