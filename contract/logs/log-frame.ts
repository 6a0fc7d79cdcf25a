/** The names in a frame of log lines, which the backend writes and the browser reads. */

/**
 * Grafana's names of the fields of a line: its time, its message, the name of its level, an id that is unique in the
 * frame, and its labels by name. `severity` may be missing. Other columns of a result are fields with their own names.
 */
export const LOG_FIELDS = {
  time: 'timestamp',
  body: 'body',
  severity: 'severity',
  id: 'id',
  labels: 'labels',
} as const;

/**
 * Grafana's names of the levels 1 to 6 of Micromegas, used as values of the field `severity`. They are in the order of
 * the levels, because the backend makes the SQL of filters from this list.
 */
export const SEVERITIES = ['critical', 'error', 'warning', 'info', 'debug', 'trace'] as const;

/** The fields that the backend adds to `meta.custom` of a frame. */
export interface LogFrameMeta {
  /** Name of the column with the time of the lines. */
  timeColumn: string;
  labels: LabelSources;
}

/** The sources of labels. The browser uses this object to find the group that a label belongs to. */
export interface LabelSources {
  /** Labels that are columns of the result: string columns, and the level. */
  columns: readonly string[];
  /**
   * Prefixes of labels that are properties of the process. A label that is not in `columns` and has no such prefix is a
   * property of the line.
   */
  processPrefixes: readonly string[];
}
