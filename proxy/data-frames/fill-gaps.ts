/**
 * Which steps of a query's time range have no row.
 *
 * Steps are the bins of `$__dateBin`: as wide as the interval, counted from 1970. A step is empty when no time of the whole
 * result lies in it, and its start is then added as a time.
 */
import { type FillMode } from '../../contract/query';
import { type Steps } from './frame-context';
import { type QueryWindow } from './frame-options';

/** More points than any panel draws. */
const MAX_FILLED_STEPS = 11_000;

const NS_PER_MS = 1_000_000n;

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const;

/** Cells that are looked at in one step: some milliseconds. */
const STEP_CELLS = 1 << 18;

export interface GapFill {
  mode: FillMode;
  window: QueryWindow;
  /** Told why gaps stay, as the end of a sentence. */
  onUnfilled: (reason: string) => void;
}

interface StepRange {
  firstNs: bigint;
  stepNs: bigint;
  count: number;
}

/**
 * @param sorted Times of the result in nanoseconds, ascending.
 * @returns The starts of the empty steps, ascending; none, with a reason given, when the range has too many steps.
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
    const next = sorted[firstAtLeast(sorted, startNs)];
    if (next === undefined || next >= startNs + stepNs) {
      starts.push(startNs);
    }
  }
  return BigInt64Array.of(...starts);
}

/** A length of time as Grafana writes it, by its largest whole unit: `1m`, `90s`, `500ms`. */
function durationText(ms: number): string {
  const [unitMs, unit] = UNITS.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unitMs}${unit}`;
}

/** Place of the first time that is not before this one: there are few steps, and times by the million. */
function firstAtLeast(sorted: BigInt64Array, timeNs: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < timeNs) {
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

/** Cells of all series, one series after the other. */
export interface Cells {
  values: Uint8Array;
  validity: Uint8Array;
  /** Bit per cell: a row of the result is there. */
  filled: Uint8Array;
  /** Bytes per value; undefined for bits. */
  width: number | undefined;
  series: number;
  /** Times, and with it cells that a series uses. */
  length: number;
  /** Cells from the start of one series to that of the next. */
  stride: number;
}

/** Gives the cells without a row a value: zero, or what stands before them. With 'null' they stay as they are. */
export function* fillCells(cells: Cells, mode: FillMode): Steps<void> {
  if (mode === 'null') {
    return;
  }
  for (let series = 0, looked = 0; series < cells.series; series++) {
    const start = series * cells.stride;
    for (let at = start; at < start + cells.length; at++) {
      if (++looked % STEP_CELLS === 0) {
        yield;
      }
      if (isSet(cells.filled, at)) {
        continue;
      }
      if (mode === 'zero') {
        // The values are zero already.
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
  return ((bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
}

function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
}
