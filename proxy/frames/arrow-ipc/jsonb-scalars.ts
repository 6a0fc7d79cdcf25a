/** Formats scalars of JSONB: numbers as JSON, extensions (binary data, dates, times and intervals) as strings. */
import { formatDate, formatDecimal, formatInterval, formatTimestamp } from './format-value';
import { decimalJson, formatNumber, formatWholeFloat, integerJson, type JsonNumbers } from './json-values';
import { INVALID, type JsonbBytes } from './jsonb-bytes';

/** Maximum scale (digits after the point) of a decimal. With a larger scale, a few bytes would expand to many zeros. */
const MAX_SCALE = 76;

/**
 * The JSON of a number. JSON has no NaN and no infinities: they become strings.
 *
 * @param at        Position of the payload.
 * @param isVisited True for a value of the object that `visitJsonbObject` visits.
 */
export function numberJson(
  input: JsonbBytes,
  at: number,
  size: number,
  isVisited: boolean,
  numbers: JsonNumbers
): string {
  input.need(at, 1);
  const width = size - 1;
  switch (size === 0 ? -1 : input.bytes[at]) {
    case 0x00:
      return sized('0', width === 0);
    case 0x10:
      return sized('"NaN"', width === 0);
    case 0x20:
      return sized('"Infinity"', width === 0);
    case 0x30:
      return sized('"-Infinity"', width === 0);
    case 0x40:
      return integer(input, at + 1, width, true, numbers);
    case 0x50:
      return integer(input, at + 1, width, false, numbers);
    case 0x60:
      return float(input, at + 1, width, isVisited, numbers);
    case 0x70:
      return decimal(input, at + 1, width, numbers);
    default:
      throw INVALID;
  }
}

function integer(input: JsonbBytes, at: number, width: number, signed: boolean, numbers: JsonNumbers): string {
  const { view } = input;
  switch (width) {
    case 1:
      return String(signed ? view.getInt8(at) : view.getUint8(at));
    case 2:
      return String(signed ? view.getInt16(at) : view.getUint16(at));
    case 4:
      return String(signed ? view.getInt32(at) : view.getUint32(at));
    case 8:
      return integerJson(signed ? view.getBigInt64(at) : view.getBigUint64(at), numbers);
    default:
      throw INVALID;
  }
}

function float(input: JsonbBytes, at: number, width: number, isVisited: boolean, numbers: JsonNumbers): string {
  if (width !== 8) {
    throw INVALID;
  }
  const value = input.view.getFloat64(at);
  const whole = isVisited && numbers.quoteWholeFloats === true ? formatWholeFloat(value) : undefined;
  return whole === undefined ? formatNumber(value) : `"${whole}"`;
}

function decimal(input: JsonbBytes, at: number, width: number, numbers: JsonNumbers): string {
  // The scale is the last byte. In the older encoding, a precision byte precedes the scale.
  const digits = new Map<number, number>([
    [9, 8],
    [17, 16],
    [18, 16],
    [33, 32],
    [34, 32],
  ]).get(width);
  if (digits === undefined) {
    throw INVALID;
  }
  const scale = input.bytes[at + width - 1];
  if (scale > MAX_SCALE) {
    throw INVALID;
  }
  return decimalJson(formatDecimal(input.signed(at, digits), scale), numbers);
}

/** Binary data, dates, times and intervals as strings. */
export function formatExtension(input: JsonbBytes, at: number, size: number): string {
  input.need(at, 1);
  const { view } = input;
  const width = size - 1;
  switch (size === 0 ? -1 : input.bytes[at]) {
    case 0x00:
      return Buffer.from(input.bytes.subarray(at + 1, at + size)).toString('base64');
    case 0x10:
      return sizedBy(width === 4, () => formatDate(view.getInt32(at + 1)));
    case 0x20:
      return sizedBy(width === 8, () => formatTimestamp(view.getBigInt64(at + 1), 'microsecond'));
    case 0x30:
      // The time is in UTC. The offset of the original time zone is dropped.
      return sizedBy(width === 12 || width === 9, () => formatTimestamp(view.getBigInt64(at + 1), 'microsecond'));
    case 0x40:
      return sizedBy(width === 16, () =>
        formatInterval(view.getInt32(at + 1), view.getInt32(at + 5), view.getBigInt64(at + 9) * 1000n)
      );
    default:
      throw INVALID;
  }
}

function sized(json: string, fits: boolean): string {
  return sizedBy(fits, () => json);
}

function sizedBy(fits: boolean, json: () => string): string {
  if (!fits) {
    throw INVALID;
  }
  return json();
}
