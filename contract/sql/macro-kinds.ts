/**
 * The kind of SQL that each macro expands to. The kinds are not in `macros.ts`, because the descriptions of all macros
 * would then be in every bundle that needs a list of names.
 */
import { type MacroName } from './macros';

/**
 * - `time-condition`: a condition on a time column, such as `$__timeFilter(time)`
 * - `condition`: another condition
 * - `time`: a point in time, which may be written with empty parentheses
 * - `bin`: the start of the time bin of a column, such as `$__dateBin(time)`
 * - `value`: a number or a string that depends only on the time range and the interval
 */
export type MacroKind = 'time-condition' | 'condition' | 'time' | 'bin' | 'value';

const KINDS: Readonly<Record<MacroName, MacroKind>> = {
  timeFilter: 'time-condition',
  timeRange: 'time-condition',
  timeRangeFrom: 'time-condition',
  timeRangeTo: 'time-condition',
  timeFrom: 'time',
  timeTo: 'time',
  dateBin: 'bin',
  dateBinAlias: 'bin',
  timeGroup: 'bin',
  timeGroupAlias: 'bin',
  interval: 'value',
  interval_ms: 'value',
  conditionalAll: 'condition',
  adHocFilters: 'condition',
  from: 'value',
  to: 'value',
  range: 'value',
  range_s: 'value',
  range_ms: 'value',
};

/** The macros of a kind, with their prefix: `$__timeFilter`. */
function ofKind(wanted: MacroKind): readonly string[] {
  return Object.entries(KINDS).flatMap(([name, kind]) => (kind === wanted ? [`$__${name}`] : []));
}

export const TIME_CONDITION_MACROS = ofKind('time-condition');
export const CONDITION_MACROS = ofKind('condition');
export const TIME_POINT_MACROS = ofKind('time');
export const BIN_MACROS = ofKind('bin');
