/**
 * Values of the options that decide how the rows of a query become a result: the format, the filling of gaps and the
 * order of log lines.
 */

/** `patterns`: patterns of the texts of log lines, see `PatternOptions`. Not in the older plugin. */
export const QUERY_FORMATS = ['table', 'time_series', 'logs', 'patterns'] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/** The value of a time series at a time without a row: null, zero, or the previous value. */
export const FILL_MODES = ['null', 'zero', 'previous'] as const;
export type FillMode = (typeof FILL_MODES)[number];

/**
 * Row limit of the log queries that the editor, the builder and links write. A logs panel shows about this many rows.
 */
export const DEFAULT_LOG_ROWS = 1000;

/** `backward`: the newest lines first. `forward`: the oldest lines first. */
export const LOG_DIRECTIONS = ['backward', 'forward'] as const;
export type LogDirection = (typeof LOG_DIRECTIONS)[number];
