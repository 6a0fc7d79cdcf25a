/** Writes the statement of a query that has SQL, with the range to read and the limits of the result. */
import { BIN_MACRO } from '../sql/macros/macros';
import { type PreparedQuery, type QueryRun } from './query-run';
import { checkLongestRange } from './request-bounds';
import { byteLimit, rowLimit } from './result-limits';
import { readFrames, readParts } from './results/read-result';
import { alignedRange } from './sharing/aligned-range';
import { isShared, maxAgeMs } from './sharing/sharing';
import { expandedSql, type Statement, type WrittenStatement } from './statement';

/**
 * Writes the SQL of a statement. The statement runs when the result is read.
 *
 * @throws {ProxyError} 'time_range_too_long', 'macro_invalid', 'query_too_long'
 */
export function statementQuery(statement: Statement, run: QueryRun): PreparedQuery {
  // Log contexts are exempt, because they read only a few lines.
  if (statement.result.kind !== 'written-lines') {
    checkLongestRange(statement.sentRange, run.instance.settings);
  }
  const written = writtenStatement(statement, run);
  run.record.expanded(written.toSend);
  return {
    frames: (memory) => readFrames(written, run, memory),
    parts: (memory) => readParts(written, run, memory),
  };
}

/**
 * Expands the macros for the range that is read. The ends of this range may depend on the bins of the macros, see
 * `alignedRange`.
 */
function writtenStatement(statement: Statement, run: QueryRun): WrittenStatement {
  const { settings } = run.instance;
  const { grafanaConfig } = run.request.context;
  const aligned = withAlignedRange(statement, run);
  return {
    ...aligned,
    toSend: expandedSql(aligned, run),
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
  const bins = () => (BIN_MACRO.test(statement.sql.current) ? expandedSql(statement, run).expanded.bins : undefined);
  const range = alignedRange(timeRange, panel, bins, maxAgeMs(run.instance.settings, panel));
  return range === timeRange ? statement : { ...statement, timeRange: range, sentRange: sentRange && range };
}
