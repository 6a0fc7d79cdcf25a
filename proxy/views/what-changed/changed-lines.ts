/**
 * Reads the log targets and levels that have their first lines in the window, or more lines than before the window. One
 * statement is sent, or two if the server has no `log_stats`.
 */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { msLiteral } from '../../../contract/sql/time-literals';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type TimeRangeMs } from '../lake-reader/lake-reader';
import { type ViewContext } from '../view-context';
import { linesSql, type LineSource, withLineSource } from '../processes/line-counts';
import { type Change, MIN_DEVIATIONS } from './change';
import { type ScopeProcess, type Scope } from './changed-processes';
import { BEFORE_MS, type ChangeWindow } from './window';

/** Bytes of the objects of a change, without its strings. */
const CHANGE_BYTES = 500;
/** The highest level: Trace. */
const ALL_LEVELS = 6;

/** Returns the changes. @param maxRows Maximum number of changes. @throws {ProxyError} Errors of the statement. */
export function changedLines(
  scope: Scope,
  processes: ReadonlyMap<string, ScopeProcess>,
  window: ChangeWindow,
  lake: ViewContext,
  maxRows: number
): Promise<Change[]> {
  const { beforeMs: fromMs, toMs } = window;
  const range: TimeRangeMs = { fromMs, toMs };
  return withLineSource(async (source) => {
    const changes: Change[] = [];
    const heap = new HeapCount(lake.memory);
    for await (const batch of lake.read({
      sql: changedLinesSql(scope, processes, window, lake, source, maxRows),
      range,
      maxRows,
    })) {
      const targets = batch.strings('target');
      const ids = 'exe' in scope ? undefined : batch.ids('process_id');
      const [levels, before, after, ranks] = ['level', 'expected', 'after_lines', 'rank'].map((name) =>
        batch.numbers(name)
      );
      const first = batch.int64('first_time');
      for (let row = 0; row < batch.length; row++) {
        const [processId, name] = [ids?.(row), targets(row) ?? ''];
        heap.add(CHANGE_BYTES + stringBytes(processId, name));
        changes.push({
          kind: ranks[row] === 0 ? 'new-lines' : ranks[row] === 1 ? 'more-lines' : 'first-lines',
          exe: 'exe' in scope ? scope.exe : ((processId && processes.get(processId)?.exe) ?? ''),
          ...(processId !== undefined && { processId }),
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

function changedLinesSql(
  scope: Scope,
  processes: ReadonlyMap<string, ScopeProcess>,
  window: ChangeWindow,
  { nowMs }: ViewContext,
  source: LineSource,
  maxRows: number
): string {
  const { beforeMs, fromMs, toMs } = window;
  const byProcess = 'exe' in scope ? '' : 'process_id, ';
  const columns = `${byProcess}target, level`;
  const ofScope =
    'exe' in scope
      ? // Blocks are found by recorded time, also if they arrived late. Processes are found by their arrival.
        `process_id IN (SELECT process_id FROM blocks WHERE "processes.exe" = ${quoteLiteral(scope.exe)})`
      : `process_id IN (${scope.processIds.map(quoteLiteral).join(', ')})`;
  const lines = linesSql({ range: { fromMs: beforeMs, toMs }, nowMs }, source, ALL_LEVELS, ` AND ${ofScope}`, columns);
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
    `ORDER BY rank, CASE WHEN rank = 0 THEN first_time END, CASE WHEN rank = 1 THEN after_lines / expected END DESC,\n` +
    `  level, after_lines DESC, ${byProcess}target\nLIMIT ${maxRows}`
  );
}

const nanos = (ms: number) => BigInt(ms) * 1_000_000n;

/**
 * SQL for the factor that scales the number of lines in the hour before the window to the length of the window. If a
 * process started in that hour, only the time since its start counts.
 */
function shareSql(processes: ReadonlyMap<string, ScopeProcess>, { beforeMs, fromMs, toMs }: ChangeWindow): string {
  const lengthMs = toMs - fromMs;
  const share = (beforeLengthMs: number) => (lengthMs / beforeLengthMs).toExponential(6);
  const young = [...processes]
    .filter(([, { startNs }]) => startNs > nanos(beforeMs) && startNs < nanos(fromMs))
    .map(([id, { startNs }]) => {
      const beforeLengthMs = Math.max(1, fromMs - Number(startNs / 1_000_000n));
      return ` WHEN ${quoteLiteral(id)} THEN ${share(beforeLengthMs)}`;
    });
  return young.length === 0 ? share(BEFORE_MS) : `CASE process_id${young.join('')} ELSE ${share(BEFORE_MS)} END`;
}

/**
 * SQL for the rank of lines that have no earlier lines: 2 if their process started in the window, 0 for other
 * processes.
 */
function newRankSql(processes: ReadonlyMap<string, ScopeProcess>, { fromMs }: ChangeWindow): string {
  const started = [...processes].filter(([, { startNs }]) => startNs >= nanos(fromMs)).map(([id]) => quoteLiteral(id));
  return started.length === 0 ? '0' : `CASE WHEN process_id IN (${started.join(', ')}) THEN 2 ELSE 0 END`;
}
