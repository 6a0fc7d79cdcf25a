/** Counts the lines of processes by level: fatal, errors and warnings. */
import { StringMap } from '../../../contract/string-map';
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { msLiteral } from '../../../contract/sql/time-literals';

/** The numbers of lines of one process in the range of the query. */
export interface LineCounts {
  fatal: number;
  error: number;
  warn: number;
  /** Time of the newest fatal line, in nanoseconds since 1970. It is exact or rounded down to the minute. */
  lastFatalNs: bigint | undefined;
}

const NO_LINES: LineCounts = { fatal: 0, error: 0, warn: 0, lastFatalNs: undefined };

/** The levels `fatal` and `warn`. */
export const FATAL = 1;
const WARN = 3;
const MINUTE_MS = 60_000;
/**
 * A minute is counted in `log_stats` only if it ended at least this many milliseconds ago. The server fills `log_stats`
 * after `log_entries`, some seconds after lines arrive, so newer minutes are counted in `log_entries`.
 */
export const STATISTICS_AGE_MS = 10 * MINUTE_MS;
/** Maximum number of ids in one statement. */
const IDS_PER_STATEMENT = 1000;

/** The table in which lines are counted. `log_stats` is much faster, but an administrator can remove it. */
export type LineSource = 'log_stats' | 'log_entries';

/**
 * A subquery for the lines of the range with at most the given level. It has the columns in `columns`, then `lines`
 * (the number of lines that a row stands for) and `time`.
 *
 * @param where Further conditions, such as ` AND process_id = '…'`. May be empty.
 * @param columns Columns that both tables have.
 */
export function linesSql(
  { range, nowMs }: Pick<ViewContext, 'range' | 'nowMs'>,
  source: LineSource,
  level: number,
  where: string,
  columns = 'process_id, level'
): string {
  const rows = (counted: string, table: string, time: string, { fromMs, toMs }: TimeRangeMs, end: '<' | '<=') =>
    `SELECT ${columns}, ${counted} FROM ${table} WHERE level <= ${level} AND ${time} >= ${msLiteral(fromMs)} ` +
    `AND ${time} ${end} ${msLiteral(toMs)}${where}`;
  const lines = (span: TimeRangeMs, end: '<' | '<=') => rows('1 AS lines, time', 'log_entries', 'time', span, end);
  const startMs = Math.ceil(range.fromMs / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.floor(Math.min(range.toMs, nowMs - STATISTICS_AGE_MS) / MINUTE_MS) * MINUTE_MS;
  if (source === 'log_entries' || endMs <= startMs) {
    return lines(range, '<=');
  }
  return [
    rows('count AS lines, time_bin AS time', 'log_stats', 'time_bin', { fromMs: startMs, toMs: endMs }, '<'),
    ...(range.fromMs < startMs ? [lines({ fromMs: range.fromMs, toMs: startMs }, '<')] : []),
    lines({ fromMs: endMs, toMs: range.toMs }, '<='),
  ].join('\nUNION ALL ');
}

/**
 * Runs `read` with `log_stats`, and again with `log_entries` if the server rejects the first statement as invalid.
 *
 * @param read Runs a statement on the given table.
 */
export async function withLineSource<T>(read: (source: LineSource) => Promise<T>): Promise<T> {
  try {
    return await read('log_stats');
  } catch (reason) {
    if (!(reason instanceof ProxyError) || reason.code !== 'query_invalid') {
      throw reason;
    }
    return read('log_entries');
  }
}

/**
 * Counts fatal lines, errors and warnings in the range of the query. A process has no entry if it has no lines of these
 * levels.
 */
export async function countLines(ids: readonly string[], lake: ViewContext): Promise<ReadonlyMap<string, LineCounts>> {
  const counts = new StringMap<LineCounts>();
  for (let at = 0; at < ids.length; at += IDS_PER_STATEMENT) {
    const some = ids.slice(at, at + IDS_PER_STATEMENT);
    const where = ` AND process_id IN (${some.map(quoteLiteral).join(', ')})`;
    await withLineSource((source) => addCounts(counts, linesSql(lake, source, WARN, where), lake));
  }
  return counts;
}

const COUNT_COLUMNS: ResultColumns = { process_id: 'string', level: 'number', lines: 'number', newest: 'int64' };

async function addCounts(counts: StringMap<LineCounts>, lines: string, lake: ViewContext): Promise<void> {
  const sql =
    `SELECT process_id, level, cast(sum(lines) AS bigint) AS lines, max(time) AS newest FROM (\n${lines}\n) AS counted ` +
    'GROUP BY process_id, level';
  for await (const batch of lake.read({
    sql,
    range: lake.range,
    maxRows: IDS_PER_STATEMENT * WARN,
    columns: COUNT_COLUMNS,
  })) {
    const id = batch.ids('process_id');
    const [levels, sums, newest] = [batch.numbers('level'), batch.counts('lines'), batch.int64('newest')];
    for (let row = 0; row < batch.length; row++) {
      const process = id(row);
      const before = counts.get(process) ?? NO_LINES;
      counts.set(process, withLevel(before, levels[row], sums[row], newest[row]));
    }
  }
}

function withLevel(counts: LineCounts, level: number, lines: number, newest: bigint): LineCounts {
  switch (level) {
    case FATAL:
      return { ...counts, fatal: lines, lastFatalNs: newest };
    case WARN:
      return { ...counts, warn: lines };
    default:
      return { ...counts, error: lines };
  }
}

/** The counts of a process. Zeros if it has no entry. */
export function countsOf(counts: ReadonlyMap<string, LineCounts>, id: string): LineCounts {
  return counts.get(id) ?? NO_LINES;
}
