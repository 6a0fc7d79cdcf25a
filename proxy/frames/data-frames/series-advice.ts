/** Messages about time series that are too large or truncated, have no values, or have several rows for one time. */
import { asInt32, isPresent, type PlainColumn } from '../arrow-ipc';
import { joinedList, shownName } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type QueryWindow } from './frame-options';
import { type ResultColumn, rowsHave, valueType } from './result-columns';
import { formatTime } from './format-time';

const NS_PER_MS = 1_000_000;

/** More series, or more times, than a viewer can distinguish in a panel. */
const MANY_SERIES = 100;
const MANY_TIMES = 1000;

interface SeriesSize {
  times: number;
  series: number;
  /** Label columns. */
  labels: readonly ResultColumn[];
}

/** Returns the error for time series with too many values. @param reason The limit, as a part of a sentence. */
export function tooManyCells({ times, series, labels }: SeriesSize, reason: string): ProxyError {
  const size = `As time series it has ${series} series with ${times} distinct ${times === 1 ? 'time' : 'times'}`;
  const made = labels.length === 0 ? '' : ` Its labels come from ${names(labels, 'and')}.`;
  const advice = [
    ...(series > MANY_SERIES && labels.length > 0
      ? ['Select fewer columns that make labels, or aggregate so that they have fewer values.']
      : []),
    ...(times > MANY_TIMES ? ['Group by $__dateBin(time).'] : []),
  ];
  return new ProxyError('result_too_large', {
    detail: `${size}, and ${reason}.${made}`,
    advice: advice.length === 0 ? undefined : advice.join(' '),
  });
}

/**
 * A sentence that says which times are missing because the result was truncated. Undefined if no row has a time.
 *
 * @param columns  Times of the rows in the order of the result, in nanoseconds.
 * @param window   The time range of the query, if it is known.
 * @param timezone Name of the IANA time zone for the times. Default: UTC.
 */
export function missingTimes(
  columns: readonly PlainColumn[],
  window: Pick<QueryWindow, 'fromMs' | 'toMs'> | undefined,
  timezone: string | undefined
): string | undefined {
  const { last, isAscending, isDescending } = orderOfTimes(columns);
  if (last === undefined) {
    return undefined;
  }
  if (isAscending && isDescending) {
    return 'The rows have only one time, so any other time may be missing.';
  }
  if (!isAscending && !isDescending) {
    return 'The rows are not ordered by time, so any time may be missing.';
  }
  const format = (epochMs: number) => formatTime(epochMs, timezone);
  if (isAscending) {
    const end = window === undefined || window.toMs <= last ? 'on' : `to ${format(window.toMs)}`;
    return `Values from ${format(last)} ${end} are missing.`;
  }
  const start = window === undefined || window.fromMs >= last ? 'Values' : `Values from ${format(window.fromMs)}`;
  return `${start} up to ${format(last)} are missing.`;
}

interface TimeOrder {
  /** The last time, in milliseconds since 1970. Undefined if no row has a time. */
  last: number | undefined;
  isAscending: boolean;
  isDescending: boolean;
}

/**
 * Finds out whether the times ascend or descend. `isAscending` and `isDescending` are both true if all times are equal.
 */
function orderOfTimes(columns: readonly PlainColumn[]): TimeOrder {
  let before: number | undefined;
  let [isAscending, isDescending] = [true, true];
  for (const { values, validity, length } of columns) {
    const halves = asInt32(values, length * 2);
    for (let row = 0; row < length; row++) {
      if (isPresent(validity, row)) {
        const ms = ((halves[row * 2] >>> 0) + halves[row * 2 + 1] * 2 ** 32) / NS_PER_MS;
        isAscending &&= before === undefined || before <= ms;
        isDescending &&= before === undefined || before >= ms;
        before = ms;
      }
    }
  }
  return { last: before, isAscending, isDescending };
}

/**
 * Returns the warning for rows with the same time and labels as an earlier row. If there are several value columns, the
 * warning suggests integer columns as labels.
 */
export function repeatedTimes(rows: number, values: readonly ResultColumn[]): string {
  const integers = values.filter(({ type }) => valueType(type).kind === 'int');
  const label =
    values.length < 2 || integers.length === 0
      ? ''
      : `, or enter ${names(integers, 'or')} in "Label columns" if this column distinguishes the rows`;
  return `${rowsHave(rows)} the same time and labels as an earlier row. Only the last of such rows is shown. Aggregate them in SQL${label}.`;
}

/** A sentence for the end of a message about missing values. @param labels Label columns that could be values. */
export function usedAsLabels(labels: readonly ResultColumn[]): string {
  switch (labels.length) {
    case 0:
      return '';
    case 1:
      return ` ${names(labels, 'and')} is used as a label: take it out of "Label columns" to draw it.`;
    default:
      return ` ${names(labels, 'and')} are used as labels: take one out of "Label columns" to draw it.`;
  }
}

/** `"a", "b" and "c"` */
function names(columns: readonly ResultColumn[], word: 'and' | 'or'): string {
  const first = columns.slice(0, -1);
  const last = joinedList(columns.slice(-1), ({ name }) => shownName(name));
  return first.length === 0 ? last : `${joinedList(first, ({ name }) => shownName(name))} ${word} ${last}`;
}
