/**
 * Divides the time range of a logs query into slices. The first slice is where the result begins: at the newest or at
 * the oldest end of the range. The slices are disjoint, and together they cover the range.
 *
 * Each statement has a fixed cost, so there are few slices. The last slice is the rest of the range.
 */
import { type TimeRange } from '../../sql/macros/time-bins';

/** A part of the range, for one statement. */
export interface LineSlice extends TimeRange {
  /** True if the slice does not include lines at `toMs` itself. */
  excludesEnd: boolean;
}

/** The range of a result, and its order. */
export interface SlicedRange extends TimeRange {
  /** True if the result begins with the newest lines. */
  isDescending: boolean;
}

/** The number of lines that the last run of a query found, and the part of the range that contained these lines. */
export interface LineRate {
  lines: number;
  /** Length of the part of the range that had these lines, in milliseconds. */
  spanMs: number;
}

/**
 * Minimum length in milliseconds of a range that is read in slices. A shorter range is read with one statement, which
 * costs little more than a slice.
 */
export const MIN_SLICED_MS = 30 * 60_000;
/**
 * Minimum length of a slice in milliseconds. The server would read as many files for a shorter slice: it has one file
 * per minute for the last hour, and larger files for earlier lines.
 */
const MIN_SLICE_MS = 60_000;
/** Maximum number of slices of one result. */
const MAX_SLICES = 6;
/** The first slice of a query without a known rate, as a fraction of the range. */
const UNKNOWN_PART = 1 / 64;
/** Maximum length of the first slice of a query without a known rate, in milliseconds. */
const MAX_UNKNOWN_MS = 24 * 3_600_000;
/** Factor by which a slice is longer than the rate suggests, because lines are not evenly distributed. */
const RESERVE = 1.5;
/** Minimum factor by which a slice is longer than the previous slice. It does not apply to the last slice. */
const MIN_GROWTH = 4;

/**
 * The length of the first slice in milliseconds. It may be longer than the range. Infinity if the last run found no
 * lines.
 *
 * @param wanted The number of lines of the result.
 * @param rate   Undefined for a query without a known rate.
 */
export function firstSliceMs({ fromMs, toMs }: TimeRange, wanted: number, rate: LineRate | undefined): number {
  const expectedMs =
    rate === undefined
      ? Math.min((toMs - fromMs) * UNKNOWN_PART, MAX_UNKNOWN_MS)
      : (rate.spanMs * RESERVE * wanted) / rate.lines;
  return Math.max(MIN_SLICE_MS, Math.ceil(expectedMs));
}

/** The slices of one result, at most `MAX_SLICES`. */
export class LineSlices {
  readonly #isDescending: boolean;
  #left: TimeRange;
  #lengthMs: number;
  #count = 0;

  constructor({ isDescending, fromMs, toMs }: SlicedRange, firstMs: number) {
    this.#isDescending = isDescending;
    this.#left = { fromMs, toMs };
    this.#lengthMs = firstMs;
  }

  /** The number of slices so far. */
  get count(): number {
    return this.#count;
  }

  /** True if the next slice is the whole rest of the range. */
  get endsWithNext(): boolean {
    const leftMs = this.#left.toMs - this.#left.fromMs;
    return this.#count === MAX_SLICES - 1 || this.#lengthMs * 2 >= leftMs;
  }

  /** The next slice. Call this only while a part of the range is left. */
  next(): LineSlice {
    const { fromMs, toMs } = this.#left;
    const isLast = this.endsWithNext;
    const hasBefore = this.#count > 0;
    this.#count++;
    if (this.#isDescending) {
      const startMs = isLast ? fromMs : toMs - this.#lengthMs;
      this.#left = { fromMs, toMs: startMs };
      return { fromMs: startMs, toMs, excludesEnd: hasBefore };
    }
    const endMs = isLast ? toMs : fromMs + this.#lengthMs;
    this.#left = { fromMs: endMs, toMs };
    return { fromMs, toMs: endMs, excludesEnd: !isLast };
  }

  /**
   * Sets the length of the next slice, from the number of lines in all slices so far. If no lines were found, the next
   * slice is the rest of the range.
   *
   * @param found  Number of lines so far.
   * @param wanted Number of lines of the result.
   */
  grow(found: number, wanted: number): void {
    const expected = (RESERVE * (wanted - found)) / found;
    this.#lengthMs *= Math.ceil(Math.max(expected, MIN_GROWTH));
  }
}
