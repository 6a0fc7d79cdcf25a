/** Formats times for notices. Times are in milliseconds since 1970. Unknown IANA time zones become UTC. */

/** A time, such as `2026-01-31 12:00:00 (Europe/Berlin)`. */
export function formatTime(epochMs: number, timezone = 'UTC'): string {
  const { format, zone } = formatOf(timezone);
  return `${format.format(epochMs)} (${zone})`;
}

/**
 * Two times, such as `2026-01-31 12:00:00 to 13:00:00 (Europe/Berlin)`. The second has a date only if the dates differ.
 */
export function formatTimes(fromMs: number, toMs: number, timezone = 'UTC'): string {
  const { format, zone } = formatOf(timezone);
  const [from, to] = [format.format(fromMs), format.format(toMs)];
  const [fromDate] = from.split(' ');
  const [toDate, toTime] = to.split(' ');
  return `${from} to ${fromDate === toDate ? toTime : to} (${zone})`;
}

function formatOf(timezone: string): { format: Intl.DateTimeFormat; zone: string } {
  // The Swedish date format is the format of ISO 8601.
  const format = (timeZone: string) =>
    new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', timeZone });
  try {
    return { format: format(timezone), zone: timezone };
  } catch {
    return { format: format('UTC'), zone: 'UTC' };
  }
}
