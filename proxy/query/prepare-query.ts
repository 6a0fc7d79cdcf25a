/**
 * Prepares a query: reads its model, expands its macros, starts the statement, and sets the options of its frames.
 */
import { parseJson } from '../../contract/parse-json';
import { MAX_MODEL_BYTES, queryProblem } from '../../contract/queries/query-bounds';
import { TAIL_PURPOSE } from '../../contract/logs/live-tail';
import { isLogContextRequest, type LogContextRequest } from '../../contract/logs/log-context';
import { type MicromegasQueryFields, readQuery, type RunnableQuery, sqlOf } from '../../contract/queries/query';
import { hasInput } from '../../contract/query-types/typed-request';
import { type LineColumn, LinePositions } from '../../contract/sql/sql-parser';
import { type EditedText, type SqlPosition } from '../../contract/sql/text-edits';
import { type Deadline } from '../base/async/deadline';
import { type FrameOptions } from '../frames/data-frames/build-frames';
import { ProxyError } from '../base/errors/proxy-error';
import { type FlightMessage } from '../lakehouse/flight-sql/flight-sql-client';
import { type Freshness } from '../views/freshness/freshness';
import { type Instance } from '../lakehouse/instances/instance';
import { contextStatement } from './logs/context-sql';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { type FilterableColumns } from '../sql/edit/filterable-columns';
import { longestStepMs } from '../sql/macros/longest-step';
import { type ExpandedSql, measureMacros, unchangedSql } from '../sql/macros/expand-macros';
import { type QueryStages } from '../observe/telemetry/query-stages';
import { type TraceContext } from '../observe/telemetry/trace-context';
import {
  byteLimit,
  inMegabytes,
  memoryLimitReason,
  type RowLimit,
  rowLimit,
  truncatedRule,
  truncatedVolume,
} from './answer-limits';
import { callerOf, hasViewer, isAlerting, isExplore, isForExpressions } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';
import { lateNoticeOf } from './query-freshness';

/** A saved query, with the values that are needed to run it. */
export interface QueryModel {
  query: RunnableQuery;
  /** The SQL as the user wrote it, not trimmed, so that positions are those of the editor. */
  written: string;
  purpose: string | undefined;
  /** True when there is nothing to run. */
  isEmpty: boolean;
  /** The SQL before filters were inserted. Missing: `query.sql`. */
  authorSql?: string;
  /** The place in the author's SQL of an offset in `query.sql`. Missing: the same offset. */
  sourceOffset?: (offset: number) => number;
  /** Filters that have no effect, as sentences. */
  remarks?: readonly string[];
  /** The SQL was written by the proxy, without macros. Its range replaces that of the request. Missing: it is the user's SQL. */
  own?: { range: DataQuery['timeRange'] | undefined };
  /** The most rows of the answer. Missing: the limits of the query and of the data source. */
  limit?: RowLimit;
  /** True if the SQL counts the lines of a logs query. */
  isVolume?: boolean;
  /** Length of the bins of a log volume, in milliseconds. */
  stepMs?: number;
}

/** The purposes of queries that do not belong to a panel, in the words that the browser half sends. */
const PURPOSES: readonly unknown[] = ['variable', 'annotation'];

/** @throws {ProxyError} 'query_model_invalid', 'query_too_long' */
function savedModel({ json }: DataQuery): unknown {
  if (json.length > MAX_MODEL_BYTES) {
    throw new ProxyError('query_too_long', {
      detail: `The saved query has ${inMegabytes(json.length)} with all of its fields; at most ${inMegabytes(MAX_MODEL_BYTES)} are allowed.`,
    });
  }
  let saved: unknown;
  try {
    saved = parseJson(new TextDecoder().decode(json));
  } catch (cause) {
    throw new ProxyError('query_model_invalid', { detail: 'The saved query is not JSON.', cause });
  }
  const problem = queryProblem(saved);
  if (problem !== undefined) {
    throw new ProxyError(problem.kind === 'too-long' ? 'query_too_long' : 'query_model_invalid', {
      detail: [problem.message],
    });
  }
  return saved;
}

/** The filters without the ad hoc filters. */
function savedFilters({ filters }: MicromegasQueryFields): RunnableQuery['filters'] {
  return readQuery({ filters }).filters;
}

