/** Limits in milliseconds since 1970. Times between them fit in 64 bits as nanoseconds since 1970. */
const FIRST_MS = Date.UTC(1678, 0, 1);
const LAST_MS = Date.UTC(2262, 3, 11);

/** The nearest time between 1678-01-01 and 2262-04-11, in milliseconds since 1970. */
export function inNanosecondRange(epochMs: number): number {
  return Math.min(Math.max(epochMs, FIRST_MS), LAST_MS);
}
