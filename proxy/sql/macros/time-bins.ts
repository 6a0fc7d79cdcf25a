/**
 * Time bins, as SQL and as numbers for filling gaps.
 *
 * Bins of days and longer begin at midnight of a time zone. The SQL uses no time zone functions of the server. It
 * contains the offsets of the zone in the time range as constants. In a period with one offset, `date_bin` computes the
 * bins. A bin that contains a clock change or begins at one becomes a constant in the SQL.
 *
 * A bin is the set of all instants whose local times are in one local interval, such as one day. The start of a bin is
 * its first instant. So a bin begins at the clock change if the clock skips midnight, and at the first midnight if
 * midnight occurs twice.
 *
 * Times are milliseconds since 1970.
 */
import { MAX_FILLED_BINS } from '../../../contract/queries/query';
import { type BinWidth, sqlInterval, formatWidth } from './intervals';
import { Rope } from './rope';
import { zoneClock, type ZonePeriod } from './zone-clock';

const DAY_MS = 86_400_000;
/** 1970-01-05, a Monday. */
const MONDAY_MS = 4 * DAY_MS;
/** `Date` represents times up to this distance from 1970. */
const MAX_DATE_MS = 8.64e15;
const UTC: readonly ZonePeriod[] = [{ startMs: -Infinity, offsetMs: 0 }];

/** The range of a request. Both ends are inclusive. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** A branch of the CASE expression. It covers the times before `until` that no earlier branch covers. */
interface Branch {
  /** A timestamp. Undefined for the last branch, which has no end. */
  until: string | undefined;
  /** The SQL of the start of a single bin, or the offset in milliseconds of a period with many bins. */
  bins: string | number;
}

/** Bins of one width. */
export class TimeBins {
  readonly #width: BinWidth;
  readonly #periods: readonly ZonePeriod[];
  /** The branches of the CASE expression, which are the same for all columns. Computed on first use. */
  #branches: readonly Branch[] | undefined;

  /**
   * @param zone IANA name of the zone. Undefined for UTC.
   * @param range The range in which clock changes are known. Before and after the range, the offset at the nearest end
   *   is used.
   * @throws {MacroError} for an unknown zone.
   */
  constructor(width: BinWidth, range: TimeRange, zone?: string) {
    this.#width = width;
    // The range is extended by more than one bin, because bins at its ends begin or end outside of it.
    const marginMs = width.unit === 'month' ? width.count * 32 * DAY_MS : (width.count + 1) * DAY_MS;
    this.#periods =
      zone === undefined || zone === 'UTC' || width.unit === 'ms'
        ? UTC
        : zoneClock(zone).periods(range.fromMs - marginMs, range.toMs + marginMs);
  }

