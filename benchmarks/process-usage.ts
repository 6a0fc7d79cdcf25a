/**
 * What another process has used. Linux tells it exactly (proc(5)); elsewhere `ps` is asked, which knows the memory of the
 * moment only.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time of all its threads, also of those that have ended. */
  cpuMs: number;
  /** The most memory that was resident at any time; on other systems than Linux, what is resident now. */
  peakBytes: number;
}

/** The kernel counts in these steps towards programs, whatever its own clock (USER_HZ). */
const TICK_MS = 10;

/** Places of utime and stime among the fields of /proc/<pid>/stat after the name in parentheses. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

export function usageOf(pid: number): Usage {
  return process.platform === 'linux' ? usageFromProc(pid) : usageFromPs(pid);
}

function usageFromProc(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return {
    cpuMs: (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_MS,
    peakBytes: Number(peakKb) * 1024,
  };
}

function usageFromPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [time = '', residentKb] = line.split(/\s+/);
  return { cpuMs: clockMs(time), peakBytes: Number(residentKb) * 1024 };
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in milliseconds. */
function clockMs(text: string): number {
  const [clock = '', days = '0'] = text.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
