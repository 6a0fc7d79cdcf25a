/** Checks whether a time series has a row in each of its steps, except for a few gaps. */
import { asInt32, type PlainColumn } from '../arrow-ipc';

const NS_PER_MS = 1_000_000;
const HIGH_HALF = 2 ** 32;
/** Maximum share of the rows of a series that follow a gap. */
const GAPS_PER_ROW = 1 / 20;
/**
 * A distance between two rows is a gap if it is longer than this number of steps. More than 1, because times are
 * rounded to doubles, and days differ in length.
 */
const GAP_STEPS = 1.5;

/**
 * True if few rows follow a gap. If many rows follow a gap, for example because a measure is sampled less than once per
 * step, gaps are not interruptions, and Grafana must draw lines across them.
 *
 * @param times Distinct times in nanoseconds, ascending, in one or more columns.
 */
export function hasFewGaps(times: readonly PlainColumn[], stepMs: number): boolean {
  const gapNs = stepMs * NS_PER_MS * GAP_STEPS;
  let before: number | undefined;
  let gaps = 0;
  let rows = 0;
  for (const { values, length } of times) {
    const halves = asInt32(values, length * 2);
    for (let row = 0; row < length; row++) {
      const time = halves[row * 2 + 1] * HIGH_HALF + (halves[row * 2] >>> 0);
      gaps += before !== undefined && time - before > gapNs ? 1 : 0;
      before = time;
    }
    rows += length;
  }
  return gaps <= rows * GAPS_PER_ROW;
}
