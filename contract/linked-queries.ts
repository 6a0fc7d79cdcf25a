/** Queries that links open, in both halves. Their SQL is fixed: the value of a link is the value of a filter. */
import { type MicromegasQueryFields } from './query';
import { type QueryFilter } from './query-filter';

/** Limit for rows of logs, as the editor sets it. */
const LOG_ROWS = 1000;

const LINES = `SELECT time, level, target, msg, exe, username, computer, process_id, stream_id, properties
FROM log_entries
WHERE $__timeFilter(time)
ORDER BY time DESC`;

/** The options of a query with fixed SQL and the filters of a link. */
export function filteredQuery(filters: QueryFilter[]): MicromegasQueryFields {
  return { filters, timeFilter: true, autoLimit: false, rawEditor: true };
}

/** The log lines that fulfil the filters. */
export function linesQuery(filters: QueryFilter[]): MicromegasQueryFields {
  return { query: LINES, format: 'logs', rowLimit: LOG_ROWS, ...filteredQuery(filters) };
}
