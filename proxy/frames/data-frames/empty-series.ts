/**
 * The series of a result without rows. If there are no labels and gaps are filled with a number, each value column has
 * a series of this number. For example, a count of no rows is a series of zeros.
 */
import { bitmapBytes, bytesOf, type PlainColumn, plainWidth } from '../arrow-ipc';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { takeZeros } from '../../observe/memory/typed-arrays';
import { emptyBins, encodedNumber, fillCells, type GapFill } from './series-gaps';
import { type Steps } from '../../base/async/turns';
import { isUnitColumn, type ResultColumn } from './result-columns';
import { cellColumn } from './series-cells';
import { MAX_CELLS } from './wide-series';

/** The time and the value columns. */
export interface EmptySeries {
  time: PlainColumn;
  values: PlainColumn[];
}

/** True if gaps are filled with a number that all value columns can hold, and there is no label except for the unit. */
export function isFilledWithoutRows(
  fill: GapFill | undefined,
  labels: readonly ResultColumn[],
  values: readonly ResultColumn[]
): fill is GapFill {
  const number = fill?.value === 'zero' ? 0 : fill?.value;
  return (
    typeof number === 'number' &&
    labels.every((label) => isUnitColumn(label)) &&
    values.every(({ converter }) => encodedNumber(converter.kind, number) !== undefined)
  );
}

/**
 * All bins of the time range with the number that fills gaps.
 *
 * @param memory Account of the query.
 * @returns Undefined if the time range has no bin, or if there are too many bins or values. If there are too many,
 *   `fill.onUnfilled` is called.
 */
export function* emptySeries(
  fill: GapFill,
  columns: readonly ResultColumn[],
  memory: MemoryAccount
): Steps<EmptySeries | undefined> {
  const starts = emptyBins(new BigInt64Array(0), fill);
  const { length } = starts;
  if (length === 0) {
    return undefined;
  }
  if (length * columns.length > MAX_CELLS) {
    fill.onUnfilled('it would take too much memory. Select fewer values or set a larger minimum interval');
    return undefined;
  }
  const values: PlainColumn[] = [];
  for (const { converter } of columns) {
    const { kind } = converter;
    const width = plainWidth(kind);
    const bits = bitmapBytes(length);
    const cells = {
      kind,
      width,
      values: takeZeros(memory, width === undefined ? bits : length * width),
      validity: takeZeros(memory, bits),
    };
    yield* fillCells({ ...cells, filled: takeZeros(memory, bits), series: 1, length, stride: bits * 8 }, fill.value);
    values.push(cellColumn(cells, 0, length));
    yield;
  }
  const time = { kind: 'timestamp', length, nullCount: 0, validity: null, offsets: null } as const;
  return { time: { ...time, values: bytesOf(starts) }, values };
}
