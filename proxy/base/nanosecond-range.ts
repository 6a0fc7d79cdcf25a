/** The range of 64-bit nanoseconds since 1970, in milliseconds since 1970. */
const FIRST_MS = Date.UTC(1678, 0, 1);
const LAST_MS = Date.UTC(2262, 3, 11);

/** The nearest time within this range, in milliseconds since 1970. No row has a time outside of the range. */
export function inNanosecondRange(epochMs: number): number {
  return Math.min(Math.max(epochMs, FIRST_MS), LAST_MS);
}
