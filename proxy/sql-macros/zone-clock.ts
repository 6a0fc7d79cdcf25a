/**
 * Offsets of a time zone from UTC, from the time zone data of Node.js.
 *
 * All times are milliseconds since 1970. "Local" times are the same for the clock of the zone: local = UTC + offset.
 */
import { MacroError } from './macro-error';

/** A period with one offset. */
export interface ZonePeriod {
  /** `-Infinity` for the first period of a list. */
  startMs: number;
  offsetMs: number;
}

/** Changes of the clock are searched in steps of a week. No zone has changed its clock twice within a week. */
const WEEK_MS = 7 * 86_400_000;
/** Longest range in which changes are searched. */
const MAX_YEARS = 100;
const YEAR_MS = 365.25 * 86_400_000;

export class ZoneClock {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset at the start of a week, by the number of the week since 1970. Bounded by `MAX_WEEKS`. */
  readonly #offsets = new Map<number, number>();
  /** Time of the change in a week, by the number of the week. */
  readonly #changes = new Map<number, number>();

  /** @throws {RangeError} for a name that is no time zone. */
  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(epochMs: number): number {
    const wholeMs = Math.floor(epochMs / 1000) * 1000;
    const field = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format.formatToParts(wholeMs)) {
      if (Object.hasOwn(field, type)) {
        field[type as keyof typeof field] = Number(value);
      }
    }
    const { year, month, day, hour, minute, second } = field;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
  }

  /**
   * The periods of a range, at least one, ascending.
   *
   * @throws {MacroError} for a range of more than 100 years.
   */
  periods(fromMs: number, toMs: number): ZonePeriod[] {
    if (toMs - fromMs > MAX_YEARS * YEAR_MS) {
      throw new MacroError(
        `The time range has ${Math.round((toMs - fromMs) / YEAR_MS)} years. Bins in the time zone ${this.name} need a range of at most ${MAX_YEARS} years.`
      );
    }
    const firstWeek = Math.floor(fromMs / WEEK_MS);
    const lastWeek = Math.floor(toMs / WEEK_MS);
    const periods: ZonePeriod[] = [{ startMs: -Infinity, offsetMs: this.#offsetOfWeek(firstWeek) }];
    for (let week = firstWeek; week <= lastWeek; week++) {
      const before = this.#offsetOfWeek(week);
      const after = this.#offsetOfWeek(week + 1);
      if (before !== after) {
        periods.push({ startMs: this.#changeIn(week, before), offsetMs: after });
      }
    }
    return periods;
  }

  #offsetOfWeek(week: number): number {
    const known = this.#offsets.get(week);
    if (known !== undefined) {
      return known;
    }
    if (this.#offsets.size >= MAX_WEEKS) {
      this.#offsets.clear();
      this.#changes.clear();
    }
    const offset = this.offsetAt(week * WEEK_MS);
    this.#offsets.set(week, offset);
    return offset;
  }

  /** The first second with another offset than `before`. */
  #changeIn(week: number, before: number): number {
    const known = this.#changes.get(week);
    if (known !== undefined) {
      return known;
    }
    let low = (week * WEEK_MS) / 1000;
    let high = low + WEEK_MS / 1000;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle * 1000) === before) {
        low = middle;
      } else {
        high = middle;
      }
    }
    this.#changes.set(week, high * 1000);
    return high * 1000;
  }
}

/** About 100 years. */
const MAX_WEEKS = 6000;
/** Clocks are kept for later queries. A data source has users in few time zones. */
const MAX_CLOCKS = 20;
const clocks = new Map<string, ZoneClock>();

/**
 * The clock of a zone.
 *
 * @param name IANA name, as the browser sent it.
 * @throws {MacroError} for an unknown zone.
 */
export function zoneClock(name: string): ZoneClock {
  const known = clocks.get(name);
  if (known !== undefined) {
    return known;
  }
  let clock: ZoneClock;
  try {
    clock = new ZoneClock(name);
  } catch {
    throw new MacroError(`The time zone "${name}" of the dashboard is unknown to the data source.`);
  }
  if (clocks.size >= MAX_CLOCKS) {
    clocks.clear();
  }
  clocks.set(name, clock);
  return clock;
}
