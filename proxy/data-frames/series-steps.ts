/** Whether the rows of a time series fill its steps. */
import { asInt32, type PlainColumn } from '../arrow-ipc';

const NS_PER_MS = 1_000_000;
const HIGH_HALF = 2 ** 32;

/** Milliseconds since 1970. A number has no room for all nanoseconds, which does not matter for steps. */
function msAt({ values }: PlainColumn, row: number): number {
  const halves = asInt32(values, (row + 1) * 2);
  return (halves[row * 2 + 1] * HIGH_HALF + (halves[row * 2] >>> 0)) / NS_PER_MS;
}

/**
 * True if at least half of the steps between the first and the last time have a row. A measure that is sampled more rarely than that has
 * no row in most steps, so that a gap is not a sign that something is missing: Grafana has to draw lines across it.
 *
 * @param times Distinct times in nanoseconds, ascending, in one or more columns.
 */
export function hasMostSteps(times: readonly PlainColumn[], stepMs: number): boolean {
  const filled = times.filter(({ length }) => length > 0);
  const [first, last] = [filled[0], filled.at(-1)];
  if (first === undefined || last === undefined) {
    return true;
  }
  const rows = filled.reduce((sum, { length }) => sum + length, 0);
  const steps = (msAt(last, last.length - 1) - msAt(first, 0)) / stepMs + 1;
  return steps <= rows * 2;
}
