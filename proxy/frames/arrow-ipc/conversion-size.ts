/**
 * Computes how many bytes a conversion will take, and rejects conversions that would take too many.
 *
 * A few kilobytes of Arrow can expand to gigabytes, because rows of a dictionary column, a view column, a list view, a
 * dense union or a run may share values. The caller reserves the computed bytes first. If these bytes exceed the memory
 * limit of the result, the caller truncates the result.
 *
 * Cost: nothing for columns whose received buffers are used unchanged; at most one pass over the offsets for strings;
 * one pass over the received bytes for columns of views (`utf8View`), dictionaries and nested types.
 */
import { type ArrowType } from './arrow-type';
import { hasEqualValues, valueCount } from './dictionary';
import { constantSizes, DictionarySizes, type RowSizes, stringSizes, viewSizes, withOverhead } from './row-sizes';
import { cellBytes } from './cell-values';
import { hasJsonbHeader } from './jsonb';
import { INTERVAL_BYTES, JSONB_BYTES, JSONB_FACTOR, jsonSizes } from './json-sizes';
import { tooLarge } from './result-errors';
import { bitmapBytes, isPresent, type Vector } from './vector';

const OFFSET_BYTES = 4;
/** Width of the widest number. */
const NUMBER_BYTES = 8;
const VIEW_BYTES = 16;
const GIB = 2 ** 30;
/** Three bytes become four characters. The last one or two bytes of a value become four characters too. */
const BASE64_FACTOR = 4 / 3;
const BASE64_BYTES = 4;

const PLAIN_VALUES = new DictionarySizes(plainSizes);

/**
 * An upper bound for the bytes of the converted column: values, offsets and validity. At most
 * `Number.MAX_SAFE_INTEGER`. A growing buffer of strings temporarily takes up to three times its final size. Only the
 * final size is counted here.
 *
 * @param stringViews See `ConversionContext`.
 * @returns 0 for a column that stays a view of the received bytes.
 * @throws {ProxyError} 'result_malformed' for offsets or run ends that do not ascend, or offsets beyond their buffer.
 */
export function conversionBytes(vector: Vector, stringViews = false): number {
  const { type, length } = vector;
  if (staysView(type)) {
    return 0;
  }
  const validity = bitmapBytes(length);
  if (type.kind !== 'dictionary') {
    return bounded(rowBytes(type) * (length + 1) + validity + plainSizes(vector).sum(0, length));
  }
  const values = PLAIN_VALUES.ofAll(vector.dictionary) + convertedValues(vector) * rowBytes(type.value);
  const rows =
    stringViews && isTextual(type.value)
      ? length * VIEW_BYTES
      : rowBytes(type.value) * (length + 1) + PLAIN_VALUES.of(vector, type.index).sum(0, length);
  return bounded(validity + values + rows);
}

/** The sum of `conversionBytes` of all columns of a batch. */
export function batchConversionBytes(columns: readonly Vector[], stringViews = false): number {
  return bounded(columns.reduce((sum, column) => sum + conversionBytes(column, stringViews), 0));
}

/**
 * The sum of `conversionBytes` of all columns of a batch, and the bytes of strings that stay a view of the received
 * bytes: what takes time if each row is read as JavaScript values.
 */
export function batchValueBytes(columns: readonly Vector[]): number {
  const views = columns.filter(({ type }) => type.kind === 'utf8');
  const viewBytes = views.reduce((sum, column) => sum + plainSizes(column).sum(0, column.length), 0);
  return bounded(batchConversionBytes(columns) + viewBytes);
}

/**
 * Limit for the nested values and JSONB of one slice of rows, in bytes. They are written value by value, at a few
 * million values per second. This blocks the event loop.
 */
export const MAX_WRITTEN_BYTES = 2 ** 25;

/**
 * Rejects a slice of rows whose conversion would block other queries for seconds. A slice has a minimum number of rows,
 * and a row may have any size, so even the smallest slice may be too large.
 *
 * @param columns The columns of the slice.
 * @throws {ProxyError} 'result_too_large', or 'result_malformed' for the same reasons as `conversionBytes`.
 */
export function checkStep(columns: readonly Vector[]): void {
  const bytes = columns.reduce((sum, column) => sum + writtenBytes(column), 0);
  if (bytes > MAX_WRITTEN_BYTES) {
    const maxMebibytes = MAX_WRITTEN_BYTES / 2 ** 20;
    throw tooLarge(
      `Lists, structs or JSON values of a few rows take ${formatSize(bytes)}; ${maxMebibytes} MiB are allowed.`
    );
  }
}

