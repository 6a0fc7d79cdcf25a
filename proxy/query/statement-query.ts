/** Writes the statement of a query with SQL for the range that is read, and with the limit of its rows. */
import { callerOf } from './caller';
import { checkLongestRange } from './longest-range';
import { type PreparedQuery, type QueryRun } from './query-run';
import { rowLimit } from './result-limits';
import { readFrames, readParts } from './results/read-result';
import { readRange } from './sharing/read-range';
import { isShared, maxAgeMs } from './sharing/sharing';
import { type SqlToSend } from './authored-sql';
import { expandedSql, type Statement, type WrittenStatement } from './statement';

/**
 * Writes the SQL of a statement. It runs when the result is read.
 *
 * @throws {ProxyError} 'time_range_too_long', 'macro_invalid', 'query_too_long'
 */
export function statementQuery(statement: Statement, run: QueryRun): PreparedQuery {
  // The neighbours of a log line are few lines of one process.
  if (statement.result.kind !== 'own-lines') {
    checkLongestRange(statement.sentRange, run.instance.settings);
  }
  const written = writtenStatement(statement, run);
  run.record.toSend = written.toSend;
  return {
    frames: (memory) => readFrames(written, run, memory),
    parts: (memory) => readParts(written, run, memory),
  };
}

/** The macros are expanded for the range that is read, see `readRange`. */
function writtenStatement(statement: Statement, run: QueryRun): WrittenStatement {
  const toSend = expandedSql(statement, run);
  const read = statementOfPanel(statement, toSend, run);
  const smallest =
    statement.limit ??
    rowLimit({
      query: statement.options,
      maxDataPoints: run.query.maxDataPoints,
      dataSourceRows: run.instance.settings.maxRows,
      grafanaRows: run.request.context.grafanaConfig['GF_SQL_ROW_LIMIT'],
    });
  return { ...read, toSend: read === statement ? toSend : expandedSql(read, run), rowLimit: smallest };
}

function statementOfPanel(statement: Statement, { expanded }: SqlToSend, run: QueryRun): Statement {
  const { panel, timeRange, sentRange, purpose } = statement;
  const { context, headers } = run.request;
  if (panel === undefined || !isShared(run, callerOf(context.user, headers, purpose))) {
    return statement;
  }
  const range = readRange(timeRange, panel, expanded.bins, maxAgeMs(run.instance.settings, panel));
  return range === timeRange ? statement : { ...statement, timeRange: range, sentRange: sentRange && range };
}
