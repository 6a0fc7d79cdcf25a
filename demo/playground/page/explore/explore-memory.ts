/** Keeps the query of Explore in the browser's history, so that it is on the screen again when the user comes back. */
import { isDateTime, type RawTimeRange } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type ExploreState, exploreState, type PageLocation } from '../location';

function formatTime(time: RawTimeRange['from']): string {
  return isDateTime(time) ? String(time.valueOf()) : time;
}

/** Call it when a query runs. */
export function rememberExploreState(query: DataQuery, { from, to }: RawTimeRange): void {
  window.history.replaceState({ explore: { query, range: { from: formatTime(from), to: formatTime(to) } } }, '');
}

/** The query that ran last at this place of the history, else the one in the address. */
export function firstExploreState(location: PageLocation): ExploreState {
  const { explore } = (window.history.state ?? {}) as { explore?: ExploreState };
  return explore ?? exploreState(location);
}
