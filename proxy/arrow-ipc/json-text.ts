/** Texts of any column as JSON strings, written without a JavaScript string in between where they need no escapes. */
import { isUtf8 } from 'node:buffer';
import { type ByteSink } from './byte-sink';

/** Digits that a float64 carries for certain. */
const EXACT_DIGITS = 15;

/** How numbers are written that browsers would round: integers beyond ±(2^53 - 1), decimals of too many digits. */
export interface JsonNumbers {
  /** Writes them as JSON texts. */
  readonly quoteBig: boolean;
  /** Called for each of them. */
  readonly onBig: () => void;
}

/** All digits, no quotes, nobody told. */
export const PLAIN_NUMBERS: JsonNumbers = { quoteBig: false, onBig: () => undefined };

export function integerJson(value: number | bigint, numbers: JsonNumbers): string {
  const isExact = typeof value === 'number' || Number.isSafeInteger(Number(value));
  return exactly(String(value), isExact, numbers);
}

/** @param text A decimal number, written out. */
export function decimalJson(text: string, numbers: JsonNumbers): string {
  return exactly(text, isExactDecimal(text), numbers);
}

function exactly(text: string, isExact: boolean, numbers: JsonNumbers): string {
  if (isExact) {
    return text;
  }
  numbers.onBig();
  return numbers.quoteBig ? `"${text}"` : text;
}

/** True when a float64 shows the same significant digits as the text of a decimal. */
export function isExactDecimal(text: string): boolean {
  return text.length <= EXACT_DIGITS || digits(text) === digits(String(Number(text)));
}

/** The significant digits of a number's text. */
function digits(text: string): string {
  return text
    .replace(/e[+-]?\d+$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|(?<!0)0+$/g, '');
}

/** A floating point number as JSON: shortest digits that read back as the same number; a text where JSON has no word. */
export function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** The same for a number of single precision, whose digits as a double would be noise: 0.1, not 0.10000000149011612. */
export function singleText(value: number): string {
  if (!Number.isFinite(value)) {
    return numberText(value);
  }
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) {
      return String(short);
    }
  }
  return String(Number(value.toPrecision(9)));
}

const UTF8 = new TextDecoder();
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Appends the UTF-8 bytes from `start` to before `end` as a JSON string. Bytes that are no UTF-8 become U+FFFD. */
export function writeJsonText(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
  let isPlain = true;
  let isAscii = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    isPlain &&= byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
    isAscii &&= byte < 0x80;
  }
  if (isPlain && (isAscii || isUtf8(bytes.subarray(start, end)))) {
    sink.byte(QUOTE);
    sink.copy(bytes, start, end);
    sink.byte(QUOTE);
  } else {
    sink.text(JSON.stringify(UTF8.decode(bytes.subarray(start, end))));
  }
}
