/**
 * The macros: one table for their expansion, completion, the help of the editor and the documentation.
 *
 * Some macros belong to this data source, such as `$__timeFilter(time)`. Others are Grafana's own: `$__interval`,
 * `$__interval_ms` and the category `grafana`. In panels, the browser replaces Grafana's own macros. Alert rules and
 * public dashboards send these macros unchanged, so the backend replaces them too.
 */

export type MacroCategory = 'time range' | 'interval' | 'filter' | 'grafana';

interface MacroEntry {
  /** Without the leading `$__`. */
  name: string;
  /** Names of the arguments. Optional arguments end with `?`. */
  args: readonly string[];
  category: MacroCategory;
  /** Plain text for completion, the help and the documentation. */
  description: string;
  /** Result of the expansion for the documentation, as Markdown. */
  expansion: string;
  /** An example on Micromegas's own tables that returns rows. The example may use the dashboard variable `$exe`. */
  example: string;
}

export const MACROS = [
  {
    name: 'timeFilter',
    args: ['column'],
    category: 'time range',
    description: 'True for rows of the time range: column >= from AND column <= to.',
    expansion: "`column >= '<from>' AND column <= '<to>'`",
    example: 'SELECT time, msg FROM log_entries WHERE $__timeFilter(time) LIMIT 10',
  },
  {
    name: 'timeRange',
    args: ['column'],
    category: 'time range',
    description: 'The same as $__timeFilter.',
    expansion: 'the same as `$__timeFilter`',
    example: 'SELECT time, value FROM measures WHERE $__timeRange(time) LIMIT 10',
  },
  {
    name: 'timeRangeFrom',
    args: ['column'],
    category: 'time range',
    description: 'Only the lower end: column >= from.',
    expansion: "`column >= '<from>'`",
    example: 'SELECT exe, last_update_time FROM processes WHERE $__timeRangeFrom(last_update_time)',
  },
  {
    name: 'timeRangeTo',
    args: ['column'],
    category: 'time range',
    description: 'Only the upper end: column <= to.',
    expansion: "`column <= '<to>'`",
    example: 'SELECT exe, start_time FROM processes WHERE $__timeRangeTo(start_time)',
  },
  {
    name: 'timeShift',
    args: ['column', 'interval'],
    category: 'time range',
    description:
      "True for rows of the time range, moved into the past by the interval, such as '1d' or '1w'. The query then reads this earlier range.",
    expansion: "`column >= '<from − interval>' AND column <= '<to − interval>'`",
    example:
      "SELECT $__dateBin(time + interval '1 hour') AS time, count(*) AS an_hour_before FROM log_entries WHERE $__timeShift(time, '1h') GROUP BY 1 ORDER BY 1",
  },
  {
    name: 'timeFrom',
    args: [],
    category: 'time range',
    description: 'Start of the time range, as a timestamp.',
    expansion: "`cast('<from>' as timestamp)`",
    example: 'SELECT count(*) AS messages FROM log_entries WHERE time >= $__timeFrom',
  },
  {
    name: 'timeTo',
    args: [],
    category: 'time range',
    description: 'End of the time range, as a timestamp.',
    expansion: "`cast('<to>' as timestamp)`",
    example: 'SELECT exe FROM processes WHERE start_time <= $__timeTo',
  },
  {
    name: 'dateBin',
    args: ['column', 'interval?', 'fill?'],
    category: 'interval',
    description:
      "Start of the interval that contains the time. Without an interval, the width is the panel's. Intervals of days, weeks, months and years ('1d', '1w', '1M', '1y') begin at midnight in the time zone of the dashboard. fill: as for $__timeGroup.",
    expansion: "`date_bin(interval '…', column, timestamp '1970-01-01T00:00:00Z')`; for days and longer, see below",
    example: "SELECT $__dateBin(time, '1d') AS time, count(*) AS messages FROM log_entries GROUP BY 1 ORDER BY 1",
  },
  {
    name: 'dateBinAlias',
    args: ['column', 'interval?', 'fill?'],
    category: 'interval',
    description: 'Like $__dateBin, named column_binned.',
    expansion: 'the same `as column_binned`',
    example: 'SELECT $__dateBinAlias(time), avg(value) AS value FROM measures GROUP BY 1 ORDER BY 1',
  },
  {
    name: 'timeGroup',
    args: ['column', 'interval', 'fill?'],
    category: 'interval',
    description:
      "Start of the interval that contains the time, in UTC. interval is '5m', $__interval, 'auto' or a number of milliseconds. fill (NULL, previous or a number) adds a point to each empty interval of a time series. With minute, hour, day, month or year instead of an interval: the parts of the time from that unit upwards, for GROUP BY.",
    expansion:
      "`date_bin(interval '…', column, …)`; for a unit such as `hour`: `datepart('hour', column)`, … `datepart('year', column)`, for the unit and all larger ones",
    example: "SELECT $__timeGroup(time, '5m', 0) AS time, count(*) AS messages FROM log_entries GROUP BY 1 ORDER BY 1",
  },
  {
    name: 'timeGroupAlias',
    args: ['column', 'interval', 'fill?'],
    category: 'interval',
    description: 'Like $__timeGroup, named time. With a unit: names column_minute and so on.',
    expansion: 'the same, followed by `AS time`; for a unit, the columns are named `column_minute`, …',
    example: 'SELECT $__timeGroupAlias(time, auto), count(*) AS messages FROM log_entries GROUP BY 1 ORDER BY 1',
  },
  {
    name: 'interval',
    args: [],
    category: 'interval',
    description:
      "The panel's interval. In panels it is text such as 10s, in alert rules an SQL interval. $__dateBin works in both.",
    expansion: "`interval '10 second'`; in panels Grafana replaces it with `10s`, so prefer `$__dateBin`",
    example:
      'SELECT $__timeGroup(time, $__interval) AS time, count(*) AS messages FROM log_entries GROUP BY 1 ORDER BY 1',
  },
  {
    name: 'interval_ms',
    args: [],
    category: 'interval',
    description: "The panel's interval in milliseconds, as a number.",
    expansion: 'the interval in milliseconds',
    example: 'SELECT count(*) * 1000.0 / $__interval_ms AS per_interval FROM log_entries',
  },
  {
    name: 'conditionalAll',
    args: ['condition', 'variable'],
    category: 'filter',
    description: 'The condition, or true if All is selected in the variable.',
    expansion: '`true` if **All** is selected, else the condition',
    example: 'SELECT time, exe, msg FROM log_entries WHERE $__conditionalAll(exe IN ($exe), $exe) LIMIT 10',
  },
  {
    name: 'adHocFilters',
    args: [],
    category: 'filter',
    description: 'The place for the ad hoc filters of the dashboard. Without filters it is true.',
    expansion: 'the ad hoc filters of the dashboard as a condition, or `true`',
    example: 'SELECT time, msg FROM log_entries WHERE $__adHocFilters LIMIT 10',
  },
  {
    name: 'from',
    args: [],
    category: 'grafana',
    description: 'Start of the time range, in milliseconds since 1970.',
    expansion: 'the start of the range in milliseconds since 1970',
    example: 'SELECT to_timestamp_millis($__from) AS start',
  },
  {
    name: 'to',
    args: [],
    category: 'grafana',
    description: 'End of the time range, in milliseconds since 1970.',
    expansion: 'the end of the range in milliseconds since 1970',
    example: 'SELECT to_timestamp_millis($__to) AS end_of_range',
  },
  {
    name: 'range',
    args: [],
    category: 'grafana',
    description: 'Length of the time range as text, such as 3600s. Write quotes around it.',
    expansion: 'the length of the range: `3600s`',
    example: "SELECT '$__range' AS length",
  },
  {
    name: 'range_s',
    args: [],
    category: 'grafana',
    description: 'Length of the time range in seconds.',
    expansion: 'the length of the range in seconds',
    example: 'SELECT count(*) / ($__range_s + 0.0) AS messages_per_second FROM log_entries',
  },
  {
    name: 'range_ms',
    args: [],
    category: 'grafana',
    description: 'Length of the time range in milliseconds.',
    expansion: 'the length of the range in milliseconds',
    example: 'SELECT count(*) / ($__range_ms + 0.0) AS messages_per_ms FROM log_entries',
  },
] as const satisfies readonly MacroEntry[];

export type MacroName = (typeof MACROS)[number]['name'];

/** The name with its prefix: `$__timeFilter`. */
export function formatMacro({ name }: Pick<MacroEntry, 'name'>): string {
  return `$__${name}`;
}

/** The arguments as the help shows them: `column[, interval]`. Undefined for a macro without parentheses. */
export function macroArguments({ args }: Pick<MacroEntry, 'args'>): string | undefined {
  if (args.length === 0) {
    return undefined;
  }
  return args
    .map((arg, index) =>
      arg.endsWith('?') ? `[${index === 0 ? '' : ', '}${arg.slice(0, -1)}]` : index === 0 ? arg : `, ${arg}`
    )
    .join('');
}

/** The syntax of the macro, such as `$__dateBin(column[, interval][, fill])`. */
export function macroUsage(macro: Pick<MacroEntry, 'name' | 'args'>): string {
  const args = macroArguments(macro);
  return args === undefined ? formatMacro(macro) : `${formatMacro(macro)}(${args})`;
}
