/**
 * Fills gaps in time series.
 *
 * The time range of a query is divided into steps: those of a macro with its own interval, or else those of
 * `$__dateBin`, which are as long as the interval of the panel and aligned to 1970. The start of each step without a
 * row is added as a time.
 */
import { MAX_FILLED_STEPS } from '../../../contract/queries/query';
import { bytesOf, type PlainKind, plainWidth, setBit } from '../arrow-ipc';
import { thousands } from './format-count';
import { type Steps } from './frame-builder';
import { type GapValue, type QueryWindow, type TimeSteps } from './frame-options';

const NS_PER_MS = 1_000_000n;

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** Number of cells between two yields, which takes some milliseconds. */
const CELLS_PER_STEP = 1 << 18;

/** How to fill the gaps of a time series: the time range with its steps, and the value in an empty step. */
export interface GapFill {
  value: GapValue;
  window: QueryWindow;
  /** Called if gaps are not filled. `reason` is a clause, for example `the range has … steps`. */
  onUnfilled: (reason: string) => void;
}

/**
 * Finds the steps of the time range that contain no time of the result.
 *
 * @param sorted Times of the result in nanoseconds, ascending.
 * @returns The starts of the empty steps, ascending. If the range has too many steps, calls `onUnfilled` and returns
 *   none.
 */
export function emptySteps(sorted: BigInt64Array, { window, onUnfilled }: GapFill): BigInt64Array {
  const { fromMs, toMs, bins = evenSteps(window.intervalMs) } = window;
  const starts: bigint[] = [];
  let count = 0;
  for (let start = bins.startOf(fromMs); start <= toMs; count++) {
    if (count >= MAX_FILLED_STEPS) {
      onUnfilled(tooManySteps(window, bins));
      return new BigInt64Array(0);
    }
    const end = bins.next(start);
    const startNs = BigInt(start) * NS_PER_MS;
    const next = sorted.at(firstAtLeast(sorted, startNs));
    if (next === undefined || next >= BigInt(end) * NS_PER_MS) {
      starts.push(startNs);
    }
    start = end;
  }
  return BigInt64Array.of(...starts);
}

function tooManySteps({ fromMs, toMs }: QueryWindow, { width, lengthMs }: TimeSteps): string {
  const maxSteps = thousands(MAX_FILLED_STEPS);
  const count =
    lengthMs === undefined
      ? `more than ${maxSteps}`
      : thousands(Math.floor(toMs / lengthMs) - Math.floor(fromMs / lengthMs) + 1);
  return `the range has ${count} steps of ${width}, and ${maxSteps} are filled at most. Set a larger minimum interval or shorten the range`;
}

/** Steps of one length, aligned to 1970. */
function evenSteps(intervalMs: number): TimeSteps {
  const stepMs = Math.max(1, Math.round(intervalMs));
  return {
    width: formatDuration(stepMs),
    lengthMs: stepMs,
    startOf: (epochMs) => Math.floor(epochMs / stepMs) * stepMs,
    next: (startMs) => startMs + stepMs,
  };
}

/** A duration in its largest whole unit, as Grafana writes it: `1m`, `90s`, `500ms`. */
function formatDuration(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs}${unit}`;
}

/** Index of the first time at or after `timeNs`, by binary search. */
function firstAtLeast(sorted: BigInt64Array, timeNs: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < timeNs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Cells of all series, in the order of the series. */
export interface Cells {
  values: Uint8Array;
  validity: Uint8Array;
  /** One bit per cell: 1 if the result has a row for it. */
  filled: Uint8Array;
  kind: PlainKind;
  /** Bytes per value. Undefined for bits. */
  width: number | undefined;
  series: number;
  /** Number of times: the cells that a series uses. */
  length: number;
  /** Distance between the starts of two series, in cells. */
  stride: number;
}

/** Sets the cells without a row to a number or to the previous value. With 'null' they stay null. */
export function* fillCells(cells: Cells, value: GapValue): Steps<void> {
  const number = value === 'zero' ? 0 : value;
  const bytes = typeof number === 'number' ? encodedNumber(cells.kind, number) : undefined;
  if (number !== 'previous' && bytes === undefined) {
    return;
  }
  for (let series = 0, visited = 0; series < cells.series; series++) {
    const start = series * cells.stride;
    for (let at = start; at < start + cells.length; at++) {
      if (++visited % CELLS_PER_STEP === 0) {
        yield;
      }
      if (isSet(cells.filled, at)) {
        continue;
      }
      if (bytes !== undefined) {
        setBit(cells.validity, at);
        if (number !== 0) {
          writeValue(cells, at, bytes);
        }
      } else if (at > start && isSet(cells.validity, at - 1)) {
        setBit(cells.validity, at);
        repeatValue(cells, at);
      }
    }
  }
}

/** The bytes of a number in a column of this kind; one byte for a boolean. Undefined if the kind cannot hold it. */
export function encodedNumber(kind: PlainKind, value: number): Uint8Array | undefined {
  const width = plainWidth(kind);
  if (kind === 'bool') {
    return Uint8Array.of(value === 0 ? 0 : 1);
  }
  if (kind === 'float64' || kind === 'float32') {
    return bytesOf(kind === 'float64' ? Float64Array.of(value) : Float32Array.of(value));
  }
  const match = /^(u?)int(\d+)$/.exec(kind);
  if (match === null || width === undefined || !Number.isInteger(value)) {
    return undefined;
  }
  const bits = width * 8;
  const wrapped = match[1] === 'u' ? BigInt.asUintN(bits, BigInt(value)) : BigInt.asIntN(bits, BigInt(value));
  return wrapped === BigInt(value)
    ? bytesOf(BigInt64Array.of(BigInt.asIntN(64, wrapped))).subarray(0, width)
    : undefined;
}

function writeValue({ values, width }: Cells, at: number, bytes: Uint8Array): void {
  if (width !== undefined) {
    values.set(bytes, at * width);
  } else if (bytes[0] === 1) {
    setBit(values, at);
  }
}

function repeatValue({ values, width }: Cells, at: number): void {
  if (width !== undefined) {
    values.copyWithin(at * width, (at - 1) * width, at * width);
  } else if (isSet(values, at - 1)) {
    setBit(values, at);
  }
}

function isSet(bits: Uint8Array, at: number): boolean {
  return (bits[at >> 3] & (1 << (at & 7))) !== 0;
}
