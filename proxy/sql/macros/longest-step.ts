import { MAX_FILLED_STEPS } from '../../../contract/queries/query';
import { type TimeBins, type TimeRange } from './time-bins';

/**
 * The length of the longest bin in a range, in milliseconds. Months differ in length, and days do at clock changes.
 *
 * @returns Undefined without bins, and for a range with more than `MAX_FILLED_STEPS` bins.
 */
export function longestStepMs(
  bins: Pick<TimeBins, 'lengthMs' | 'next' | 'startOf'> | undefined,
  { fromMs, toMs }: TimeRange
): number | undefined {
  if (bins === undefined || !Number.isFinite(toMs - fromMs)) {
    return undefined;
  }
  if (bins.lengthMs !== undefined) {
    return (toMs - fromMs) / bins.lengthMs <= MAX_FILLED_STEPS ? bins.lengthMs : undefined;
  }
  let longest = 0;
  let start = bins.startOf(fromMs);
  for (let steps = 0; start <= toMs; steps++) {
    if (steps === MAX_FILLED_STEPS) {
      return undefined;
    }
    const next = bins.next(start);
    longest = Math.max(longest, next - start);
    start = next;
  }
  return longest;
}
