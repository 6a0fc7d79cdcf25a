/** Searches ascending lists in logarithmic time, for example lists of offsets, names or times. */

/**
 * Number of entries at the start of a list for which a condition holds.
 *
 * @param length Number of all entries.
 * @param holds The condition. If it is false for an entry, it must be false for all later entries.
 */
export function countLeading(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/**
 * Number of entries whose value is less than a limit.
 *
 * @param length  Number of all entries.
 * @param valueAt Value of an entry. Must not decrease from one entry to the next.
 */
export function countBelowBy(length: number, limit: number, valueAt: (index: number) => number): number {
  return countLeading(length, (index) => valueAt(index) < limit);
}

/** Number of entries of an ascending list that are less than a limit. */
export function countBelow(list: readonly number[], limit: number): number {
  return countBelowBy(list.length, limit, (index) => list[index]);
}
