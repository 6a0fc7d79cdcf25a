/**
 * The queries that links open, for example the log lines of the process in a cell. Both the frontend and the backend
 * make such links. A filter of such a query has the value of the clicked cell. The SQL in this file does not contain
 * the value.
 */
import { type MicromegasQueryFields } from './query';
import { type QueryFilter } from './query-filter';
import { DEFAULT_LOG_ROWS } from '../result-format';
import { type WhatChangedRequest } from '../query-types/what-changed';

/** Grafana's variable for the value of the clicked cell. */
export const CELL = '${__value.raw}';

function linesSql(condition = ''): string {
  return `SELECT time, level, target, msg, exe, username, computer, process_id, stream_id, properties
FROM log_entries${condition}`;
}

/**
 * State of Explore's logs panel for the log lines that a link opens. The panel shows the program, the target and the
 * message of a line. `___LOG_LINE_BODY___` is Grafana's name of the message.
 */
export const LINES_PANEL = { displayedFields: ['exe', 'target', '___LOG_LINE_BODY___'] } as const;

/**
 * The range of a link to the lines around a time ends this many milliseconds after that time. The query reads the
 * newest lines of the range. If the range ended later, lines long after that time would use up the row limit.
 */
export const LINES_AFTER_MS = 10_000;

/**
 * Row limit for the lines of a process around a time. The range ends 10 seconds after that time, and the newest lines
 * are returned. So if the process writes fewer than 500 lines per second, the result also has lines from before that
 * time.
 */
const AROUND_ROWS = 5000;

/** The filters of a link, and the options of the link's query. */
export function filteredQuery(filters: QueryFilter[]): MicromegasQueryFields {
  return { filters, timeFilter: true, autoLimit: false, rawEditor: true };
}

/** The query of the log lines that are in the time range and fulfil the filters. */
export function logLinesQuery(filters: QueryFilter[]): MicromegasQueryFields {
  const query = linesSql('\nWHERE $__timeFilter(time)');
  return { query, format: 'logs', direction: 'backward', rowLimit: DEFAULT_LOG_ROWS, ...filteredQuery(filters) };
}

/**
 * The query of the log lines that fulfil the filters and are between two times. The time range of the dashboard does
 * not apply.
 *
 * @param from The first time, as the value of a filter, such as `1767225600000` or `1767225600000-5m`.
 * @param to   The last time.
 */
export function linesBetweenQuery(filters: QueryFilter[], from: string, to: string): MicromegasQueryFields {
  const times: QueryFilter[] = [
    { key: 'time', operator: '>=', value: from },
    { key: 'time', operator: '<=', value: to },
  ];
  return { ...logLinesQuery([...filters, ...times]), query: linesSql(), timeFilter: false };
}

/** Like `linesBetweenQuery`, for the lines around a time. `to` is `LINES_AFTER_MS` after the time. */
export function linesAroundQuery(filters: QueryFilter[], from: string, to: string): MicromegasQueryFields {
  return { ...linesBetweenQuery(filters, from, to), rowLimit: AROUND_ROWS };
}

/**
 * The query of the average of each measure in each time bin. The filters select the measures.
 *
 * @param step SQL of the start of a time bin, such as `$__dateBin(time)`.
 */
export function averagesQuery(filters: QueryFilter[], step: string): MicromegasQueryFields {
  const query = `SELECT ${step} AS time, name, avg(value) AS value
FROM measures
WHERE $__timeFilter(time)
GROUP BY 1, 2
ORDER BY 1`;
  return { query, format: 'time_series', ...filteredQuery(filters) };
}

/** The query of the type `what-changed` for the request. */
export function whatChangedQuery(request: WhatChangedRequest): MicromegasQueryFields {
  return { queryType: 'what-changed', 'what-changed': request };
}
