/** Finds the run of a row in a run-end encoded column. */
import { malformed } from './result-errors';
import { wideNumbers } from './row-sizes';
import { asInt16, asInt32, type Vector } from './vector';

type RunEnds = Int16Array | Int32Array | Float64Array;

/** The run ends that were checked. All slices of a column have the same run ends. */
const CHECKED_ENDS = new WeakMap<Vector, RunEnds>();

/**
 * The end (exclusive) of each run, as a position in the unsliced column. They are checked once for each column.
 *
 * @param vector The first child of a run-end encoded column.
 * @throws {ProxyError} 'result_malformed' if the run ends do not ascend: each row must be in exactly one run.
 */
export function runEnds(vector: Vector): RunEnds {
  const checked = CHECKED_ENDS.get(vector);
  if (checked !== undefined) {
    return checked;
  }
  const { type, length, buffers } = vector;
  const [bytes] = buffers;
  const bits = type.kind === 'int' ? type.bits : 0;
  const ends = bits === 16 ? asInt16(bytes, length) : bits === 32 ? asInt32(bytes, length) : wideNumbers(bytes, length);
  for (let run = 1; run < length; run++) {
    if (ends[run] < ends[run - 1]) {
      throw malformed('the run ends of a column do not ascend');
    }
  }
  CHECKED_ENDS.set(vector, ends);
  return ends;
}

/** The first run that ends after a position, by binary search. The number of runs if there is none. */
export function runAt(ends: RunEnds, position: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > position) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
