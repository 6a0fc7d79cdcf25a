/** Formats times, dates, intervals and decimals with all digits. A `Date` has only milliseconds. */
import { type TimeUnit } from './arrow-type';

export const NS_PER_UNIT: Readonly<Record<TimeUnit, bigint>> = {
  second: 1_000_000_000n,
  millisecond: 1_000_000n,
  microsecond: 1000n,
  nanosecond: 1n,
};

const NS_PER_MS = 1_000_000n;
/** The last time that a `Date` can represent, in milliseconds since 1970. */
const MAX_DATE_MS = 8_640_000_000_000_000n;

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/**
 * RFC 3339 in UTC, without trailing zeros in the fraction of the second. For times that a `Date` cannot represent, the
 * number itself.
 */
export function formatTimestamp(value: bigint, unit: TimeUnit): string {
  const ns = value * NS_PER_UNIT[unit];
  const ms = floorDivide(ns, NS_PER_MS);
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) {
    return String(value);
  }
  const base = new Date(Number(ms)).toISOString();
  const fraction = base.slice(-4, -1) + String(ns - ms * NS_PER_MS).padStart(6, '0');
  const digits = fraction.replace(/(?<!0)0+$/, '');
  return `${base.slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`;
}

/** `YYYY-MM-DD`, or the number itself if a `Date` cannot represent the day. @param days Days since 1970. */
export function formatDate(days: number): string {
  const ms = days * 86_400_000;
  return Math.abs(ms) > Number(MAX_DATE_MS) ? String(days) : new Date(ms).toISOString().split('T')[0];
}

/** ISO 8601 duration. Months, days and seconds have separate signs: `P1M-2DT3.5S`. */
export function formatInterval(months: number, days: number, nanoseconds: bigint): string {
  const parts = [months === 0 ? '' : `${months}M`, days === 0 ? '' : `${days}D`].join('');
  const time = nanoseconds === 0n ? '' : `T${formatDecimal(nanoseconds, 9).replace(/\.?(?<!0)0+$/, '')}S`;
  return parts + time === '' ? 'PT0S' : `P${parts}${time}`;
}

/** The decimal number `unscaled * 10 ** -scale`, without exponent. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) {
    return String(unscaled * 10n ** BigInt(-scale));
  }
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
