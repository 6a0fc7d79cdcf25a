/** Writes the statement of a query that has SQL, with the range to read and the limits of the result. */
import { BIN_MACRO } from '../sql/macros/macros';
import { lineOrderOf } from './log-slices/line-order';
import { type PreparedQuery, type QueryRun } from './query-run';
import { checkLongestRange } from './request-bounds';
import { byteLimit, rowLimit } from './result-limits';
import { readFrames, readParts } from './results/read-result';
import { alignedRange } from './sharing/aligned-range';
import { isShared, maxAgeMs } from './sharing/sharing';
import { sqlToSend, type Statement, type StatementToSend } from './statement';

/**
 * Writes the SQL of a statement. The statement runs when the result is read.
 *
 * @throws {ProxyError} 'time_range_too_long', 'macro_invalid', 'query_too_long'
 */
export function statementQuery(statement: Statement, run: QueryRun): PreparedQuery {
  const ready = statementToSend(statement, run);
  // A log context may have any range, because it reads only a few lines.
  if (statement.result.kind !== 'log-context') {
    checkLongestRange(requestedRange(statement, ready), run.instance.settings);
  }
  run.record.expanded(ready.toSend);
  return {
    frames: (memory) => readFrames(ready, run, memory),
    parts: (memory) => readParts(ready, run, memory),
  };
}

/**
 * The range that counts for _Longest range_: that of the query before it was aligned, with what `$__timeShift` adds.
 */
function requestedRange({ sentRange }: Statement, ready: StatementToSend): Statement['sentRange'] {
  const { sentRange: read, timeRange } = ready;
  const addedMs = read === undefined ? 0 : read.toMs - read.fromMs - (timeRange.toMs - timeRange.fromMs);
  return sentRange && { ...sentRange, fromMs: sentRange.fromMs - addedMs };
}

/** Runs a statement with the author's SQL. Log lines are read in slices of the time range if possible. */
export async function linesQuery(statement: Statement, run: QueryRun): Promise<PreparedQuery> {
  return statementQuery({ ...statement, lineOrder: await lineOrderOf(statement, run) }, run);
}

/**
 * Expands the macros for the range that is read. The ends of this range may depend on the bins of the macros, see
 * `alignedRange`.
 */
function statementToSend(statement: Statement, run: QueryRun): StatementToSend {
  const { settings } = run.instance;
  const { grafanaConfig } = run.request.context;
  const aligned = withAlignedRange(statement, run);
  const toSend = sqlToSend(aligned, run);
  return {
    ...aligned,
    toSend,
    sentRange: aligned.sentRange && (toSend.expanded.readRange ?? aligned.sentRange),
    rowLimit:
      statement.limit ??
      rowLimit({
        query: statement.options,
        maxDataPoints: run.query.maxDataPoints,
        dataSourceRows: settings.maxRows,
        grafanaRows: grafanaConfig['GF_SQL_ROW_LIMIT'],
      }),
    byteLimit: byteLimit({
      dataSourceBytes: settings.maxResultBytes,
      grafanaBytes: grafanaConfig['GF_RESPONSE_LIMIT'],
    }),
  };
}

/** Aligns the range of a panel, so that panels can share results. */
function withAlignedRange(statement: Statement, run: QueryRun): Statement {
  const { panel, timeRange, sentRange } = statement;
  if (panel === undefined || !isShared(run)) {
    return statement;
  }
  const bins = () => (BIN_MACRO.test(statement.sql.current) ? sqlToSend(statement, run).expanded.bins : undefined);
  const range = alignedRange(timeRange, panel, bins, maxAgeMs(run.instance.settings, panel));
  return range === timeRange ? statement : { ...statement, timeRange: range, sentRange: sentRange && range };
}
