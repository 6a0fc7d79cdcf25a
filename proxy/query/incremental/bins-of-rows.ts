/** Finds the rows of each bin in a result, and joins rows of several results. */
import {
  type ArrowSchema,
  type ArrowType,
  integersOf,
  joinRows,
  type KeptRows,
  type RowMemory,
  type RowSlice,
} from '../../frames/arrow-ipc';
import { type BinInterval, type Bins } from './refresh-plan';

/** A bin, and the range of its rows in a result. */
export interface RowBin {
  /** Milliseconds since 1970. */
  startMs: number;
  /** Index of the first row. */
  from: number;
  /** Index after the last row. */
  to: number;
}

/** Rows in the order of their bins, and the bins with their ranges of rows. */
export interface BinnedRows {
  rows: KeptRows;
  bins: readonly RowBin[];
}

/** The order of the bins in the result, from ORDER BY of the query. Undefined without ORDER BY. */
export type BinOrder = 'ascending' | 'descending' | undefined;

const UNITS_PER_MS: Readonly<Record<string, bigint>> = { millisecond: 1n, microsecond: 1_000n, nanosecond: 1_000_000n };

/**
 * Maximum number of groups that `binRuns` returns. Each group is an object, so the maximum bounds the memory of the
 * groups.
 */
const MAX_RUNS = 20_000;

/**
 * Groups adjacent rows of the same bin. The groups are in the order of the rows, so a bin may have several groups.
 *
 * @param column Index of the column with the bins.
 *
 * @returns Undefined if `rows` lacks the column, if the column has no timestamps in a unit of `UNITS_PER_MS`, if a
 *   value of the column is null or not the start of a bin, or if there are more than `MAX_RUNS` groups.
 */
export function binRuns(rows: KeptRows, type: ArrowType, column: number, bins: Bins): RowBin[] | undefined {
  const perMs = type.kind === 'timestamp' ? UNITS_PER_MS[type.unit] : undefined;
  const { [column]: kept } = rows.columns;
  if (perMs === undefined || kept === undefined || kept.present.includes(0)) {
    return undefined;
  }
  const runs: RowBin[] = [];
  let last: bigint | undefined;
  const values = integersOf(kept, rows.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === last) {
      runs[runs.length - 1].to = row + 1;
      continue;
    }
    const startMs = Number(value / perMs);
    if (value % perMs !== 0n || bins.startOf(startMs) !== startMs || runs.length === MAX_RUNS) {
      return undefined;
    }
    last = value;
    runs.push({ startMs, from: row, to: row + 1 });
  }
  return runs;
}

/**
 * The rows in the order of their bins. If the query has no order, the rows are sorted by their bins.
 *
 * @returns Undefined if the rows are not in the order of the query, if `binRuns` returns undefined, or if there are no
 *   rows and the query has no order.
 */
export function binnedRows(
  rows: KeptRows,
  { fields }: ArrowSchema,
  { column, order, bins }: { column: number; order: BinOrder; bins: Bins },
  memory: RowMemory
): BinnedRows | undefined {
  const runs = fields[column] === undefined ? undefined : binRuns(rows, fields[column].type, column, bins);
  if (runs === undefined) {
    return undefined;
  }
  if (order !== undefined) {
    const sign = order === 'ascending' ? 1 : -1;
    const isOrdered = runs.every(({ startMs }, index) => index === 0 || sign * (startMs - runs[index - 1].startMs) > 0);
    return isOrdered ? { rows, bins: runs } : undefined;
  }
  runs.sort((a, b) => a.startMs - b.startMs);
  return joinBins(
    runs.map((bin) => ({ rows, bin })),
    memory
  );
}

/** Some rows of a result that belong to one bin. */
export interface BinPart {
  rows: KeptRows;
  bin: RowBin;
}

/**
 * Copies `parts` into one result, in the order of `parts`. Parts of the same bin must be adjacent.
 *
 * @returns Undefined if there are no parts.
 */
function joinBins(parts: readonly BinPart[], memory: RowMemory): BinnedRows | undefined {
  const slices: RowSlice[] = [];
  const bins: RowBin[] = [];
  let length = 0;
  for (const { rows, bin } of parts) {
    const lastSlice = slices.at(-1);
    if (lastSlice?.rows === rows && lastSlice.to === bin.from) {
      lastSlice.to = bin.to;
    } else {
      slices.push({ rows, from: bin.from, to: bin.to });
    }
    const end = length + bin.to - bin.from;
    const lastBin = bins.at(-1);
    if (lastBin?.startMs === bin.startMs) {
      lastBin.to = end;
    } else {
      bins.push({ startMs: bin.startMs, from: length, to: end });
    }
    length = end;
  }
  const [first, ...others] = slices;
  return first === undefined ? undefined : { rows: joinRows([first, ...others], memory), bins };
}

/**
 * Merges the kept rows with the rows that were read again.
 *
 * @param common The bins in this interval are taken from `kept` if they are not in `groups`.
 * @param groups The intervals that were read again, with their rows, in any order. The intervals do not overlap.
 * @returns Undefined if no row is left.
 */
export function mergedRows(
  kept: BinnedRows,
  common: BinInterval,
  groups: ReadonlyArray<{ interval: BinInterval; read: BinnedRows }>,
  order: BinOrder,
  memory: RowMemory
): BinnedRows | undefined {
  const isRead = (startMs: number) =>
    groups.some(({ interval }) => startMs >= interval.startMs && startMs < interval.endMs);
  const parts = [
    ...kept.bins
      .filter(({ startMs }) => startMs >= common.startMs && startMs < common.endMs && !isRead(startMs))
      .map((bin) => ({ rows: kept.rows, bin })),
    ...groups.flatMap(({ read }) => read.bins.map((bin) => ({ rows: read.rows, bin }))),
  ];
  const sign = order === 'descending' ? -1 : 1;
  return joinBins(
    parts.toSorted((a, b) => sign * (a.bin.startMs - b.bin.startMs)),
    memory
  );
}
