/** Widths of time bins, and the notations of intervals in Grafana, macros and SQL. */

/**
 * The width of a bin. Bins of days are aligned to 1970-01-01, or to a Monday if `isWeeks` is set. Bins of months are
 * aligned to January 1970.
 */
export type BinWidth =
  { unit: 'ms'; count: number } | { unit: 'day'; count: number; isWeeks: boolean } | { unit: 'month'; count: number };

const DAY_MS = 86_400_000;
/** Maximum interval in milliseconds: ten years, as for the interval of a panel. */
const MAX_MS = 3650 * DAY_MS;
/** Maximum number of months of an interval: ten years. */
const MAX_MONTHS = 120;

/** The units of Grafana's intervals. A number without a unit, such as `$__interval_ms`, is in milliseconds. */
const SHORT_UNITS: Readonly<Record<string, Unit>> = {
  ms: { unit: 'ms', factor: 1 },
  s: { unit: 'ms', factor: 1000 },
  m: { unit: 'ms', factor: 60_000 },
  h: { unit: 'ms', factor: 3_600_000 },
  d: { unit: 'ms', factor: DAY_MS },
  w: { unit: 'ms', factor: 7 * DAY_MS },
  M: { unit: 'month', factor: 1 },
  y: { unit: 'month', factor: 12 },
};
/** The units of SQL intervals, in the singular. */
const SQL_UNITS: Readonly<Record<string, Unit>> = {
  millisecond: SHORT_UNITS.ms,
  second: SHORT_UNITS.s,
  minute: SHORT_UNITS.m,
  hour: SHORT_UNITS.h,
  day: SHORT_UNITS.d,
  week: SHORT_UNITS.w,
  month: SHORT_UNITS.M,
  year: SHORT_UNITS.y,
};

interface Unit {
  unit: 'ms' | 'month';
  factor: number;
}

const SHORT = /^(\d{1,12}) *(ms|[smhdwMy])?$/;
const IN_SQL = /^interval\s*'\s*(\d{1,12})\s+([a-z]+?)s?\s*'$/i;

/** The width of a panel's interval. Whole days and weeks become bins of days. */
export function widthOfMs(intervalMs: number): BinWidth {
  const ms = Math.max(1, Math.round(intervalMs));
  return ms % DAY_MS === 0
    ? { unit: 'day', count: ms / DAY_MS, isWeeks: ms % (7 * DAY_MS) === 0 }
    : { unit: 'ms', count: ms };
}

/**
 * Reads `5m`, `'5m'`, `300000` or `interval '5 minutes'`.
 *
 * @returns undefined for other strings, for zero, and for more than ten years.
 */
export function parseInterval(interval: string): BinWidth | undefined {
  const bare = /^'(.*)'$/s.exec(interval)?.[1].trim() ?? interval;
  const short = SHORT.exec(bare);
  const long = IN_SQL.exec(interval);
  const [, digits, word = 'ms'] = short ?? long ?? [];
  const units = short === null ? SQL_UNITS : SHORT_UNITS;
  const name = short === null ? word.toLowerCase() : word;
  if (digits === undefined || !Object.hasOwn(units, name)) {
    return undefined;
  }
  const { unit, factor } = units[name];
  const count = Number(digits) * factor;
  if (count === 0 || count > (unit === 'ms' ? MAX_MS : MAX_MONTHS)) {
    return undefined;
  }
  return unit === 'ms' ? widthOfMs(count) : { unit, count };
}

/**
 * An SQL interval of at least one millisecond. The unit is the second for whole seconds, and the millisecond for other
 * intervals.
 */
export function sqlInterval(intervalMs: number): string {
  const ms = Math.max(1, Math.round(intervalMs));
  return ms % 1000 === 0 ? `interval '${ms / 1000} second'` : `interval '${ms} millisecond'`;
}

/** An interval as Grafana writes it, with the largest unit that is exact: `90s`, `5m`, `500ms`. */
export function grafanaInterval(intervalMs: number): string {
  const ms = Math.max(1, Math.round(intervalMs));
  for (const [unitMs, unit] of [
    [DAY_MS, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ] as const) {
    if (ms % unitMs === 0) {
      return `${ms / unitMs}${unit}`;
    }
  }
  return `${ms}ms`;
}

/** The width as Grafana writes it. */
export function formatWidth(width: BinWidth): string {
  switch (width.unit) {
    case 'ms':
      return grafanaInterval(width.count);
    case 'day':
      return width.isWeeks ? `${width.count / 7}w` : `${width.count}d`;
    case 'month':
      return width.count % 12 === 0 ? `${width.count / 12}y` : `${width.count}M`;
  }
}
