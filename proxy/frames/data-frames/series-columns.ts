/**
 * Finds the time, label and value columns of time series in a result, and the series: the distinct sets of labels.
 *
 * Strings, binary columns of fixed size and the columns that the user lists are labels. All other numbers and booleans
 * are values. Other columns, such as JSON or a second time column, cannot be values of a series, and are dropped.
 */
import { joinedList, shownName } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { levelSortKey } from './column-display';
import { checkHeaderLength } from './frame-field';
import { type Notices } from './notices';
import { type CodeTuples } from './pair-index';
import {
  describeColumns,
  findTimeColumn,
  isStringColumn,
  isUnitColumn,
  type ResultColumn,
  uniqueNames,
  valueType,
} from './result-columns';
import { usedAsLabels } from './series-advice';
import { StringCodes } from './string-codes';

/** A column whose values become labels. `codes` assigns numbers to its distinct values. */
export interface LabelColumn extends ResultColumn {
  codes: StringCodes;
}

interface SeriesColumns {
  time: ResultColumn;
  labels: LabelColumn[];
  values: ResultColumn[];
}

const NEVER_A_VALUE = ['utf8', 'utf8View', 'json', 'timestamp'];

/**
 * @param named Names of the columns that the user lists. These columns become labels, whatever their type.
 * @throws {ProxyError} 'time_series_shape' if there is no time column, or no value column.
 */
export function findSeriesColumns(
  columns: readonly ResultColumn[],
  named: readonly string[],
  notices: Notices,
  memory: MemoryAccount
): SeriesColumns {
  const time = timeOf(columns);
  const others = columns.filter((column) => column !== time);
  const isLabel = (column: ResultColumn) => isBytes(column) || named.includes(column.name);
  const labels = renamed(others.filter(isLabel)).map((column) => ({
    ...column,
    codes: isBytes(column)
      ? StringCodes.ofBytes(column.type, memory, false)
      : StringCodes.ofAnything(column.type, memory),
  }));
  const values = renamed(others.filter((column) => !isLabel(column) && !NEVER_A_VALUE.includes(column.converter.kind)));
  if (values.length === 0) {
    throw shapeError('There is no numeric column', columns, usedAsLabels(labels.filter((label) => !isBytes(label))));
  }
  warnAboutMissing(others, named, notices);
  const used = new Set<number>([time, ...labels, ...values].map((column) => column.index));
  const leftOut = columns.filter((column) => !used.has(column.index));
  if (leftOut.length > 0) {
    notices.info(`Columns that are neither numbers nor texts are not part of the series: ${describeColumns(leftOut)}.`);
  }
  return { time, labels, values };
}

/** Warns about names that are not columns of the result, or are the time column. */
function warnAboutMissing(others: readonly ResultColumn[], named: readonly string[], notices: Notices): void {
  const missing = named.filter((name) => !others.some((column) => column.name === name));
  if (missing.length > 0) {
    notices.warn(
      `No label was created for ${joinedList(missing, shownName)}: each name must be a column of the result, and not its time column.`
    );
  }
}

function timeOf(columns: readonly ResultColumn[]): ResultColumn {
  const time = findTimeColumn(columns);
  if (time === undefined) {
    const named = columns.find((column) => column.name.toLowerCase() === 'time');
    throw shapeError(
      'There is no timestamp column',
      columns,
      named === undefined
        ? ''
        : ` Turn ${shownName(named.name)} into a timestamp, for example with ${conversionOf(named)}.`
    );
  }
  return time;
}

function conversionOf(column: ResultColumn): string {
  // SQL converts names without quotes to lower case.
  const name = column.name === 'time' ? column.name : shownName(column.name);
  return `${isStringColumn(column) ? 'to_timestamp' : 'to_timestamp_millis'}(${name})`;
}

function shapeError(problem: string, columns: readonly ResultColumn[], advice = ''): ProxyError {
  return new ProxyError('time_series_shape', { detail: `${problem} among: ${describeColumns(columns)}.${advice}` });
}

/** Makes column names unique, because Grafana would merge series with equal names and labels. */
function renamed(columns: readonly ResultColumn[]): ResultColumn[] {
  const names = uniqueNames(columns.map((column) => column.name));
  return columns.map((column, index) => ({ ...column, name: names[index] }));
}

function isBytes(column: ResultColumn): boolean {
  return isStringColumn(column) || valueType(column.type).kind === 'fixedSizeBinary';
}

/** One of the time series, which has its own set of labels. */
export interface Series {
  /** Number of the set of labels in the `CodeTuples` of the result. */
  id: number;
  labels: Record<string, string> | undefined;
  /** Value of the label `unit`. */
  unit: string | undefined;
}

/**
 * The series, sorted by their labels, so that a series has the same color after each refresh. Levels are sorted by
 * severity.
 *
 * @param valueColumns    Number of fields that each series becomes.
 * @param hidesSharedUnit See `FrameOptions`.
 * @throws {ProxyError} 'result_too_large' for labels beyond the limit of a header.
 */
export function sortedSeries(
  labels: readonly LabelColumn[],
  tuples: CodeTuples,
  valueColumns: number,
  hidesSharedUnit = false
): Series[] {
  checkHeaderLength(labelBytes(labels, tuples) * valueColumns);
  const series = Array.from({ length: tuples.size }, (_, id) => {
    const codes = tuples.codes(id);
    const strings = labels.map((label, position) => label.codes.string(codes[position]) ?? '');
    const keys = strings.map((value, position) => (labels[position].name === 'level' ? levelSortKey(value) : value));
    return { id, strings, keys };
  });
  series.sort((a, b) => compareStrings(a.keys, b.keys));
  const unitAt = labels.findIndex((label) => isUnitColumn(label));
  const isUnitHidden = hidesSharedUnit && series.every(({ strings }) => strings[unitAt] === series[0].strings[unitAt]);
  const shown = [...labels.keys()].filter((position) => !(isUnitHidden && position === unitAt));
  return series.map(({ id, strings }) => ({
    id,
    labels:
      shown.length === 0
        ? undefined
        : Object.fromEntries(shown.map((position) => [labels[position].name, strings[position]])),
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