/** The query for the neighbours of a log line. It has no filters, because they would hide neighbours. */
function contextModel(request: LogContextRequest): QueryModel {
  const { sql, range } = contextStatement(request);
  const query = readQuery({ query: sql, format: 'logs', timeFilter: range !== undefined, autoLimit: false });
  return { query, written: sql, purpose: 'log-context', isEmpty: false, own: { range } };
}

/** @throws {ProxyError} 'query_model_invalid', 'query_too_long', 'tail_not_possible' for a query without SQL */
export function parseModel(query: DataQuery, { context, headers }: QueryDataRequest): QueryModel {
  const saved = savedModel(query);
  const fields: MicromegasQueryFields = saved !== null && typeof saved === 'object' ? saved : {};
  if (isLogContextRequest(fields.logContext)) {
    return contextModel(fields.logContext);
  }
  const purpose = 'purpose' in fields && PURPOSES.includes(fields.purpose) ? String(fields.purpose) : undefined;
  const model = readQuery(saved, isAlerting(context.user, headers) ? 'alert rule' : 'panel');
  const runnable = hasViewer(context.user, headers)
    ? model
    : { ...model, filters: savedFilters(fields), supplementary: undefined, tail: undefined, logPage: undefined };
  if (runnable.request !== undefined && runnable.tail !== undefined) {
    throw new ProxyError('tail_not_possible', {
      detail: `A query of the type ${runnable.request.type} has no log lines to follow.`,
      advice: 'Stop the live tail and run the query.',
    });
  }
  return {
    query: runnable,
    written: typeof saved === 'string' ? saved : sqlOf(fields),
    purpose: purpose ?? (query.refId === 'Anno' ? 'annotation' : runnable.tail && TAIL_PURPOSE),
    isEmpty: isEmpty(runnable),
  };
}

function isEmpty({ sql, request }: RunnableQuery): boolean {
  return request === undefined ? sql === '' : !hasInput(request);
}

/** The query with another SQL, whose places can be traced back to the SQL of the author. */
export function withSql(model: QueryModel, { text, sourceOffset }: EditedText): QueryModel {
  const before = model.sourceOffset ?? ((offset: number) => offset);
  return {
    ...model,
    query: { ...model.query, sql: text },
    authorSql: model.authorSql ?? model.query.sql,
    sourceOffset: (offset) => before(sourceOffset(offset)),
  };
}

/** The SQL to send, whose places can be traced back to the SQL of the user. */
export interface PreparedSql extends ExpandedSql {
  /**
   * The place in the SQL of the user.
   *
   * @param sent The text of this SQL.
   * @param at   A place in that text.
   */
  writtenPosition(sent: string, at: LineColumn): SqlPosition;
}

/**
 * Expands the macros. Alert rules use UTC, also if their query was made from a panel with another time zone.
 *
 * @throws {ProxyError} 'macro_invalid', 'query_too_long'
 */
export function expandedSql(model: QueryModel, query: DataQuery, request: QueryDataRequest): PreparedSql {
  const { written } = model;
  const { sql, timezone, timeFilter } = model.query;
  const start = written.length - written.trimStart().length;
  const positionOf = (offset: number) => {
    const inWritten = start + (model.sourceOffset?.(offset) ?? offset);
    return { ...new LinePositions(written).positionOf(inWritten), offset: inWritten };
  };
  const zone = isAlerting(request.context.user, request.headers) ? undefined : timezone;
  const context = {
    ...query.timeRange,
    intervalMs: Math.max(1, model.query.supplementary?.intervalMs ?? query.intervalMs),
    timezone: zone,
    readsOtherTimes: !timeFilter,
  };
  // Text of log lines may look like a macro.
  const expanded = model.own === undefined ? measureMacros(sql, context, positionOf) : unchangedSql(sql);
  return {
    ...expanded,
    toString: () => expanded.toString(),
    writtenPosition: (sent, at) => positionOf(expanded.sourceOffset(new LinePositions(sent).offsetOf(at))),
  };
}

/** The number of copies of the SQL while a query runs: the text, the ticket, the message, and the bytes to send. */
const SQL_COPIES = 4;

/**
 * Writes the SQL as soon as there is memory for it, because a short query may expand to a long SQL text, and a request may have
 * many queries.
 *
 * @throws {ProxyError} 'memory_busy', 'query_cancelled', 'result_too_large'
 */
export async function writtenSql(expanded: ExpandedSql, memory: MemoryAccount): Promise<string> {
  const bytes = expanded.length * SQL_COPIES;
  await memory.reserve(bytes);
  memory.adopt(bytes);
  return expanded.toString();
}

