/** Readable names of processes, such as `ember-server on atlas-07 (14:59)`. */
import { dateTimeFormat } from '@grafana/data';
import { type ProcessInfo } from '../../../contract/resources/lookups';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Options for the start of a process in its name. */
export interface NameContext {
  /** IANA name of the zone in which the start is written. */
  timeZone: string;
  /** Milliseconds since 1970. If a process started in the 24 hours before this time, its name has no date. */
  toMs: number;
}

/** Program, computer and start of a process. @param seconds True to write the seconds of the start too. */
export function processName(
  { exe, computer, startMs }: ProcessInfo,
  { timeZone, toMs }: NameContext,
  seconds = false
): string {
  const isRecent = startMs <= toMs && toMs - startMs < DAY_MS;
  const format = `${isRecent ? '' : 'YYYY-MM-DD '}HH:mm${seconds ? ':ss' : ''}`;
  return `${exe} on ${computer} (${dateTimeFormat(startMs, { timeZone, format })})`;
}
