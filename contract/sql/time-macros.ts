/**
 * The macros for the time range, as they are written. Not derived from `macros.ts`, whose strings would be in every
 * bundle. A test compares both.
 */

/** Conditions on a column of time, such as `$__timeFilter(time)`. */
export const TIME_CONDITION_MACROS: readonly string[] = [
  '$__timeFilter',
  '$__timeRange',
  '$__timeRangeFrom',
  '$__timeRangeTo',
];

/** Points in time. They may be written with empty parentheses. */
export const TIME_POINT_MACROS: readonly string[] = ['$__timeFrom', '$__timeTo'];