  /** The width as Grafana writes it, such as `5m`. */
  get width(): string {
    return formatWidth(this.#width);
  }

  /** The length of a bin in milliseconds. Undefined for days, weeks and months. */
  get lengthMs(): number | undefined {
    return this.#width.unit === 'ms' ? this.#width.count : undefined;
  }

  /** Start of the bin that contains the time. */
  startOf(epochMs: number): number {
    return this.#firstAt(this.#floor(epochMs + this.#offsetAt(epochMs)));
  }

  /**
   * Start of the bin that follows the bin at `startMs`.
   *
   * @throws {RangeError} if the following bin is beyond the times of `Date`.
   */
  next(startMs: number): number {
    let local = this.#floor(startMs + this.#offsetAt(startMs));
    // A local day that the clock skipped has no bin.
    for (;;) {
      local = this.#after(local);
      if (!(Math.abs(local) <= MAX_DATE_MS)) {
        throw new RangeError(`No bin follows ${startMs}`);
      }
      const start = this.#firstAt(local);
      if (start > startMs && this.startOf(start) === start) {
        return start;
      }
    }
  }

  /** An expression for the start of the bin that contains the time of the column. */
  sql(column: Rope): Rope {
    this.#branches ??= this.#findBranches();
    const [first] = this.#branches;
    if (first.until === undefined) {
      return this.#binsSql(first, column);
    }
    const cases = this.#branches.flatMap((branch) =>
      branch.until === undefined
        ? [' ELSE ', this.#binsSql(branch, column)]
        : [' WHEN ', column, ` < ${branch.until} THEN `, this.#binsSql(branch, column)]
    );
    return Rope.joined(['CASE', ...cases, ' END']);
  }

  #binsSql({ bins }: Branch, column: Rope): Rope {
    return typeof bins === 'string' ? Rope.of(bins) : this.#simple(column, bins);
  }

  /** One branch for each period with one offset, and one for each bin at a clock change. */
  #findBranches(): Branch[] {
    const branches: Branch[] = [];
    this.#periods.forEach(({ startMs, offsetMs }, index) => {
      const endMs = this.#endOf(index);
      let at = startMs;
      while (at > -Infinity && at < endMs) {
        const local = this.#floor(at + offsetMs);
        const first = this.#firstAt(local);
        if (first === local - offsetMs) {
          break;
        }
        at = this.#after(local) - offsetMs;
        branches.push({ until: timestamp(Math.min(at, endMs)), bins: timestamp(first) });
      }
      if (at < endMs) {
        branches.push({ until: endMs === Infinity ? undefined : timestamp(endMs), bins: offsetMs });
      }
    });
    return branches;
  }

  /** The bins of a period with one offset, as SQL. */
  #simple(column: Rope, offsetMs: number): Rope {
    const { unit, count } = this.#width;
    switch (unit) {
      case 'ms':
        return Rope.of(`date_bin(${sqlInterval(count)}, `, column, `, ${timestamp(0)})`);
      case 'day':
        return Rope.of(
          `date_bin(interval '${count * 24} hour', `,
          column,
          `, ${timestamp(this.#originMs - offsetMs)})`
        );
      case 'month': {
        // The origin is always the first day of a month. If a positive offset were subtracted from the origin, the
        // origin would be at the end of a month, for example on the 31st, which shorter months do not have. So the
        // offset is added to the time instead.
        const bin = (local: Rope) => Rope.of(`date_bin(interval '${count} month', `, local, `, ${timestamp(0)})`);
        const offset = sqlInterval(Math.abs(offsetMs));
        return offsetMs === 0
          ? bin(column)
          : offsetMs > 0
            ? Rope.of(bin(Rope.of(column, ` + ${offset}`)), ` - ${offset}`)
            : Rope.of(bin(Rope.of(column, ` - ${offset}`)), ` + ${offset}`);
      }
    }
  }

  get #originMs(): number {
    return this.#width.unit === 'day' && this.#width.isWeeks ? MONDAY_MS : 0;
  }

  #endOf(index: number): number {
    return this.#periods[index + 1]?.startMs ?? Infinity;
  }

  /**
   * Index of the first period with a property, or of the last period if no period has the property. If a period has the
   * property, all later periods must have it, too.
   */
  #firstPeriod(hasProperty: (index: number) => boolean): number {
    let low = 0;
    let high = this.#periods.length - 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (hasProperty(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #offsetAt(epochMs: number): number {
    return this.#periods[this.#firstPeriod((index) => epochMs < this.#endOf(index))].offsetMs;
  }

  /** The start of the local interval that contains a local time. The start is a local time, too. */
  #floor(localMs: number): number {
    const { unit, count } = this.#width;
    if (unit === 'month') {
      const date = new Date(localMs);
      const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
      return Date.UTC(1970, Math.floor(month / count) * count, 1);
    }
    const widthMs = unit === 'ms' ? count : count * DAY_MS;
    return Math.floor((localMs - this.#originMs) / widthMs) * widthMs + this.#originMs;
  }

  #after(localMs: number): number {
    const { unit, count } = this.#width;
    if (unit === 'month') {
      const date = new Date(localMs);
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1);
    }
    return localMs + (unit === 'ms' ? count : count * DAY_MS);
  }

  /** The first instant whose local time is `localMs` or later. */
  #firstAt(localMs: number): number {
    const index = this.#firstPeriod((at) => localMs - this.#periods[at].offsetMs < this.#endOf(at));
    const { startMs, offsetMs } = this.#periods[index];
    return Math.max(startMs, localMs - offsetMs);
  }
}

/**
 * The length of the longest bin in a range, in milliseconds. Months differ in length, and days do at clock changes.
 *
 * @returns Undefined if `bins` is undefined, or if the range has more than `MAX_FILLED_BINS` bins.
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

/** A literal in UTC, with milliseconds only if they are not zero. */
export function timestamp(epochMs: number): string {
  return `timestamp '${new Date(epochMs).toISOString().replace('.000Z', 'Z')}'`;
}
