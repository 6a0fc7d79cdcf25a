/**
 * Reads the log targets and levels of given processes that have their first lines in the window, or more lines than
 * before the window. One statement is sent, or two if the server has no `log_stats`.
 */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { msLiteral } from '../../../contract/sql/time-literals';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type ResultColumns } from '../lake-reader/result-columns';
import { type ViewContext } from '../view-context';
import { linesSql, type LineSource, withLineSource } from '../processes/line-counts';
import { literals } from '../traces/span-conditions';
import { type Change, CHANGE_BYTES, MIN_DEVIATIONS } from './change';
import { type ScopeProcess } from './changed-processes';
import { type ChangeWindow, shareOf } from './window';

/** The highest level: Trace. */
export const ALL_LEVELS = 6;

/** Returns the changes. @param maxRows Maximum number of changes. @throws {ProxyError} Errors of the statement. */
export function changedLines(
  processIds: readonly string[],
  processes: ReadonlyMap<string, ScopeProcess>,
  window: ChangeWindow,
  lake: ViewContext,
  maxRows: number
): Promise<Change[]> {
  const { beforeMs: fromMs, toMs } = window;
  return withLineSource(async (source) => {
    const changes: Change[] = [];
    const heap = new HeapCount(lake.memory);
    for await (const batch of lake.read({
      sql: changedLinesSql(processIds, processes, window, lake, source, maxRows),
      range: { fromMs, toMs },
      maxRows,
      columns: LINE_COLUMNS,
    })) {
      const targets = batch.strings('target');
      const ids = batch.ids('process_id');
      const [levels, before, ranks] = ['level', 'expected', 'rank'].map((name) => batch.numbers(name));
      const after = batch.counts('after_lines');
      const first = batch.int64('first_time');
      for (let row = 0; row < batch.length; row++) {
        const [processId, name] = [ids(row), targets(row) ?? ''];
        heap.add(CHANGE_BYTES + stringBytes(processId, name));
        changes.push({
          kind: ranks[row] === 0 ? 'new-lines' : ranks[row] === 1 ? 'more-lines' : 'first-lines',
          exe: processes.get(processId)?.exe ?? '',
          processId,
          target: name,
          level: levels[row],
          before: before[row],
          after: after[row],
          firstNs: first[row],
        });
      }
      heap.note();
    }
    return changes;
  });
}

/** The columns of `changedLinesSql`. */
const LINE_COLUMNS: ResultColumns = {
  process_id: 'string',
  target: 'string',
  level: 'number',
  after_lines: 'number',
  expected: 'number',
  first_time: 'int64',
  rank: 'number',
};

function changedLinesSql(
  processIds: readonly string[],
  processes: ReadonlyMap<string, ScopeProcess>,
  window: ChangeWindow,
  { nowMs }: ViewContext,
  source: LineSource,
  maxRows: number
): string {
  const { beforeMs, fromMs, toMs, atMs } = window;
  const columns = 'process_id, target, level';
  const ofScope = ` AND process_id IN (${literals(processIds)})`;
  const lines = linesSql({ range: { fromMs: beforeMs, toMs }, nowMs }, source, ALL_LEVELS, ofScope, columns);
  const inWindow = `time >= ${msLiteral(fromMs)}`;
  return (
    `SELECT ${columns}, after_lines, expected, first_time, rank FROM (\n` +
    `  SELECT ${columns}, after_lines, first_time, before_lines * ${shareSql(processes, window)} AS expected,\n` +
    `    CASE WHEN before_lines > 0 THEN 1 ELSE ${newRankSql(processes, window)} END AS rank\n` +
    `  FROM (\n` +
    `    SELECT ${columns}, min(CASE WHEN ${inWindow} THEN time END) AS first_time,\n` +
    `      cast(sum(CASE WHEN ${inWindow} THEN 0 ELSE lines END) AS bigint) AS before_lines,\n` +
    `      cast(sum(CASE WHEN ${inWindow} THEN lines ELSE 0 END) AS bigint) AS after_lines\n` +
    `    FROM (\n${lines}\n    ) AS counted GROUP BY ${columns}\n` +
    `  ) AS sums WHERE after_lines > 0\n` +
    `) AS changes\n` +
    `WHERE rank <> 1 OR after_lines - expected >= ${MIN_DEVIATIONS} * sqrt(expected + 1)\n` +
    `ORDER BY rank, ${byTimeSql(atMs)}, CASE WHEN rank = 1 THEN after_lines / expected END DESC,\n` +
    `  level, after_lines DESC, process_id, target\nLIMIT ${maxRows}`
  );
}

/** The order of `compareChanges` for lines that are new. */
function byTimeSql(atMs: number | undefined): string {
  const ifNew = (condition: string) => `CASE WHEN rank = 0${condition} THEN first_time END`;
  return atMs === undefined
    ? ifNew('')
    : `${ifNew(` AND first_time <= ${msLiteral(atMs)}`)} DESC NULLS LAST, ${ifNew('')}`;
}

const nanos = (ms: number) => BigInt(ms) * 1_000_000n;

/**
 * SQL for the factor that scales the number of lines before the window to the length of the window. If a process
 * started in the time before, only the time since its start counts.
 */
function shareSql(processes: ReadonlyMap<string, ScopeProcess>, window: ChangeWindow): string {
  const { beforeMs, fromMs } = window;
  const share = (startMs: number) => shareOf({ ...window, beforeMs: startMs }).toExponential(6);
  const young = [...processes]
    .filter(([, { startNs }]) => startNs > nanos(beforeMs) && startNs < nanos(fromMs))
    .map(([id, { startNs }]) => {
      const startMs = Math.min(Number(startNs / 1_000_000n), fromMs - 1);
      return ` WHEN ${quoteLiteral(id)} THEN ${share(startMs)}`;
    });
  return young.length === 0 ? share(beforeMs) : `CASE process_id${young.join('')} ELSE ${share(beforeMs)} END`;
}

/**
 * SQL for the rank of lines that have no earlier lines: 2 if their process started in the window, 0 for other
 * processes.
 */
function newRankSql(processes: ReadonlyMap<string, ScopeProcess>, { fromMs }: ChangeWindow): string {
  const started = [...processes].filter(([, { startNs }]) => startNs >= nanos(fromMs)).map(([id]) => quoteLiteral(id));
  return started.length === 0 ? '0' : `CASE WHEN process_id IN (${started.join(', ')}) THEN 2 ELSE 0 END`;
}
