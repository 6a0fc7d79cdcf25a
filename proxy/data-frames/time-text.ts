/**
 * A time for the text of a notice, such as `2026-01-31 12:00:00 (Europe/Berlin)`.
 *
 * @param epochMs  Milliseconds since 1970.
 * @param timezone Name of an IANA time zone. UTC if it is not known.
 */
export function timeText(epochMs: number, timezone = 'UTC'): string {
  const options = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' } as const;
  try {
    // The format of Sweden is that of ISO 8601.
    return `${new Intl.DateTimeFormat('sv-SE', { ...options, timeZone: timezone }).format(epochMs)} (${timezone})`;
  } catch {
    return `${new Intl.DateTimeFormat('sv-SE', { ...options, timeZone: 'UTC' }).format(epochMs)} (UTC)`;
  }
}
