/**
 * Picks rows of a column by index: resolves dictionaries, drops rows, joins chunks.
 *
 * This is where most bytes of a dictionary-encoded result are made, so nothing is allocated per row. Texts are copied in
 * runs: rows that repeat the same value in a row are written once and then doubled in place, short texts are copied byte by
 * byte, which beats a call.
 */
import { type MemoryAccount } from '../memory/memory-account';
import { scratchInt32, takeInt32, takeZeros } from '../memory/typed-arrays';
import { malformed, tooLarge } from './result-errors';
import { isText, type PlainColumn, plainWidth, textOffsets, withValidity } from './plain-column';
import { asInt16, asInt32, bitmapBytes, bytesOf, isPresent } from './vector';

/** Bytes of one text column of one batch; beyond it the offsets of the format and Grafana's messages end anyway. */
export const MAX_TEXT_BYTES = 1 << 30;

const SHORT_TEXT = 24;

/**
 * @param source   Values to pick from, of any kind but `utf8View`. Left unmodified.
 * @param indices  Row of `source` for each row of the result. Arbitrary where `validity` says null.
 * @param validity Which of the indices are present; null when all are.
 * @param memory   Of the query, for what is made.
 * @throws {ProxyError} 'result_malformed' for an index outside of `source`, 'result_too_large'
 */
export function gather(
  source: PlainColumn,
  indices: Int32Array,
  validity: Uint8Array | null,
  memory: MemoryAccount
): PlainColumn {
  const checked = pickedCodes(indices, validity, source.length, memory);
  const valid = withValidity(pickedValidity(source, checked, validity, memory), checked.length);
  const codes = source.validity === null ? checked : pickedCodes(checked, valid.validity, source.length, memory);
  const base = { kind: source.kind, length: codes.length, ...valid };
  if (isText(source.kind)) {
    return { ...base, ...gatherText(source, codes, valid.validity !== null, memory) };
  }
  return { ...base, offsets: null, values: gatherFixed(source, codes, memory) };
}

/**
 * The indices, checked, with `nullCode` where the row is null, so that no later loop looks at validity. The same array where
 * there is nothing to change.
 *
 * @param nullCode Number of values: what stands behind the last one.
 * @throws {ProxyError} 'result_malformed' for an index that is none of theirs.
 */
export function pickedCodes(
  indices: Int32Array,
  validity: Uint8Array | null,
  nullCode: number,
  memory: MemoryAccount
): Int32Array {
  const codes = validity === null ? indices : scratchInt32(memory, indices.length);
  if (codes !== indices) {
    codes.set(indices);
  }
  for (let row = 0; row < codes.length; row++) {
    if (!isPresent(validity, row)) {
      codes[row] = nullCode;
    } else if ((codes[row] ?? 0) >>> 0 >= nullCode) {
      throw malformed('an index points outside of its dictionary');
    }
  }
  return codes;
}

/** Which rows of a pick are present: those whose index and whose value are. */
export function pickedValidity(
  source: PlainColumn,
  indices: Int32Array,
  validity: Uint8Array | null,
  memory: MemoryAccount
): Uint8Array | null {
  if (source.validity === null) {
    return validity === null ? null : validity.subarray(0, bitmapBytes(indices.length));
  }
  const combined = takeZeros(memory, bitmapBytes(indices.length));
  for (let row = 0; row < indices.length; row++) {
    if (isPresent(validity, row) && isPresent(source.validity, indices[row] ?? 0)) {
      combined[row >> 3] = (combined[row >> 3] ?? 0) | (1 << (row & 7));
    }
  }
  return combined;
}

function gatherText(
  source: PlainColumn,
  codes: Int32Array,
  hasNulls: boolean,
  memory: MemoryAccount
): Pick<PlainColumn, 'offsets' | 'values'> {
  const from = hasNulls ? textStarts(source, scratchInt32(memory, source.length + 2)) : textOffsets(source);
  const offsets = takeInt32(memory, codes.length + 1);
  const values = memory.take(pickOffsets(from, codes, offsets));
  copyTexts(source.values, from, codes, offsets, values);
  return { offsets: bytesOf(offsets), values };
}

/** Where each text starts, and an empty one behind the last, for rows that have none. */
function textStarts(source: PlainColumn, starts: Int32Array): Int32Array {
  const offsets = textOffsets(source);
  starts.fill(offsets.at(-1) ?? 0);
  starts.set(offsets);
  return starts;
}

/**
 * Fills the offsets of the picked texts.
 *
 * This loop, like others here, is a function of its own: V8 optimizes it while it runs for the first time, and what
 * stood behind it would then be taken for code that never runs, and thrown back each time that it does.
 *
 * @returns Bytes of all texts.
 */
function pickOffsets(from: Int32Array, codes: Int32Array, offsets: Int32Array): number {
  let total = 0;
  offsets[0] = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] ?? 0;
    total += (from[code + 1] ?? 0) - (from[code] ?? 0);
    offsets[row + 1] = total;
    if (total > MAX_TEXT_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
  }
  return total;
}

