import { MAX_FILLED_BINS } from '../../../contract/queries/query';
import { type TimeBins, type TimeRange } from './time-bins';

/**
 * The length of the longest bin in a range, in milliseconds. Months differ in length, and days do at clock changes.
 *
 * @returns Undefined without bins, and for a range with more than `MAX_FILLED_BINS` bins.
 */
export function longestBinMs(
  bins: Pick<TimeBins, 'lengthMs' | 'next' | 'startOf'> | undefined,
  { fromMs, toMs }: TimeRange
): number | undefined {
  if (bins === undefined || !Number.isFinite(toMs - fromMs)) {
    return undefined;
  }
  if (bins.lengthMs !== undefined) {
    return (toMs - fromMs) / bins.lengthMs <= MAX_FILLED_BINS ? bins.lengthMs : undefined;
  }
  let longest = 0;
  let start = bins.startOf(fromMs);
  for (let count = 0; start <= toMs; count++) {
    if (count === MAX_FILLED_BINS) {
      return undefined;
    }
    const next = bins.next(start);
    longest = Math.max(longest, next - start);
    start = next;
  }
  return longest;
}
