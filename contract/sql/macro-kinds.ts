/**
 * The kind of SQL that each macro expands to, and the columns of the macros for time bins. The file is separate from
 * `macros.ts`: a bundle that needs only the names does not contain the descriptions of all macros.
 */
import { type MacroName } from './macros';

/**
 * - `time-condition`: a condition on a time column, such as `$__timeFilter(time)`
 * - `shifted-condition`: a condition on a time column with a range before that of the query
 * - `condition`: another condition
 * - `time`: a point in time; the macro may be written with empty parentheses
 * - `epoch`: a point in time in milliseconds since 1970
 * - `bin`: the start of the time bin of a column, such as `$__dateBin(time)`
 * - `value`: a number or a string that depends only on the interval and the length of the time range
 */
export type MacroKind = 'time-condition' | 'shifted-condition' | 'condition' | 'time' | 'epoch' | 'bin' | 'value';

const KINDS = {
  timeFilter: 'time-condition',
  timeRange: 'time-condition',
  timeRangeFrom: 'time-condition',
  timeRangeTo: 'time-condition',
  timeShift: 'shifted-condition',
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
  from: 'epoch',
  to: 'epoch',
  range: 'value',
  range_s: 'value',
  range_ms: 'value',
} as const satisfies Readonly<Record<MacroName, MacroKind>>;

/** The macros of a kind, with their prefix: `$__timeFilter`. */
function ofKind(wanted: MacroKind): readonly string[] {
  return Object.entries(KINDS).flatMap(([name, kind]) => (kind === wanted ? [`$__${name}`] : []));
}

export const TIME_CONDITION_MACROS = ofKind('time-condition');
export const CONDITION_MACROS = ofKind('condition');
export const TIME_POINT_MACROS = ofKind('time');
export const BIN_MACROS = ofKind('bin');
/** Macros that contain the start or the end of the time range of the query. */
const OWN_RANGE_MACROS: readonly string[] = [...TIME_CONDITION_MACROS, ...TIME_POINT_MACROS, ...ofKind('epoch')];
/** Macros that contain the start or the end of the time range, or of an earlier one. */
export const RANGE_MACROS: readonly string[] = [...OWN_RANGE_MACROS, ...ofKind('shifted-condition')];

/** True for a macro with the range of the query itself. @param name Without its prefix: `timeFilter`. */
export function readsOwnRange(name: string): boolean {
  return OWN_RANGE_MACROS.includes(`$__${name}`);
}
/** Grafana's own macros, which the browser replaces in panels. */
export const GRAFANA_MACROS: readonly string[] = [...ofKind('value'), ...ofKind('epoch')];

/** Names of the macros for time bins, without their prefix: `dateBin`. */
export type BinMacroName = {
  [Name in MacroName]: (typeof KINDS)[Name] extends 'bin' ? Name : never;
}[MacroName];

/** The columns of a macro for time bins. */
interface BinColumns {
  /** Returns the alias that the macro writes, such as `time_binned` for the column `time`. Undefined: no alias. */
  alias: ((column: string) => string) | undefined;
  /** True if the macro accepts a unit in place of an interval. */
  hasUnits: boolean;
}

const COLUMNS: Readonly<Record<BinMacroName, BinColumns>> = {
  dateBin: { alias: undefined, hasUnits: false },
  dateBinAlias: { alias: (column) => `${column}_binned`, hasUnits: false },
  timeGroup: { alias: undefined, hasUnits: true },
  timeGroupAlias: { alias: () => 'time', hasUnits: true },
};

const COLUMNS_BY_MACRO: ReadonlyMap<string, BinColumns> = new Map(
  Object.entries(COLUMNS).map(([name, columns]) => [`$__${name}`, columns])
);

/**
 * The units that some macros accept in place of an interval. For the unit `hour`, such a macro expands to four columns:
 * hour, day, month and year.
 */
export const BIN_UNITS = ['minute', 'hour', 'day', 'month', 'year'] as const;

/** True for a macro that may expand to several columns. @param macro With its prefix: `$__timeGroup`. */
export function mayHaveSeveralColumns(macro: string): boolean {
  return COLUMNS_BY_MACRO.get(macro)?.hasUnits ?? false;
}

/**
 * The names that a macro gives to its columns, as they are written in its expansion. Empty for a macro without names.
 *
 * @param macro    With its prefix: `$__dateBinAlias`.
 * @param column   Name of the binned column.
 * @param interval The interval or the unit without quotes.
 */
export function binAliases(macro: string, column: string, interval?: string): readonly string[] {
  const { alias, hasUnits } = COLUMNS_BY_MACRO.get(macro) ?? {};
  if (alias === undefined) {
    return [];
  }
  const unit = hasUnits ? BIN_UNITS.findIndex((each) => each === interval?.toLowerCase()) : -1;
  return unit < 0 ? [alias(column)] : BIN_UNITS.slice(unit).map((each) => `${column}_${each}`);
}
