/**
 * Descriptions of macros for completion and help. `proxy/sql-macros` expands them. In panels, the browser replaces the last
 * two macros, which are Grafana's own.
 */

export interface MacroInfo {
  /** With the dollar sign. */
  name: string;
  /** Arguments for the help; undefined for a macro without parentheses. */
  args?: string;
  description: string;
}

export const MACROS: readonly MacroInfo[] = [
  {
    name: '$__timeFilter',
    args: 'column',
    description: 'True for rows of the time range: column >= from AND column <= to.',
  },
  { name: '$__timeRange', args: 'column', description: 'The same as $__timeFilter.' },
  { name: '$__timeRangeFrom', args: 'column', description: 'Only the lower end: column >= from.' },
  { name: '$__timeRangeTo', args: 'column', description: 'Only the upper end: column <= to.' },
  { name: '$__timeFrom', description: 'Start of the time range, as a timestamp.' },
  { name: '$__timeTo', description: 'End of the time range, as a timestamp.' },
  {
    name: '$__dateBin',
    args: 'column',
    description: "Start of the interval that contains the time. The width is the panel's interval.",
  },
  { name: '$__dateBinAlias', args: 'column', description: 'Like $__dateBin, named column_binned.' },
  {
    name: '$__timeGroup',
    args: 'column, unit',
    description: 'Parts of the time from the unit upwards, for GROUP BY: minute, hour, day, month or year.',
  },
  {
    name: '$__timeGroupAlias',
    args: 'column, unit',
    description: 'Like $__timeGroup, with names column_minute and so on.',
  },
  {
    name: '$__interval',
    description:
      "The panel's interval. In panels it is text such as 10s, in alert rules an SQL interval. $__dateBin works in both.",
  },
  { name: '$__interval_ms', description: "The panel's interval in milliseconds, as a number." },
];
