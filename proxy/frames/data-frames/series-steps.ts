/** Whether a time series has a row in each of its steps, apart from interruptions. */
import { asInt32, type PlainColumn } from '../arrow-ipc';

const NS_PER_MS = 1_000_000;
const HIGH_HALF = 2 ** 32;
/** Of the rows of a series, those that may follow a gap. */
const GAPS_PER_ROW = 1 / 20;
/** A gap is longer than this number of steps: a number has no room for all nanoseconds, and days differ. */
const GAP_STEPS = 1.5;

/**
 * True if few rows follow a gap. Otherwise the rows come more rarely than the steps, as samples of a measure in short
 * steps do: a gap is then no interruption, and Grafana has to draw lines across it.
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
