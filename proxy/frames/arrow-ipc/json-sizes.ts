/**
 * Computes upper bounds for the lengths of the JSON texts that `cell-json.ts` writes. The texts are not written for
 * this.
 *
 * List views, dense unions, dictionaries and runs may refer to the same value any number of times, at every level. For
 * example, twenty levels of list views with two items each take a few hundred bytes, but expand to a million values.
 * Each column of the tree is visited once, so the time is linear in the received bytes.
 */
import { isAscii } from 'node:buffer';
import { oncePer } from './once-per';
import { type ArrowField, type ArrowType } from './arrow-type';
import {
  addedSizes,
  ascendingOffsets,
  constantSizes,
  DictionarySizes,
  listedSizes,
  rangedSizes,
  type RowSizes,
  stringSizes,
  viewSizes,
  wideNumbers,
  withOverhead,
} from './row-sizes';
import { malformed } from './result-errors';
import { runAt, runEnds } from './run-ends';
import { asInt32, type Vector } from './vector';

/** A comma and the word `null`. */
const CELL_BYTES = 5;
const QUOTES = 2;
const BRACKETS = 2;

/** Maximum length of the JSON text per byte of a JSONB value: a control character becomes six bytes (`\u0000`). */
export const JSONB_FACTOR = 6;
/** Bytes that are added for each binary value: an upper bound for the quotes and padding of base64. */
export const JSONB_BYTES = 16;

const INTEGER_BYTES = { 8: 4, 16: 6, 32: 11, 64: 20 } as const;
/** `-2.2250738585072014e-308` */
const FLOAT_BYTES = 24;
const DECIMAL_DIGITS = { 32: 10, 64: 19, 128: 39, 256: 78 } as const;
/** RFC 3339 with nanoseconds, or the bare number. */
const TIMESTAMP_BYTES = 36;
/** A 64-bit number of seconds, written as nanoseconds. */
const DURATION_BYTES = 30;
/** Three numbers with the letters of ISO 8601. */
export const INTERVAL_BYTES = 64;

/**
 * Upper bounds for the length of each row's JSON text plus a comma, in bytes.
 * @throws {ProxyError} 'result_malformed'
 */
export function jsonSizes(vector: Vector): RowSizes {
  return withOverhead(valueSizes(vector), CELL_BYTES);
}

/**
 * The sizes of a child column that is not sliced with its parent. They are computed once for all slices of a long
 * batch, and kept while the batch exists. So they must not take more memory than a small multiple of the received
 * bytes.
 */
const sharedSizes = oncePer(jsonSizes);
const sharedEntrySizes = oncePer(entrySizes);

function valueSizes(vector: Vector): RowSizes {
  const { type } = vector;
  switch (type.kind) {
    case 'utf8':
    case 'largeUtf8':
      return withOverhead(stringSizes(vector, stringFactor(vector.buffers.slice(1))), QUOTES);
    case 'utf8View':
      return viewSizes(vector, stringFactor(vector.buffers), QUOTES);
    case 'binary':
    case 'largeBinary':
      return withOverhead(stringSizes(vector, JSONB_FACTOR), JSONB_BYTES);
    case 'binaryView':
      return viewSizes(vector, JSONB_FACTOR, JSONB_BYTES);
    case 'list':
    case 'largeList':
      return listSizes(vector, sharedSizes(onlyChild(vector)));
    case 'map':
      return listSizes(vector, sharedEntrySizes(onlyChild(vector)));
    case 'listView':
    case 'largeListView':
      return listViewSizes(vector, sharedSizes(onlyChild(vector)));
    case 'fixedSizeList':
      return fixedListSizes(type.size, jsonSizes(onlyChild(vector)));
    case 'struct':
      return structSizes(vector, type.fields);
    case 'union':
      return unionSizes(vector, type.typeIds, type.dense);
    case 'runEndEncoded':
      return runSizes(vector);
    case 'dictionary':
      return JSON_VALUES.of(vector, type.index);
    default:
      return constantSizes(fixedBytes(type));
  }
}

/** Length of the longest JSON of a value of a fixed-width type. */
function fixedBytes(type: ArrowType): number {
  switch (type.kind) {
    case 'int':
      return INTEGER_BYTES[type.bits] + QUOTES;
    case 'float':
      return FLOAT_BYTES;
    case 'decimal':
      // Sign, point, and the zeros of the scale.
      return DECIMAL_DIGITS[type.bits] + Math.abs(type.scale) + 3 + QUOTES;
    case 'timestamp':
    case 'date':
      return TIMESTAMP_BYTES;
    case 'time':
    case 'duration':
      return DURATION_BYTES;
    case 'interval':
      return INTERVAL_BYTES;
    case 'fixedSizeBinary':
      return type.widthBytes * 2 + QUOTES;
    default:
      return CELL_BYTES;
  }
}

/**
 * Maximum length of the JSON text per byte of a string:
 * - 6 if there are control characters that have no short escape;
 * - else 3 if there are bytes beyond ASCII (an invalid byte becomes U+FFFD);
 * - else 2 if there are characters that have a short escape, such as quotes;
 * - else 1.
 */
