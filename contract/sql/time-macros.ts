/**
 * The names of the time range macros. They are not derived from `macros.ts`, because the descriptions of all macros
 * would then be in every bundle that needs the names. A test compares both files.
 */

/** Conditions on a time column, such as `$__timeFilter(time)`. */
export const TIME_CONDITION_MACROS: readonly string[] = [
  '$__timeFilter',
  '$__timeRange',
  '$__timeRangeFrom',
  '$__timeRangeTo',
];

/** Points in time. They may be written with empty parentheses. */
export const TIME_POINT_MACROS: readonly string[] = ['$__timeFrom', '$__timeTo'];