/** Bytes of nested values and JSONB. A JSONB value counts with its binary size. */
function writtenBytes(vector: Vector): number {
  const { type, length, dictionary } = vector;
  const value = type.kind === 'dictionary' ? type.value : type;
  if (staysView(value) || isTextual(value) || rowBytes(value) === NUMBER_BYTES) {
    return 0;
  }
  const bytes = type.kind === 'dictionary' ? PLAIN_VALUES.ofAll(dictionary) : plainSizes(vector).sum(0, length);
  return ['binary', 'largeBinary', 'binaryView'].includes(value.kind) ? bytes / JSONB_FACTOR : bytes;
}

/**
 * Rejects a conversion before it starts.
 *
 * @param bytes Result of `conversionBytes`.
 * @throws {ProxyError} 'result_too_large'
 */
export function checkConversion(bytes: number, limitBytes: number): void {
  if (bytes > limitBytes) {
    throw tooLarge(
      `Nested or shared values of one batch expand to ${formatSize(bytes)}; ${(limitBytes / GIB).toFixed(1)} GiB are allowed.`
    );
  }
}

function formatSize(bytes: number): string {
  return bytes >= 1024 * GIB
    ? 'more than 1 TiB'
    : bytes < GIB
      ? `up to ${Math.ceil(bytes / 2 ** 20)} MiB`
      : `up to ${(bytes / GIB).toFixed(1)} GiB`;
}

function bounded(bytes: number): number {
  return Math.min(Math.ceil(bytes), Number.MAX_SAFE_INTEGER);
}

/** How many values of the dictionary are converted. */
function convertedValues({ dictionary }: Vector): number {
  if (dictionary === null) {
    return 0;
  }
  return hasEqualValues(dictionary) ? 1 : valueCount(dictionary);
}

/** True for types whose converter passes the received buffers through. */
function staysView(type: ArrowType): boolean {
  switch (type.kind) {
    case 'int':
    case 'bool':
    case 'utf8':
      return true;
    case 'float':
      return type.bits !== 16;
    case 'timestamp':
    case 'duration':
    case 'time':
      return type.unit === 'nanosecond';
    default:
      return false;
  }
}

/**
 * True for types whose values are formatted one by one: as JSON, or digit by digit. A value takes about as long as ten
 * values of other types.
 */
export function isFormatted({ kind }: ArrowType): boolean {
  return FORMATTED.has(kind);
}

const FORMATTED: ReadonlySet<ArrowType['kind']> = new Set([
  'decimal',
  'fixedSizeBinary',
  'fixedSizeList',
  'interval',
  'largeList',
  'largeListView',
  'list',
  'listView',
  'map',
  'runEndEncoded',
  'struct',
  'union',
]);

/** True for types whose values always become strings other than JSON. */
export function isTextual({ kind }: ArrowType): boolean {
  return ['utf8', 'largeUtf8', 'utf8View', 'fixedSizeBinary', 'interval', 'null'].includes(kind);
}

/** Bytes of a converted row that do not depend on its value: a number, or the offset of a string. */
function rowBytes(type: ArrowType): number {
  switch (type.kind) {
    case 'int':
    case 'float':
    case 'bool':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
    case 'decimal':
      return NUMBER_BYTES;
    case 'dictionary':
      return rowBytes(type.value);
    default:
      return OFFSET_BYTES;
  }
}

/**
 * True if a value of a binary column may become JSON. If false, each value becomes base64, or null if an earlier batch
 * has made the column JSON.
 */
function mayHoldJsonb(vector: Vector): boolean {
  for (let row = 0; row < vector.length; row++) {
    if (isPresent(vector.validity, row) && hasJsonbHeader(cellBytes(vector, row))) {
      return true;
    }
  }
  return false;
}

/** Bytes of the converted string of each row; 0 for numbers. */
function plainSizes(vector: Vector): RowSizes {
  const { type } = vector;
  switch (type.kind) {
    case 'utf8':
    case 'largeUtf8':
      return stringSizes(vector, 1);
    case 'utf8View':
      return viewSizes(vector, 1, 0);
    case 'binary':
    case 'largeBinary':
      return mayHoldJsonb(vector)
        ? withOverhead(stringSizes(vector, JSONB_FACTOR), JSONB_BYTES)
        : withOverhead(stringSizes(vector, BASE64_FACTOR), BASE64_BYTES);
    case 'binaryView':
      return mayHoldJsonb(vector)
        ? viewSizes(vector, JSONB_FACTOR, JSONB_BYTES)
        : viewSizes(vector, BASE64_FACTOR, BASE64_BYTES);
    case 'fixedSizeBinary':
      return constantSizes(type.widthBytes * 2);
    case 'interval':
      return constantSizes(INTERVAL_BYTES);
    case 'dictionary':
      return PLAIN_VALUES.of(vector, type.index);
    case 'list':
    case 'largeList':
    case 'listView':
    case 'largeListView':
    case 'fixedSizeList':
    case 'map':
    case 'struct':
    case 'union':
    case 'runEndEncoded':
      return jsonSizes(vector);
    default:
      return constantSizes(0);
  }
}
