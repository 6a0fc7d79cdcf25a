/** Durations of spans as authors type them. */
import { MAX_DURATION_MS } from '../../../contract/query-types/traces';

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^(\d{1,15}(?:\.\d{1,9})?)\s?(ns|us|µs|ms|s|m|h)?$/;

/** Milliseconds of a string such as `250ms`, `1.5s` or, without a unit, `250`. Undefined for other strings. */
export function readDuration(entered: string): number | undefined {
  const [, count, unit = 'ms'] = DURATION.exec(entered.trim()) ?? [];
  const milliseconds = Number(count) * MILLISECONDS[unit];
  return milliseconds <= MAX_DURATION_MS ? milliseconds : undefined;
}

/**
 * A string for a number of milliseconds, in full minutes, seconds, milliseconds or microseconds: `35m`, `1.5s`,
 * `250ms`, `20us`.
 */
export function formatDuration(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds % MILLISECONDS.m === 0) {
    return `${milliseconds / MILLISECONDS.m}m`;
  }
  const unit = milliseconds >= 1000 ? 's' : milliseconds >= 1 || milliseconds === 0 ? 'ms' : 'us';
  // Rounded, because a division by a fraction such as 1e-3 adds digits.
  return `${Number((milliseconds / MILLISECONDS[unit]).toPrecision(12))}${unit}`;
}
