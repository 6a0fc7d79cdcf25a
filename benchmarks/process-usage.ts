/** CPU time and memory of another process: from proc(5) on Linux, from `ps` elsewhere. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time of all threads, including ended threads. */
  cpuMs: number;
  /** Peak resident memory. On systems other than Linux, the current resident memory. */
  peakBytes: number;
}

/** The unit of CPU times in proc(5): USER_HZ is 100 on x86-64 and ARM64. */
const TICK_MS = 10;

/** Positions of utime and stime among the fields of /proc/<pid>/stat that follow the name in parentheses. */
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

/** Converts `[[days-]hours:]minutes:seconds[.hundredths]` to milliseconds. */
function clockMs(value: string): number {
  const [clock = '', days = '0'] = value.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
