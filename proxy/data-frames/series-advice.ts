/** Messages about time series that are too large, have no values, or have several rows for one time. */
import { listText, quotedName } from '../errors/foreign-text';
import { ProxyError } from '../errors/proxy-error';
import { type ResultColumn, rowsHave, valueType } from './result-columns';

/** More series, or more times, than a panel can distinguish. */
const MANY_SERIES = 100;
const MANY_TIMES = 1000;

interface SeriesSize {
  times: number;
  series: number;
  /** Label columns. */
  labels: readonly ResultColumn[];
}

/** @param reason The limit, as a part of a sentence. */
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

/** Suggests integer columns as labels if another value column is left. */
export function repeatedTimes(rows: number, values: readonly ResultColumn[]): string {
  const integers = values.filter(({ type }) => valueType(type).kind === 'int');
  const label =
    values.length < 2 || integers.length === 0
      ? ''
      : `, or, if ${names(integers, 'or')} distinguishes them, name it under "Label columns"`;
  return `${rowsHave(rows)} the time and labels of an earlier row; the last of them is used. Aggregate in SQL to combine them${label}.`;
}

/** The end of a sentence about missing values. @param labels Label columns that could be values. */
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
  const last = listText(columns.slice(-1), ({ name }) => quotedName(name));
  return first.length === 0 ? last : `${listText(first, ({ name }) => quotedName(name))} ${word} ${last}`;
}
