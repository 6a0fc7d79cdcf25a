import { type Dictionary, type Vector } from './vector';

/** The first value of each piece of a dictionary, and the number of all values. */
const starts = new WeakMap<Dictionary, Float64Array>();

function startsOf(dictionary: Dictionary): Float64Array {
  const known = starts.get(dictionary);
  if (known !== undefined) {
    return known;
  }
  const { chunks } = dictionary;
  const found = new Float64Array(chunks.length + 1);
  chunks.forEach(({ length }, piece) => {
    found[piece + 1] = (found[piece] ?? 0) + length;
  });
  starts.set(dictionary, found);
  return found;
}

/** The values of a dictionary, over all of its pieces. */
export function valueCount(dictionary: Dictionary): number {
  return startsOf(dictionary)[dictionary.chunks.length] ?? 0;
}

/**
 * Where a value of a dictionary lies: its piece and its row there. Takes the logarithm of the number of pieces.
 *
 * @returns Undefined for an index that the dictionary does not have.
 */
export function findValue(
  dictionary: Dictionary,
  index: number
): { chunk: Vector; piece: number; row: number } | undefined {
  const from = startsOf(dictionary);
  if (!(index >= 0 && index < valueCount(dictionary))) {
    return undefined;
  }
  let low = 0;
  let high = dictionary.chunks.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((from[middle] ?? 0) <= index) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  const chunk = dictionary.chunks[low];
  return chunk === undefined ? undefined : { chunk, piece: low, row: index - (from[low] ?? 0) };
}
