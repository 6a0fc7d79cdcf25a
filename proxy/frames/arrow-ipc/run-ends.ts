/** Finds the run of a row in a run-end encoded column. */
import { countLeading } from '../../../contract/ascending-list';
import { oncePer } from './once-per';
import { malformed } from './result-errors';
import { wideNumbers } from './row-sizes';
import { asInt16, asInt32, type Vector } from './vector';

type RunEnds = Int16Array | Int32Array | Float64Array;

/**
 * The end (exclusive) of each run, as a position in the unsliced column. All slices of a column have the same run ends,
 * which are checked once.
 *
 * @param vector The first child of a run-end encoded column.
 * @throws {ProxyError} 'result_malformed' if a run ends before the previous one: each row must be in exactly one run.
 */
export const runEnds = oncePer(({ type, length, buffers }: Vector): RunEnds => {
  const [bytes] = buffers;
  const bits = type.kind === 'int' ? type.bits : 0;
  const ends = bits === 16 ? asInt16(bytes, length) : bits === 32 ? asInt32(bytes, length) : wideNumbers(bytes, length);
  for (let run = 1; run < length; run++) {
    if (ends[run] < ends[run - 1]) {
      throw malformed('the run ends of a column do not ascend');
    }
  }
  return ends;
});

/** The first run that ends after a position. The number of runs if there is none. */
export function runAt(ends: RunEnds, position: number): number {
  return countLeading(ends.length, (run) => ends[run] <= position);
}
