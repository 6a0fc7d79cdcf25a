/**
 * Fills gaps in time series, and finds out whether a result has few gaps. If so, Grafana draws no line across the gaps.
 *
 * The time range of a query is divided into bins. If a macro has its own interval, these are the bins of the macro.
 * Otherwise they are the bins of `$__dateBin`: as long as the interval of the panel, and aligned to 1970. The start of
 * each bin that has no row is added as a time.
 */
import { type Steps } from '../../base/async/turns';
import { countLeading } from '../../../contract/ascending-list';
import { MAX_FILLED_BINS } from '../../../contract/queries/query';
import { joinedList, shownName } from '../../base/errors/foreign-string';
import { asInt32, bytesOf, hasBit, type PlainColumn, type PlainKind, plainWidth, setBit } from '../arrow-ipc';
import { thousands } from './format-count';
import { type FrameContext } from './frame-builder';
import { type GapValue, type QueryWindow, type WindowBins } from './frame-options';
import { type ResultColumn } from './result-columns';
import { CELLS_PER_STEP } from './series-cells';

const NS_PER_MS = 1_000_000n;

const DURATION_UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** How to fill the gaps of time series: the time range with its bins, and the value in an empty bin. */
export interface GapFill {
  value: GapValue;
  window: QueryWindow;
  /** Called if gaps are not filled. `reason` is a clause, for example `the range has … intervals of …`. */
  onUnfilled: (reason: string) => void;
}

/**
 * How to fill the gaps of a query. Undefined if gaps are not filled. Adds a warning for value columns that cannot hold
 * the value.
 */
export function gapFill({ options, notices }: FrameContext, columns: readonly ResultColumn[]): GapFill | undefined {
  const { fillMode: value, window } = options;
  if (value === undefined || window === undefined) {
    return undefined;
  }
  const unfit = columns.filter(({ converter }) => typeof value === 'number' && !encodedNumber(converter.kind, value));
  if (unfit.length > 0) {
    notices.warn(
      `Gaps are not filled with ${value} in ${joinedList(unfit, ({ name }) => shownName(name))}, because the type of the column cannot hold this number.`
    );
  }
  return { value, window, onUnfilled: (reason) => notices.warn(`Gaps are not filled: ${reason}.`) };
}

/**
 * Finds the bins of the time range that contain no time of the result.
 *
 * @param sorted Times of the result in nanoseconds, ascending.
 * @returns The starts of the empty bins, ascending. None if the range has too many bins: then `onUnfilled` is called.
 */
export function emptyBins(sorted: BigInt64Array, { window, onUnfilled }: GapFill): BigInt64Array {
  const { fromMs, toMs, bins = evenBins(window.intervalMs) } = window;
  const starts: bigint[] = [];
  let count = 0;
  for (let start = bins.startOf(fromMs); start <= toMs; count++) {
    if (count >= MAX_FILLED_BINS) {
      onUnfilled(tooManyBins(window, bins));
      return new BigInt64Array(0);
    }
    const end = bins.next(start);
    const startNs = BigInt(start) * NS_PER_MS;
    const next = sorted.at(countLeading(sorted.length, (index) => sorted[index] < startNs));
    if (next === undefined || next >= BigInt(end) * NS_PER_MS) {
      starts.push(startNs);
    }
    start = end;
  }
  return BigInt64Array.of(...starts);
}

function tooManyBins({ fromMs, toMs }: QueryWindow, { width, lengthMs }: WindowBins): string {
  const maxBins = thousands(MAX_FILLED_BINS);
  const count =
    lengthMs === undefined
      ? `more than ${maxBins}`
      : thousands(Math.floor(toMs / lengthMs) - Math.floor(fromMs / lengthMs) + 1);
  return `the range has ${count} intervals of ${width}, and ${maxBins} are filled at most. Set a larger minimum interval or shorten the range`;
}

/** Bins of one length, aligned to 1970. */
function evenBins(intervalMs: number): WindowBins {
  const binMs = Math.max(1, Math.round(intervalMs));
  return {
    width: formatDuration(binMs),
    lengthMs: binMs,
    startOf: (epochMs) => Math.floor(epochMs / binMs) * binMs,
    next: (startMs) => startMs + binMs,
  };
}

/** A duration in its largest whole unit, as Grafana writes it: `1m`, `90s`, `500ms`. */
function formatDuration(ms: number): string {
  const [unitMs, unit] = DURATION_UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs}${unit}`;
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

/**
 * Sets the cells without a row to a number or to the previous value. For 'null', and for a number that the column
 * cannot hold, these cells stay null.
 */
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
      if (hasBit(cells.filled, at)) {
        continue;
      }
      if (bytes !== undefined) {
        setBit(cells.validity, at);
        if (number !== 0) {
          writeValue(cells, at, bytes);
        }
      } else if (at > start && hasBit(cells.validity, at - 1)) {
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
  } else if (hasBit(values, at - 1)) {
    setBit(values, at);
  }
}

const HIGH_HALF = 2 ** 32;
/** The gaps of a series are few if at most this share of its rows follow a gap. */
const MAX_GAPS_PER_ROW = 1 / 20;
/**
 * A distance between two rows is a gap if it is longer than this number of bins. More than 1, because times are
 * rounded to doubles, and days differ in length.
 */
const GAP_BINS = 1.5;

/**
 * True if few rows follow a gap. If many rows follow a gap, the gaps are not interruptions: a measure may be sampled
 * less than once per bin. Then Grafana must draw lines across the gaps.
 *
 * @param times Distinct times in nanoseconds, ascending, in one or more columns.
 */
export function hasFewGaps(times: readonly PlainColumn[], binMs: number): boolean {
  const gapNs = binMs * Number(NS_PER_MS) * GAP_BINS;
  let before: number | undefined;
  let gaps = 0;
  let rows = 0;
  for (const { values, length } of times) {
    const halves = asInt32(values, length * 2);
    for (let row = 0; row < length; row++) {
      const time = halves[row * 2 + 1] * HIGH_HALF + (halves[row * 2] >>> 0);
      gaps += before !== undefined && time - before > gapNs ? 1 : 0;
      before = time;
    }
    rows += length;
  }
  return gaps <= rows * MAX_GAPS_PER_ROW;
}
