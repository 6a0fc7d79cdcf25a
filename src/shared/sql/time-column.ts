/** The time column of a table. */
import { type ColumnInfo } from '../../../contract/resources/resources';

/**
 * Names of time columns in Micromegas's tables, the best one first. `last_update_time` comes before `start_time`,
 * because a process that started before the time range may have run in it.
 */
const TIME_COLUMNS: readonly string[] = ['time', 'time_bin', 'last_update_time', 'begin', 'start_time', 'begin_time'];

/** The time column to which the time range applies. Undefined if no column has times. */
export function timeColumnOf(columns: readonly ColumnInfo[]): string | undefined {
  const names = columns.filter(({ type }) => /^(?:Timestamp|Date)/.test(type)).map(({ name }) => name);
  return TIME_COLUMNS.find((name) => names.includes(name)) ?? names[0];
}
