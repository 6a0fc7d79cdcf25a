/** Chooses the format of a new query from the columns of its result. */
import { type QueryFormat } from '../result-format';

/** A column of a result, with the name of its type in Grafana. */
export interface GrafanaColumn {
  name: string;
  /** `time`, `number`, `string`, `boolean`, or another type of Grafana. */
  type: string;
}

/** String columns that the log format reads as the message, as `docs/user/sql.md` lists them. */
const MESSAGES: readonly string[] = ['msg', 'body', 'message', 'line'];
/** Number columns that are not measurements. */
const LEVELS: readonly string[] = ['level', 'severity'];

/**
 * The format for a result with these columns:
 *
 * - `logs`: a time, and a string column with the name of a message. `level` alone does not make a log line: a count by
 *   level is a time series.
 * - `time_series`: exactly one time, at least one number, and otherwise only strings and booleans. With several times,
 *   as in a list of processes, the rows are not samples.
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
