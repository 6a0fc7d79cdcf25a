/** Chooses the format of a new query from the columns of its result. */
import { type QueryFormat } from '../result-format';

/** A column of a result, with the name of its type in Grafana. */
export interface GrafanaColumn {
  name: string;
  /** `time`, `number`, `string`, `boolean`, or another type of Grafana. */
  type: string;
}

/** Names of string columns that the log format reads as the message. `docs/user/sql.md` lists these names. */
const MESSAGES: readonly string[] = ['msg', 'body', 'message', 'line'];
/** Names of number columns that are not measurements. */
const LEVELS: readonly string[] = ['level', 'severity'];

/**
 * The format for a result with these columns:
 *
 * - `logs`: a time column, and a string column for the message, such as `msg`. A column `level` is not enough, because
 *   a count by level is a time series.
 * - `time_series`: exactly one time column, and at least one number column besides `level` and `severity`. All columns
 *   are times, numbers, strings or booleans. If there are several time columns, as in a list of processes, the rows are
 *   not samples.
 * - `table`: any other result.
 */
export function formatFor(columns: readonly GrafanaColumn[]): QueryFormat {
  const times = columns.filter(({ type }) => type === 'time');
  const hasMessage = columns.some(({ name, type }) => type === 'string' && MESSAGES.includes(name.toLowerCase()));
  if (times.length > 0 && hasMessage) {
    return 'logs';
  }
  const hasNumber = columns.some(({ name, type }) => type === 'number' && !LEVELS.includes(name.toLowerCase()));
  const isPlain = columns.every(({ type }) => ['time', 'number', 'string', 'boolean'].includes(type));
  return times.length === 1 && hasNumber && isPlain ? 'time_series' : 'table';
}
