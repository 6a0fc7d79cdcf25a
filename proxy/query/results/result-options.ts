/**
 * The options with which the result of a statement is converted to frames: its format, its limits, its notices, and the
 * facts for the statistics of the query.
 */
import { type FrameOptions, type QueryFacts } from '../../frames/data-frames/frame-options';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { filterableColumns } from '../../sql/edit/filterable-columns';
import { longestBinMs } from '../../sql/macros/time-bins';
import { type LateNotice } from '../../views/freshness/freshness';
import { callerOf, isAlerting, isForExpressions } from '../caller';
import { heatmapNotice } from '../heatmap-notice';
import { loginOf } from '../parser-job';
import { queuedMs, type QueryRun } from '../query-run';
import { type ReadStrategy } from '../read-strategy';
import { memoryLimitReason, truncatedRule, truncatedVolume } from '../result-limits';
import { type SharedResult } from '../../lakehouse/shared-results/recording';
import { variableNotice } from '../sql-advice';
import { type Statement, type StatementToSend } from '../statement';

/** A result before its first message is pulled. */
interface OpenedResult {
  /** The SQL that is sent. */
  sql: string;
  memory: MemoryAccount;
  /** The result of another caller. Undefined: the query sends its own statements. */
  shared: SharedResult | undefined;
  strategy: ReadStrategy;
  /** The result of `startLateNotice`. */
  lateNotice: LateNotice | undefined;
  /** The number of endpoints of the last statement. Undefined until the server has reported them. */
  endpoints: () => number | undefined;
}

/** The options for the result of a statement. */
export function frameOptions(statement: StatementToSend, run: QueryRun, opened: OpenedResult): FrameOptions {
  const { request, query, caller, record, deadline, deps } = run;
  const { toSend, rowLimit: limit } = statement;
  const { expanded } = toSend;
  const { dataSource, user } = request.context;
  const { options, result, timeRange, lineOrder } = statement;
  const isRule = isAlerting(user, request.headers);
  const series = { format: options.format, fillMode: options.fillMode ?? expanded.fill };
  const isRows = result.kind === 'rows';
  const heatmap = isRows && options.format === 'time_series' ? heatmapNotice(opened.sql, request.headers) : undefined;
  return {
    refId: query.refId,
    format: result.kind === 'counts' ? 'log-volume' : options.format,
    isContinued: options.format === 'logs' && caller.origin.entrypoint === 'explore',
    truncationError: result.kind === 'counts' ? truncatedVolume : isRule ? truncatedRule(limit, series) : undefined,
    encoding: request.encoding,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    // A logs query usually has more lines than its row limit, so the notice on this limit is only an info.
    isRequestedLimit: options.format === 'logs' && limit.isOwn === true,
    firstLines: lineOrder && (lineOrder.isDescending ? 'newest' : 'oldest'),
    maxBytes: statement.byteLimit,
    memory: opened.memory,
    memoryLimitReason: memoryLimitReason(opened.memory.limitBytes),
    executedQueryString: opened.sql,
    bigIntegersAsText: options.bigIntegersAsText,
    seriesFrames: isForExpressions(user, request.headers) ? 'multi' : 'wide',
    labelColumns: options.labelColumns,
    hidesSharedUnit: options.isBuiltMeasure,
    fillMode: series.fillMode,
    binMs:
      result.kind === 'counts' ? result.binMs : options.isBuilt ? longestBinMs(expanded.bins, timeRange) : undefined,
    window: { ...timeRange, intervalMs: query.intervalMs, bins: expanded.bins },
    timezone: options.timezone,
    legend: options.legend,
    groupByKeys: options.groupByKeys,
    notices: [
      ...(statement.notices ?? []).map((text) => ({ severity: 'warning' as const, text })),
      ...(heatmap === undefined ? [] : [heatmap]),
    ],
    // Alert rules show no filter buttons.
    filterable:
      isRows && !isRule && options.format !== 'time_series'
        ? filterableColumns(shapeSql(statement), loginOf(run), deps.parser)
        : undefined,
    lateNotice: opened.lateNotice,
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: timeRange },
    onLines: opened.strategy.onLines,
    stages: record.stages,
    stats: {
      now: () => record.stages.elapsedMs(),
      startedMs: 0,
      // No statement of this query has been sent yet, so this is the wait for the statement of another query.
      joinedMs: record.stages.sumOf('first_batch'),
      queuedMs: () => queuedMs(run),
      facts: () => factsOf(statement, run, opened),
    },
    custom: {
      // Explore needs this limit to show which part of the time range the log lines cover.
      ...(statement.limit === undefined && limit.serverLimit !== undefined && { limit: limit.maxRows }),
      // Results for Grafana's expressions have no inspector.
      ...(!isForExpressions(user, request.headers) && { inserted: toSend.inserted() }),
    },
    sent: isForExpressions(user, request.headers) ? undefined : () => record.sentStatement,
    signal: deadline.signal,
  };
}

/**
 * SQL with the same columns as the result, for the analysis of the columns. Without grouping keys, it is the author's
 * SQL before filters are inserted. So a cached analysis can be used again when only the filters change.
 */
function shapeSql({ sql, options }: Statement): string {
  return options.groupByKeys.length > 0 ? sql.current : sql.original;
}

/** The facts about the statements of a result. Called when the frame of the result is written. */
function factsOf(
  { timeRange, panel }: StatementToSend,
  run: QueryRun,
  { shared, strategy, endpoints }: OpenedResult
): QueryFacts {
  const { instance, query, record, deps } = run;
  const { slices, refresh } = strategy.facts();
  const { currentToken } = instance;
  return {
    tokenAgeMs: currentToken && deps.now() - currentToken.receivedAtMs,
    // Endpoints are not reported for slices, because each slice has different endpoints.
    endpoints: slices === undefined ? endpoints() : undefined,
    session: record.sentStatement?.session,
    slices,
    shared,
    readRange: panel === undefined || timeRange === query.timeRange ? undefined : timeRange,
    refresh,
  };
}

/**
 * The notice that is also shown for a result without rows. If the SQL contains variables that were not replaced, the
 * notice names these variables, because they usually cause an empty result. For other SQL, the notice says how far the
 * data are behind. The notice about the data exists only in Explore and for signed-in viewers of dashboards, if the
 * settings allow it. It is computed in parallel with the query.
 *
 * @returns Undefined if there is no notice, or if the result has other rows than the author's SQL returns.
 */
export function startLateNotice(
  { sql, options, timeRange, result }: Statement,
  { instance, request, query, caller, record, deps }: QueryRun
): LateNotice | undefined {
  if (result.kind !== 'rows') {
    return undefined;
  }
  const { user } = request.context;
  const { freshnessNotices } = instance.settings;
  const { entrypoint } = caller.origin;
  const notice = variableNotice(sql.original, entrypoint);
  if (notice !== undefined) {
    return () => Promise.resolve(notice);
  }
  const isWanted =
    (entrypoint === 'explore' && freshnessNotices !== 'off') ||
    (entrypoint === 'dashboard' && freshnessNotices === 'dashboards');
  return isWanted
    ? deps.freshness.begin({
        instance,
        call: { ...callerOf(user, request.headers, 'freshness'), trace: record.trace, lane: 'continued' },
        sql: sql.current,
        toMs: timeRange.toMs,
        timezone: options.timezone,
        panelIntervalMs: entrypoint === 'dashboard' ? query.intervalMs : undefined,
      })
    : undefined;
}
