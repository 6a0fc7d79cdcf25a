/** The time column of a table. */
import { type ColumnInfo } from '../../../contract/resources/resources';

/**
 * Names of time columns in Micromegas's tables, the best one first. A process that still runs began before the time
 * range.
 */
const TIME_COLUMNS: readonly string[] = ['time', 'time_bin', 'last_update_time', 'begin', 'start_time', 'begin_time'];

/** The time column to which the time range applies. Undefined if none of the columns has times. */
export function timeColumnOf(columns: readonly ColumnInfo[]): string | undefined {
  const names = columns.filter(({ type }) => /^(?:Timestamp|Date)/.test(type)).map(({ name }) => name);
  return TIME_COLUMNS.find((name) => names.includes(name)) ?? names[0];
}
