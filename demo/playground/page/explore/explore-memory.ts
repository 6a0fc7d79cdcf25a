/**
 * Keeps the query of Explore in the browser's history, so that the page shows the query again when the user returns.
 */
import { isDateTime, type RawTimeRange } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type ExploreState, exploreState, type PageLocation } from '../location';

function formatTime(time: RawTimeRange['from']): string {
  return isDateTime(time) ? String(time.valueOf()) : time;
}

/** Saves a query that runs, and its time range. */
export function rememberExploreState(query: DataQuery, { from, to }: RawTimeRange): void {
  window.history.replaceState({ explore: { query, range: { from: formatTime(from), to: formatTime(to) } } }, '');
}

/** The last query that ran at this entry of the history. Default: the query in the URL. */
export function firstExploreState(location: PageLocation): ExploreState {
  const { explore } = (window.history.state ?? {}) as { explore?: ExploreState };
  return explore ?? exploreState(location);
}
