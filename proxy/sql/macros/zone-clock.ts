/**
 * Offsets of a time zone from UTC, from the time zone data of Node.js.
 *
 * All times are milliseconds since 1970. "Local" times are milliseconds by the clock of the zone: local = UTC + offset.
 */
import { StringMap } from '../../../contract/string-map';
import { shownName } from '../../base/errors/foreign-string';
import { MacroError } from './macro-error';

/** A period with one offset. */
export interface ZonePeriod {
  /** `-Infinity` for the first period of a list. */
  startMs: number;
  offsetMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Clock changes are searched in steps of a week. No zone has changed its clock twice within a week. */
const WEEK_MS = 7 * 24 * HOUR_MS;
/**
 * Clock changes are known from 1970 to 2070. A time in another year gets the offset of the nearest known time. This
 * limits a search for all changes of a zone to about 50 ms.
 */
const FIRST_WEEK = 0;
const LAST_WEEK = Math.floor(Date.UTC(2070, 0, 1) / WEEK_MS);

class ZoneClock {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset at the start of a week, by the number of the week since 1970. */
  readonly #offsets = new Map<number, number>();
  /** Time of the change in a week, by the number of the week. */
  readonly #changes = new Map<number, number>();

  /** @throws {RangeError} for a name that is not a time zone. */
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

  /** The offset at a time, in milliseconds. */
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

  /** The periods of a range in ascending order, at least one. */
  periods(fromMs: number, toMs: number): ZonePeriod[] {
    const firstWeek = weekOf(fromMs);
    const lastWeek = weekOf(toMs);
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
    const offset = this.offsetAt(week * WEEK_MS);
    this.#offsets.set(week, offset);
    return offset;
  }

  /** The first minute whose offset differs from `before`. Since 1972, all offsets are whole minutes. */
  #changeIn(week: number, before: number): number {
    const known = this.#changes.get(week);
    if (known !== undefined) {
      return known;
    }
    const startMs = week * WEEK_MS;
    const hourMs = this.#firstOther(startMs, startMs + WEEK_MS, HOUR_MS, before);
    const isWholeHour = this.offsetAt(hourMs - MINUTE_MS) === before;
    const changeMs = isWholeHour ? hourMs : this.#firstOther(hourMs - HOUR_MS, hourMs, MINUTE_MS, before);
    this.#changes.set(week, changeMs);
    return changeMs;
  }

  /**
   * The first time whose offset differs from `before`, with a precision of one step.
   *
   * @param lowMs  A time with the offset `before`.
   * @param highMs A time with another offset, a whole number of steps later.
   */
  #firstOther(lowMs: number, highMs: number, stepMs: number, before: number): number {
    let low = 0;
    let high = (highMs - lowMs) / stepMs;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(lowMs + middle * stepMs) === before) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return lowMs + high * stepMs;
  }
}

function weekOf(epochMs: number): number {
  return Math.min(Math.max(Math.floor(epochMs / WEEK_MS), FIRST_WEEK), LAST_WEEK);
}

/** Maximum number of cached clocks. Users are in few time zones. */
const MAX_CLOCKS = 20;
const clocks = new StringMap<ZoneClock>();

/**
 * The clock of a zone. Clocks are cached.
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
    throw new MacroError(`The time zone ${shownName(name)} of the dashboard is unknown to the data source.`);
  }
  const [oldest] = clocks.keys();
  if (clocks.size >= MAX_CLOCKS) {
    clocks.delete(oldest);
  }
  clocks.set(name, clock);
  return clock;
}
