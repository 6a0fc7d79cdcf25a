/** The options with which the result of a statement is converted to frames. */
import { type FrameOptions } from '../../frames/data-frames/frame-options';
import { longestStepMs } from '../../sql/macros/longest-step';
import { isAlerting, isForExpressions } from '../caller';
import { lateNoticeOf } from '../late-notice';
import { loginOf, type QueryRun } from '../query-run';
import { byteLimit, truncatedRule, truncatedVolume } from '../result-limits';
import { type Statement, type WrittenStatement } from '../statement';

/**
 * SQL with the same columns as the result. Without grouping keys, this is the author's SQL before filters are inserted,
 * so the analysis of its columns stays cached when only the filters change.
 */
function shapeSql({ sql, options }: Statement): string {
  return options.groupByKeys.length > 0 ? sql.current : sql.original;
}

/** The options that do not depend on the run of the statement. */
type FixedOptions = Omit<FrameOptions, 'memory' | 'memoryLimitReason' | 'executedQueryString' | 'onLines' | 'stats'>;

/** The options of a statement in its format, with the limits of the data source. */
export function frameOptions(statement: WrittenStatement, run: QueryRun): FixedOptions {
  const { instance, request, query, caller, record, deadline, deps } = run;
  const { toSend, rowLimit: limit } = statement;
  const { expanded } = toSend;
  const { dataSource, grafanaConfig, user } = request.context;
  const { options, result, timeRange, lineOrder } = statement;
  const isRule = isAlerting(user, request.headers);
  const series = { format: options.format, fillMode: options.fillMode ?? expanded.fill };
  const isRows = result.kind === 'rows';
  return {
    refId: query.refId,
    format: result.kind === 'counts' ? 'log-volume' : options.format,
    isContinued: options.format === 'logs' && caller.origin.entrypoint === 'explore',
    truncationError: result.kind === 'counts' ? truncatedVolume : isRule ? truncatedRule(limit, series) : undefined,
    encoding: request.encoding,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    // A panel with log lines always has a row limit, and usually there are more lines.
    isRequestedLimit: options.format === 'logs' && limit.isOwn === true,
    firstLines: lineOrder && (lineOrder.isDescending ? 'newest' : 'oldest'),
    maxBytes: byteLimit({
      dataSourceBytes: instance.settings.maxResultBytes,
      grafanaBytes: grafanaConfig['GF_RESPONSE_LIMIT'],
    }),
    bigIntegersAsText: options.bigIntegersAsText,
    seriesFrames: isForExpressions(user, request.headers) ? 'multi' : 'wide',
    labelColumns: options.labelColumns,
    fillMode: series.fillMode,
    stepMs:
      result.kind === 'counts' ? result.stepMs : options.isBuilt ? longestStepMs(expanded.bins, timeRange) : undefined,
    window: { ...timeRange, intervalMs: query.intervalMs, bins: expanded.bins },
    timezone: options.timezone,
    legend: options.legend,
    groupByKeys: options.groupByKeys,
    notices: statement.notices?.map((notice) => ({ severity: 'warning', text: notice })),
    filterable:
      isRows && options.format !== 'time_series' ? deps.filterable.of(shapeSql(statement), loginOf(run)) : undefined,
    lateNotice: isRows ? lateNoticeOf(statement, run) : undefined,
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: timeRange },
    stages: record.stages,
    custom: {
      // Explore needs this limit to show which part of the time range the log lines cover.
      ...(statement.limit === undefined && limit.serverLimit !== undefined && { limit: limit.maxRows }),
      // Results for Grafana's expressions have no inspector.
      ...(!isForExpressions(user, request.headers) && { ...record.sentStatement, inserted: toSend.inserted() }),
    },
    signal: deadline.signal,
  };
}