export interface QueryContext {
  instance: Instance;
  request: QueryDataRequest;
  /** The account for received bytes and for their conversion to frames. */
  memory: MemoryAccount;
  /** The columns of the result that are columns of tables. */
  filterable: Pick<FilterableColumns, 'of'>;
  freshness: Pick<Freshness, 'begin'>;
  /** `startedMs` is a time of the clock `now`. */
  record: { startedMs: number; stages: QueryStages; trace?: TraceContext };
  /** Milliseconds since 1970. */
  now: () => number;
  deadline: Deadline;
}

export interface StartedQuery {
  messages: AsyncIterable<FlightMessage>;
  options: FrameOptions;
}

/** The SQL to send, as a text and as it was prepared. */
export interface SqlToRun {
  sql: string;
  prepared: PreparedSql;
}

/** The call starts when the first message is pulled. */
export function startQuery(
  query: DataQuery,
  model: QueryModel,
  { sql, prepared }: SqlToRun,
  context: QueryContext
): StartedQuery {
  const { instance, request, record, memory, filterable, now, deadline } = context;
  const { signal } = deadline;
  const { startedMs, stages, trace } = record;
  const { settings } = instance;
  const { dataSource, grafanaConfig, user } = request.context;
  const runnable = model.query;
  const isVolume = model.isVolume === true;
  const series = { format: runnable.format, fillMode: runnable.fillMode ?? prepared.fill };
  const limit =
    model.limit ??
    rowLimit({
      query: runnable,
      maxDataPoints: query.maxDataPoints,
      dataSourceRows: settings.maxRows,
      grafanaRows: grafanaConfig['GF_SQL_ROW_LIMIT'],
    });
  let endpoints: number | undefined;
  const messages = instance.execute(sql, {
    ...callerOf(user, request.headers, model.purpose),
    trace,
    stages,
    range: model.own === undefined ? (runnable.timeFilter ? query.timeRange : undefined) : model.own.range,
    limit: limit.serverLimit,
    signal,
    deadline,
    memory,
    onEndpoints: (count) => (endpoints = count),
  });
  const options: FrameOptions = {
    refId: query.refId,
    format: isVolume ? 'log-volume' : series.format,
    isContinued: runnable.format === 'logs' && isExplore(user, request.headers, model.purpose),
    truncationError: isVolume
      ? truncatedVolume
      : isAlerting(user, request.headers)
        ? truncatedRule(limit, series)
        : undefined,
    encoding: request.encoding,
    maxRows: limit.maxRows,
    rowLimitReason: limit.reason,
    maxBytes: byteLimit({
      dataSourceBytes: settings.maxAnswerBytes,
      grafanaBytes: grafanaConfig['GF_RESPONSE_LIMIT'],
    }),
    memory,
    memoryLimitReason: memoryLimitReason(memory.limitBytes),
    executedQueryString: sql,
    bigIntegersAsText: runnable.bigIntegersAsText,
    seriesFrames: isForExpressions(user, request.headers) ? 'multi' : 'wide',
    labelColumns: runnable.labelColumns,
    fillMode: series.fillMode,
    stepMs: model.stepMs ?? (runnable.isBuilt ? longestStepMs(prepared.bins, query.timeRange) : undefined),
    window: { ...query.timeRange, intervalMs: query.intervalMs, bins: prepared.bins },
    timezone: runnable.timezone,
    legend: runnable.legend,
    notices: model.remarks?.map((text) => ({ severity: 'warning', text })),
    filterable:
      isVolume || runnable.format === 'time_series' || model.own !== undefined
        ? undefined
        : filterable.of(model.authorSql ?? runnable.sql, user?.login ?? ''),
    lateNotice: isVolume || model.own !== undefined ? undefined : lateNoticeOf(model, query, context),
    linkTarget: dataSource && { uid: dataSource.uid, name: dataSource.name, range: query.timeRange },
    stats: { now, startedMs, facts: () => ({ tokenAgeMs: tokenAgeMs(instance, now()), endpoints }) },
    stages,
    // Explore uses this limit to show which part of the time range the log lines cover.
    custom: model.limit !== undefined || limit.serverLimit === undefined ? undefined : { limit: limit.maxRows },
    signal,
  };
  return { messages, options };
}

function tokenAgeMs({ currentToken }: Instance, nowMs: number): number | undefined {
  return currentToken === undefined ? undefined : nowMs - currentToken.receivedAtMs;
}
