/** Starting values of queries made here. Saved queries are never changed to these. */
import { type MicromegasQueryFields } from '../../contract/query';

/** Rows that a log query asks for when its author named no limit: a logs panel shows about as many. */
export const DEFAULT_LOG_ROWS = 1000;

/**
 * A new query. A table shows the answer to any SQL, so it is the format to start with, in Explore as well. No limit is
 * set: cutting at the panel's width, as the older plugin did, makes sums and series wrong.
 */
export function newQuery(): MicromegasQueryFields {
  return { query: '', format: 'table', timeFilter: true, autoLimit: false, rawEditor: true, version: 2 };
}
