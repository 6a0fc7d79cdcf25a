/**
 * Fills gaps in time series.
 *
 * The time range of a query is divided into the steps of `$__dateBin`. A step is as long as the interval, and steps are
 * aligned to 1970. The start of each step without a row is added as a time.
 */
import { type FillMode } from '../../contract/query';
import { setBit } from '../arrow-ipc';
import { type Steps } from './frame-context';
import { type QueryWindow } from './frame-options';

/** Limit for the steps that are filled: more than a panel draws. */
const MAX_FILLED_STEPS = 11_000;

const NS_PER_MS = 1_000_000n;

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** Number of cells that are filled in one step, which takes some milliseconds. */
const CELLS_PER_STEP = 1 << 18;

export interface GapFill {
  mode: FillMode;
  window: QueryWindow;
  /** Called if gaps are not filled. `reason` is the end of a sentence. */
  onUnfilled: (reason: string) => void;
}

interface StepRange {
  firstNs: bigint;
  stepNs: bigint;
  count: number;
}

/**
 * @param sorted Times of the result in nanoseconds, ascending.
 * @returns The starts of the empty steps, ascending. If the range has too many steps, calls `onUnfilled` and returns none.
 */
export function emptySteps(sorted: BigInt64Array, { window, onUnfilled }: GapFill): BigInt64Array {
  const { firstNs, stepNs, count } = stepsOf(window);
  if (count > MAX_FILLED_STEPS) {
    onUnfilled(
      `the range has ${count.toLocaleString('en-US')} steps of ${durationText(Number(stepNs / NS_PER_MS))}, and ` +
        `${MAX_FILLED_STEPS.toLocaleString('en-US')} are filled at most. Set a larger minimum interval or shorten the range`
    );
    return new BigInt64Array(0);
  }
  const starts: bigint[] = [];
  for (let step = 0; step < count; step++) {
    const startNs = firstNs + BigInt(step) * stepNs;
    const next = sorted.at(firstAtLeast(sorted, startNs));
    if (next === undefined || next >= startNs + stepNs) {
      starts.push(startNs);
    }
  }
  return BigInt64Array.of(...starts);
}

/** A duration in its largest whole unit, as Grafana writes it: `1m`, `90s`, `500ms`. */
function durationText(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs}${unit}`;
}

/** Index of the first time that is not before `timeNs`, by binary search. */
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

function stepsOf({ fromMs, toMs, intervalMs }: QueryWindow): StepRange {
  const stepMs = Math.max(1, Math.round(intervalMs));
  const first = Math.floor(fromMs / stepMs);
  return {
    firstNs: BigInt(first * stepMs) * NS_PER_MS,
    stepNs: BigInt(stepMs) * NS_PER_MS,
    count: Math.max(0, Math.floor(toMs / stepMs) - first + 1),
  };
}

/** Cells of all series, in the order of the series. */
export interface Cells {
  values: Uint8Array;
  validity: Uint8Array;
  /** One bit per cell: 1 if the result has a row for it. */
  filled: Uint8Array;
  /** Bytes per value. Undefined for bits. */
  width: number | undefined;
  series: number;
  /** Number of times: the cells that a series uses. */
  length: number;
  /** Distance between the starts of two series, in cells. */
  stride: number;
}

/** Sets the cells without a row to zero or to the previous value. With the mode 'null' they stay null. */
export function* fillCells(cells: Cells, mode: FillMode): Steps<void> {
  if (mode === 'null') {
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
      if (mode === 'zero') {
        // The value is zero already.
        setBit(cells.validity, at);
      } else if (at > start && isSet(cells.validity, at - 1)) {
        setBit(cells.validity, at);
        repeatValue(cells, at);
      }
    }
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
