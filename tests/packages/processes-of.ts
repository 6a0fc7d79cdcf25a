/** Finds the processes that a program has started, and the files that they run. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Ids of a process and of all processes below it. */
function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      parents.set(Number(name), Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]));
    } catch {
      // The process has ended.
    }
  }
  const members = [pid];
  for (const member of members) {
    members.push(...[...parents].filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return members;
}

/**
 * Id of the process that runs the backend: `pid` itself or a process below it.
 *
 * @throws {Error} unless there is exactly one.
 */
export function backendProcess(pid: number): number {
  const found = family(pid).filter((each) => {
    try {
      const words = readFileSync(`/proc/${each}/cmdline`, 'utf8').split('\0');
      return words.some((word) => word.endsWith('/proxy.cjs'));
    } catch {
      // The process has ended.
      return false;
    }
  });
  if (found.length !== 1) {
    throw new Error(`${found.length} processes run the backend.`);
  }
  return found[0];
}

/**
 * True if the program of a process is a file of the folder. Compares device and inode, because the process may have
 * another root folder, in which the same file has another path.
 */
export function runsFileOf(pid: number, folder: string): boolean {
  const program = statSync(`/proc/${pid}/exe`);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => {
      const { dev, ino } = statSync(join(entry.parentPath, entry.name));
      return dev === program.dev && ino === program.ino;
    });
}
