/**
 * Bins of time: as SQL, and as numbers to fill gaps.
 *
 * Bins of days and longer begin at midnight of a time zone. The SQL must not depend on time zone functions of the server, so
 * the offsets of the zone in the time range become constants. In a period with one offset, bins are those of `date_bin`. A
 * bin that a change of the clock lies in, or that begins at such a change, is a constant itself.
 *
 * A bin is the set of instants whose local time is in the same local interval. Its start is its first instant. So a bin
 * begins at the change of the clock if the clock skips midnight, and at the first midnight if midnight occurs twice.
 *
 * Times are milliseconds since 1970.
 */
import { type BinWidth, sqlInterval, widthText } from './intervals';
import { Rope } from './rope';
import { zoneClock, type ZonePeriod } from './zone-clock';

const DAY_MS = 86_400_000;
/** 1970-01-05, a Monday. */
const MONDAY_MS = 4 * DAY_MS;
const UTC: readonly ZonePeriod[] = [{ startMs: -Infinity, offsetMs: 0 }];

export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Bins of one width. */
export class TimeBins {
  readonly #width: BinWidth;
  readonly #periods: readonly ZonePeriod[];

  /**
   * @param zone IANA name of the zone. Undefined for UTC.
   * @throws {MacroError} for an unknown zone, or a range of more than 100 years.
   */
  constructor(width: BinWidth, range: TimeRange, zone?: string) {
    this.#width = width;
    // Extended by more than one bin, because bins at the ends of the range begin and end outside of it.
    const marginMs = width.unit === 'month' ? width.count * 32 * DAY_MS : (width.count + 1) * DAY_MS;
    this.#periods =
      zone === undefined || zone === 'UTC' || width.unit === 'ms'
        ? UTC
        : zoneClock(zone).periods(range.fromMs - marginMs, range.toMs + marginMs);
  }

  /** The width as Grafana writes it, such as `5m`. */
  get text(): string {
    return widthText(this.#width);
  }

  /** The length in milliseconds if it is the same for all bins and they are aligned to 1970. */
  get lengthMs(): number | undefined {
    return this.#width.unit === 'ms' ? this.#width.count : undefined;
  }

  /** Start of the bin that contains the time. */
  startOf(epochMs: number): number {
    return this.#firstAt(this.#floor(epochMs + this.#offsetAt(epochMs)));
  }

  /** Start of the bin after the one that begins at `startMs`. */
  next(startMs: number): number {
    let local = this.#floor(startMs + this.#offsetAt(startMs));
    // A local day that the clock skipped has no bin.
    for (;;) {
      local = this.#after(local);
      const start = this.#firstAt(local);
      if (start > startMs && this.startOf(start) === start) {
        return start;
      }
    }
  }

  /** An expression for the start of the bin that contains the time of the column. */
  sql(column: Rope): Rope {
    const branches: Array<Rope | string> = [];
    this.#periods.forEach(({ startMs, offsetMs }, index) => {
      const endMs = this.#periods[index + 1]?.startMs ?? Infinity;
      const below = (untilMs: number) => Rope.of(' WHEN ', column, ` < ${timestamp(untilMs)} THEN `);
      let at = startMs;
      while (at > -Infinity && at < endMs) {
        const local = this.#floor(at + offsetMs);
        const first = this.#firstAt(local);
        if (first === local - offsetMs) {
          break;
        }
        at = this.#after(local) - offsetMs;
        branches.push(below(Math.min(at, endMs)), timestamp(first));
      }
      if (at < endMs) {
        branches.push(endMs === Infinity ? ' ELSE ' : below(endMs), this.#simple(column, offsetMs));
      }
    });
    return this.#periods.length === 1 ? Rope.joined(branches.slice(1)) : Rope.of('CASE', ...branches, ' END');
  }

  /** Bins within a period. */
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
        // An origin at the end of a month, where a positive offset leads, has no counterpart in shorter months.
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

  #offsetAt(epochMs: number): number {
    return this.#periods.findLast(({ startMs }) => startMs <= epochMs)?.offsetMs ?? 0;
  }

  /** Local start of the local interval that contains a local time. */
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

  /** The first instant whose local time is not before `localMs`. */
  #firstAt(localMs: number): number {
    const index = this.#periods.findIndex(({ offsetMs }, position) => {
      const endMs = this.#periods[position + 1]?.startMs ?? Infinity;
      return localMs - offsetMs < endMs;
    });
    const { startMs, offsetMs } = this.#periods[index];
    return Math.max(startMs, localMs - offsetMs);
  }
}

/** A literal in UTC, with milliseconds only if they are not zero. */
export function timestamp(epochMs: number): string {
  return `timestamp '${new Date(epochMs).toISOString().replace('.000Z', 'Z')}'`;
}
