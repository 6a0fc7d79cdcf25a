/**
 * Writes numbers and strings of columns as JSON. Numbers keep all digits, although browsers round large integers.
 */
import { isUtf8 } from 'node:buffer';
import { type ByteSink } from './byte-sink';

/** Number of decimal digits that every float64 preserves. */
const EXACT_DIGITS = 15;

/** How to write numbers that browsers round: integers beyond ±(2^53 - 1), and decimals of too many digits. */
export interface JsonNumbers {
  /** True to write these numbers as JSON strings. */
  readonly quoteBig: boolean;
  /** Called for each of these numbers. */
  readonly onBig: () => void;
  /**
   * True to write whole floating point numbers as JSON strings, such as `"587.0"` or `"2e+16"`. Applies only to the
   * values of the object that `visitJsonbObject` visits. Labels of log lines need these strings, because the server
   * compares filters with them. Default: numbers, which browsers show without fraction or with all digits.
   */
  readonly quoteWholeFloats?: boolean;
}

/** Writes all digits, without quotes. Reports nothing. */
export const PLAIN_NUMBERS: JsonNumbers = { quoteBig: false, onBig: () => undefined };

/** The decimal digits. In quotes if the integer is beyond ±(2^53 - 1) and `quoteBig` is true. */
export function integerJson(value: number | bigint, numbers: JsonNumbers): string {
  const isExact = typeof value === 'number' || Number.isSafeInteger(Number(value));
  return exactly(String(value), isExact, numbers);
}

/** @param decimal A decimal number without exponent. */
export function decimalJson(decimal: string, numbers: JsonNumbers): string {
  return exactly(decimal, isExactDecimal(decimal), numbers);
}

function exactly(decimal: string, isExact: boolean, numbers: JsonNumbers): string {
  if (isExact) {
    return decimal;
  }
  numbers.onBig();
  return numbers.quoteBig ? `"${decimal}"` : decimal;
}

/** True when the significant digits of a decimal are still the same after a conversion to float64. */
export function isExactDecimal(decimal: string): boolean {
  return decimal.length <= EXACT_DIGITS || digits(decimal) === digits(String(Number(decimal)));
}

/** The significant digits of a number's string. */
function digits(decimal: string): string {
  return decimal
    .replace(/e[+-]?\d+$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|(?<!0)0+$/g, '');
}

/**
 * A floating point number as JSON, with the shortest digits that parse to the same number. NaN and infinities are
 * strings.
 */
export function formatNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** The string to which the server converts a whole floating point number in JSONB. Undefined for other numbers. */
export function formatWholeFloat(value: number): string | undefined {
  if (!Number.isInteger(value)) {
    return undefined;
  }
  return Math.abs(value) < 1e16 ? `${Object.is(value, -0) ? '-0' : value}.0` : value.toExponential();
}

/** A number of single precision as JSON, for example `0.1` instead of `0.10000000149011612`. */
export function formatSingle(value: number): string {
  if (!Number.isFinite(value)) {
    return formatNumber(value);
  }
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) {
      return String(short);
    }
  }
  return String(Number(value.toPrecision(9)));
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Appends the UTF-8 bytes from `start` (inclusive) to `end` (exclusive) as a JSON string. Bytes that are not UTF-8
 * become U+FFFD. Strings that need no escapes are copied as bytes.
 */
export function writeJsonString(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
  let isPlain = true;
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    isPlain &&= byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
    isAscii &&= byte < 0x80;
  }
  if (isPlain && (isAscii || isUtf8(bytes.subarray(start, end)))) {
    sink.byte(QUOTE);
    sink.copy(bytes, start, end);
    sink.byte(QUOTE);
  } else {
    sink.string(JSON.stringify(UTF8.decode(bytes.subarray(start, end))));
  }
}
