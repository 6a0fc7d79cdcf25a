/**
 * The parent process: Grafana, unless a wrapper script runs between Grafana and the plugin.
 *
 * On Linux and macOS, an orphan gets a new parent, so that the id of the parent changes. On Windows, the id of the
 * parent stays the same when the parent has ended, so the system is asked whether that process still runs.
 */
import { systemErrorCode } from './system-error';

/** The parts of `process` of Node.js that are used here. */
export type ParentSource = Pick<NodeJS.Process, 'ppid' | 'kill' | 'platform'>;

/** An id that no running process has. */
const ENDED = 0;

/** @returns A function that returns the id of the current parent. Its result changes when the parent has ended. */
export function parentId(process: ParentSource): () => number {
  if (process.platform !== 'win32') {
    return () => process.ppid;
  }
  const first = process.ppid;
  return () => (isRunning(first, process) ? first : ENDED);
}

/** Signal 0 only checks that the process exists. Any other error than "no such process" means that the process runs. */
function isRunning(id: number, process: Pick<ParentSource, 'kill'>): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
