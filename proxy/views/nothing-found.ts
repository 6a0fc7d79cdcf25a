/**
 * What a view says if its result is empty: what was searched, and which arrivals of data. A view must not say that
 * there is nothing if it has not looked.
 */
import { type ComposedFrame, stringField } from '../frames/data-frames/composed-frames';
import { type LinkQuery, rangeLink } from '../frames/data-frames/explore-links';
import { type Notice } from '../frames/data-frames/frame-options';
import { formatCount } from '../frames/data-frames/format-count';
import { formatTimes } from '../frames/data-frames/format-time';
import { type TimeRangeMs } from './lake-reader/lake-reader';
import { type ViewContext } from './view-context';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Milliseconds by which the wider search extends the range on both sides. */
const WIDER_MS = 24 * HOUR_MS;

export interface EmptyResult {
  /** What was not found, as the begin of a sentence that the time range ends. */
  text: string;
  /** The recorded times of the searched data. Undefined: any time. */
  range: TimeRangeMs | undefined;
  /**
   * Data that arrived earlier than this number of milliseconds before the range were not searched. All later arrivals
   * were. Undefined: all arrivals were searched.
   */
  arrivedBeforeMs?: number;
  /** False if no process matched, so that no data could be searched. */
  hasSearched: boolean;
  /** True if a limit excluded data of the range. Another notice names the limit. */
  isPartial?: boolean;
}

/** The notice of an empty result. */
export function nothingFound(
  { text, range, arrivedBeforeMs, hasSearched, isPartial = false }: EmptyResult,
  { timezone }: Pick<ViewContext, 'timezone'>
): Notice {
  const times = range === undefined ? 'at any time' : `from ${formatTimes(range.fromMs, range.toMs, timezone)}`;
  if (isPartial) {
    return { severity: 'warning', text: `${text} ${times}. Not all data of this time were searched.` };
  }
  const since = arrivedBeforeMs === undefined ? '' : `from ${duration(arrivedBeforeMs)} before the time range `;
  return {
    severity: hasSearched ? 'info' : 'warning',
    text: `${text} ${times}. All data that arrived ${since}until this query were searched.`,
  };
}

/** Shows the whole sentence in a narrow panel: Grafana 12.4 reads the first option, and Grafana 12.0 the second one. */
const WRAPPED = { wrapText: true, cellOptions: { type: 'auto', wrapText: true } };

/**
 * The frame of an empty result. The panel _Table_ gets a row with the notice, because it shows the same "No data" for a
 * failed query. Other panels and Explore get the empty table.
 */
export function emptyTable(table: ComposedFrame, notice: Notice, { isTablePanel = false }: ViewContext): ComposedFrame {
  const notices = [...(table.notices ?? []), notice];
  const row = stringField('result', [notice.text], { displayName: 'Result', custom: WRAPPED });
  return isTablePanel ? { kind: table.kind, fields: [row], notices } : { ...table, notices };
}

/**
 * A table with a link that opens the query in Explore, with a range that begins and ends a day earlier and later. Only
 * Explore shows several frames, so there is no such table in panels. None if the data source does not permit the range.
 */
export function widerSearch(
  query: LinkQuery,
  { range, linkTarget, isPanel, maxRangeMs = Infinity }: ViewContext
): ComposedFrame[] {
  const wider = { fromMs: range.fromMs - WIDER_MS, toMs: range.toMs + WIDER_MS };
  if (isPanel || linkTarget === undefined || wider.toMs - wider.fromMs > maxRangeMs) {
    return [];
  }
  const title = `Search from ${duration(WIDER_MS)} before to ${duration(WIDER_MS)} after the time range`;
  return [
    {
      name: 'Wider search',
      kind: { type: 'table', preferredVisualisationType: 'table' },
      fields: [
        {
          kind: 'utf8',
          name: 'wider_search',
          values: [title],
          config: { displayName: 'Wider search', links: [rangeLink(title, linkTarget, query, wider)] },
        },
      ],
    },
  ];
}

/** Whole hours or minutes in words. */
function duration(ms: number): string {
  return ms % HOUR_MS === 0 ? formatCount(ms / HOUR_MS, 'hour') : formatCount(ms / MINUTE_MS, 'minute');
}
