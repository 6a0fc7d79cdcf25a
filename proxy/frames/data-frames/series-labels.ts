/** The series of a result: their labels and their order. */
import { checkHeaderLength } from './frame-field';
import { type CodeTuples } from './pair-index';
import { type LabelColumn } from './series-columns';
import { isUnitColumn } from './unit-column';

/** A set of labels. */
export interface Series {
  /** Number of the series' tuple of codes. */
  id: number;
  labels: Record<string, string> | undefined;
  /** Value of the label `unit`. */
  unit: string | undefined;
}

/**
 * The series, sorted by their labels, so that a series has the same color after each refresh.
 *
 * @param valueColumns Number of fields that each series becomes.
 * @throws {ProxyError} 'result_too_large' for labels beyond the limit of a header.
 */
export function sortedSeries(labels: readonly LabelColumn[], tuples: CodeTuples, valueColumns: number): Series[] {
  checkHeaderLength(labelBytes(labels, tuples) * valueColumns);
  const series = Array.from({ length: tuples.size }, (_, id) => {
    const codes = tuples.codes(id);
    const strings = labels.map((label, position) => label.codes.string(codes[position]) ?? '');
    return { id, strings };
  });
  series.sort((a, b) => compareStrings(a.strings, b.strings));
  const unitAt = labels.findIndex((label) => isUnitColumn(label));
  return series.map(({ id, strings }) => ({
    id,
    labels:
      labels.length === 0
        ? undefined
        : Object.fromEntries(labels.map(({ name }, position) => [name, strings[position]])),
    unit: unitAt < 0 ? undefined : strings[unitAt],
  }));
}

/** Sum of the lengths of all series' label values, in bytes. */
function labelBytes(labels: readonly LabelColumn[], tuples: CodeTuples): number {
  let bytes = 0;
  for (let id = 0; id < tuples.size; id++) {
    tuples.codes(id).forEach((code, position) => {
      bytes += labels[position].codes.bytes(code)?.length ?? 0;
    });
  }
  return bytes;
}

function compareStrings(a: readonly string[], b: readonly string[]): number {
  const position = a.findIndex((value, index) => value !== b[index]);
  return position < 0 ? 0 : a[position] < b[position] ? -1 : 1;
}