function stringFactor(buffers: readonly Uint8Array[]): number {
  let factor = 1;
  for (const bytes of buffers) {
    factor = Math.max(factor, bufferFactor(bytes));
  }
  return factor;
}

/** All slices of a long batch share the buffers of nested strings. So each buffer is read once for all slices. */
const bufferFactor = oncePer((bytes: Uint8Array) => Math.max(isAscii(bytes) ? 1 : 3, escapeFactor(bytes)));

function escapeFactor(bytes: Uint8Array): 1 | 2 | 6 {
  let factor: 1 | 2 = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte < 0x20 && (byte < 8 || byte === 11 || byte > 13)) {
      return 6;
    }
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) {
      factor = 2;
    }
  }
  return factor;
}

function onlyChild(vector: Vector): Vector {
  const [child] = vector.children;
  if (child === undefined) {
    throw malformed('a nested type has the wrong number of children');
  }
  return child;
}

function listSizes(vector: Vector, items: RowSizes): RowSizes {
  return withOverhead(rangedSizes(ascendingOffsets(vector, onlyChild(vector).length), items), BRACKETS);
}

/**
 * A map key that is not a string is written as a string that contains the JSON of the key. This string has at most
 * twice the length of the JSON.
 */
function entrySizes(entries: Vector): RowSizes {
  const [keys, values] = entries.children;
  if (keys === undefined || values === undefined) {
    throw malformed('a map has no keys and values');
  }
  const keySizes = jsonSizes(keys);
  return addedSizes([keySizes, keySizes, jsonSizes(values)], 0);
}

function listViewSizes(vector: Vector, items: RowSizes): RowSizes {
  const { length, type } = vector;
  const [starts, counts] = vector.buffers.map((bytes) =>
    type.kind === 'listView' ? asInt32(bytes, length) : wideNumbers(bytes, length)
  );
  const end = onlyChild(vector).length;
  return listedSizes(length, (row) => {
    const start = starts[row];
    const count = counts[row];
    // A range outside of the items counts as empty here. `cell-json.ts` rejects it, except in null rows, which are not
    // read.
    const isInside = start >= 0 && count >= 0 && start + count <= end;
    return (isInside ? items.sum(start, start + count) : 0) + BRACKETS;
  });
}

function fixedListSizes(size: number, items: RowSizes): RowSizes {
  return items.constant === undefined
    ? withOverhead({ sum: (from, to) => (to > from ? items.sum(from * size, to * size) : 0) }, BRACKETS)
    : constantSizes((size === 0 ? 0 : size * items.constant) + BRACKETS);
}

function structSizes(vector: Vector, fields: readonly ArrowField[]): RowSizes {
  const names = fields.reduce((sum, { name }) => sum + Buffer.byteLength(JSON.stringify(name)) + 1, 0);
  return addedSizes(vector.children.map(jsonSizes), names + BRACKETS);
}

function unionSizes(vector: Vector, typeIds: readonly number[], isDense: boolean): RowSizes {
  const [ids, offsetBytes] = vector.buffers;
  const offsets = isDense ? asInt32(offsetBytes, vector.length) : undefined;
  const members = new Map<number, { length: number; sizes: RowSizes }>();
  vector.children.forEach((child, index) => {
    const id = typeIds[index];
    // If a type id occurs twice, its first member is used, as in `cell-json.ts`.
    if (!members.has(id & 0xff)) {
      members.set(id & 0xff, { length: child.length, sizes: isDense ? sharedSizes(child) : jsonSizes(child) });
    }
  });
  return listedSizes(vector.length, (row) => {
    const member = members.get(ids[row]);
    const at = offsets === undefined ? row : offsets[row];
    return member !== undefined && at >= 0 && at < member.length ? member.sizes.sum(at, at + 1) : 0;
  });
}

function runSizes(vector: Vector): RowSizes {
  const [endsOfRuns, values] = vector.children;
  if (endsOfRuns === undefined || values === undefined) {
    throw malformed('run ends are missing');
  }
  const sizes = sharedSizes(values);
  if (sizes.constant !== undefined) {
    return sizes;
  }
  const ends = runEnds(endsOfRuns);
  const runs = Math.min(ends.length, values.length);
  const firstRow = vector.firstRow ?? 0;
  const firstRun = runAt(ends, firstRow);
  const runsOfRows = Math.max(0, Math.min(runs, runAt(ends, firstRow + vector.length)) - firstRun);
  const bytesOf = (run: number, rows: number) => (run < runs && rows > 0 ? rows * sizes.sum(run, run + 1) : 0);
  // One sum per run, not per row: a few bytes can encode a run of millions of rows.
  const whole = listedSizes(runsOfRows, (index) => {
    const run = firstRun + index;
    return bytesOf(run, ends[run] - (index === 0 ? firstRow : ends[run - 1]));
  });
  return {
    sum(from, to) {
      const [start, end] = [firstRow + from, firstRow + to];
      const first = runAt(ends, start);
      const last = Math.min(runs, runAt(ends, end - 1));
      return first >= last
        ? bytesOf(first, end - start)
        : bytesOf(first, ends[first] - start) +
            whole.sum(first + 1 - firstRun, last - firstRun) +
            bytesOf(last, end - ends[last - 1]);
    },
  };
}

const JSON_VALUES = new DictionarySizes(jsonSizes);