function copyTexts(
  source: Uint8Array,
  from: Int32Array,
  indices: Int32Array,
  offsets: Int32Array,
  target: Uint8Array
): void {
  const rows = indices.length;
  let row = 0;
  while (row < rows) {
    const index = indices[row] ?? 0;
    const at = offsets[row] ?? 0;
    const size = (offsets[row + 1] ?? 0) - at;
    row++;
    if (size === 0) {
      continue;
    }
    const start = from[index] ?? 0;
    if (size <= SHORT_TEXT) {
      for (let byte = 0; byte < size; byte++) {
        target[at + byte] = source[start + byte] ?? 0;
      }
    } else {
      target.set(source.subarray(start, start + size), at);
    }
    const first = row;
    while (row < rows && indices[row] === index && (offsets[row + 1] ?? 0) - (offsets[row] ?? 0) === size) {
      row++;
    }
    if (row > first) {
      repeat(target, at, size, (row - first + 1) * size);
    }
  }
}

/** Fills `total` elements from `at` with copies of the first `size` of them, doubling what is there each time. */
export function repeat(target: Uint8Array | Int32Array, at: number, size: number, total: number): void {
  let done = size;
  while (done < total) {
    const step = Math.min(done, total - done);
    target.copyWithin(at + done, at, at + step);
    done += step;
  }
}

function gatherFixed(source: PlainColumn, indices: Int32Array, memory: MemoryAccount): Uint8Array {
  const rows = indices.length;
  const width = plainWidth(source.kind);
  const size = width === undefined ? bitmapBytes(rows) : rows * width;
  if (source.length === 0 || width === undefined) {
    const bits = takeZeros(memory, size);
    return source.length === 0 ? bits : pickBits(source.values, indices, bits);
  }
  const values = memory.take(size);
  switch (width) {
    case 1:
      return pick(source.values, indices, values);
    case 2:
      return bytesOf(pick(asInt16(source.values, source.length), indices, asInt16(values, rows)));
    case 4:
      return bytesOf(pick(asInt32(source.values, source.length), indices, asInt32(values, rows)));
    default:
      return bytesOf(pickPairs(asInt32(source.values, source.length * 2), indices, asInt32(values, rows * 2)));
  }
}

function pick<T extends Uint8Array | Int16Array | Int32Array>(from: T, indices: Int32Array, to: T): T {
  for (let row = 0; row < indices.length; row++) {
    to[row] = from[indices[row] ?? 0] ?? 0;
  }
  return to;
}

/** Eight-byte values move as two halves: reading them as BigInt would allocate, as floats might change a NaN. */
function pickPairs(from: Int32Array, indices: Int32Array, to: Int32Array): Int32Array {
  for (let row = 0; row < indices.length; row++) {
    const index = (indices[row] ?? 0) * 2;
    to[row * 2] = from[index] ?? 0;
    to[row * 2 + 1] = from[index + 1] ?? 0;
  }
  return to;
}

function pickBits(from: Uint8Array, indices: Int32Array, to: Uint8Array): Uint8Array {
  for (let row = 0; row < indices.length; row++) {
    if (isPresent(from, indices[row] ?? 0)) {
      to[row >> 3] = (to[row >> 3] ?? 0) | (1 << (row & 7));
    }
  }
  return to;
}

/** The rows of several columns of one kind, one after the other; a single column comes back as it is. */
export function concatenate(columns: readonly [PlainColumn, ...PlainColumn[]], memory: MemoryAccount): PlainColumn {
  const [first] = columns;
  if (columns.length === 1) {
    return first;
  }
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const valid = withValidity(
    joinBits(
      columns.map(({ validity, length: rows }) => [validity, rows]),
      memory
    ),
    length
  );
  const base = { kind: first.kind, length, ...valid };
  if (first.kind === 'bool') {
    const bits = joinBits(
      columns.map(({ values, length: rows }) => [values, rows]),
      memory
    );
    return { ...base, offsets: null, values: bits ?? new Uint8Array(0) };
  }
  const offsets = isText(first.kind) ? bytesOf(joinOffsets(columns, takeInt32(memory, length + 1))) : null;
  return {
    ...base,
    offsets,
    values: joinBytes(
      columns.map((column) => usedValues(column)),
      memory
    ),
  };
}

function usedValues(column: PlainColumn): Uint8Array {
  return isText(column.kind) ? column.values.subarray(0, textOffsets(column)[column.length]) : column.values;
}

function joinBytes(parts: readonly Uint8Array[], memory: MemoryAccount): Uint8Array {
  const joined = memory.take(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function joinOffsets(columns: readonly PlainColumn[], joined: Int32Array): Int32Array {
  joined[0] = 0;
  let row = 0;
  let base = 0;
  for (const column of columns) {
    const offsets = textOffsets(column);
    for (let index = 0; index <= column.length; index++) {
      joined[row + index] = base + (offsets[index] ?? 0);
    }
    row += column.length;
    base += offsets[column.length] ?? 0;
    if (base > MAX_TEXT_BYTES) {
      throw tooLarge('A column holds more than 1 GiB of text.');
    }
  }
  return joined;
}

function joinBits(
  parts: ReadonlyArray<readonly [bits: Uint8Array | null, length: number]>,
  memory: MemoryAccount
): Uint8Array | null {
  if (parts.every(([bits]) => bits === null)) {
    return null;
  }
  const joined = takeZeros(memory, bitmapBytes(parts.reduce((sum, [, length]) => sum + length, 0)));
  let at = 0;
  for (const [bits, length] of parts) {
    for (let row = 0; row < length; row++, at++) {
      if (isPresent(bits, row)) {
        joined[at >> 3] = (joined[at >> 3] ?? 0) | (1 << (at & 7));
      }
    }
  }
  return joined;
}
